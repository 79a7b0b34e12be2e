"""Scripts from TOML, with every name in them looked up in the message spec."""

import tomllib
from collections.abc import Iterable, Iterator
from importlib.resources.abc import Traversable
from pathlib import Path

from pydantic import ValidationError

from protocol.spec import SpecDocument, load_spec
from simulator.scripts.model import Each, Expect, Script, Send, Step
from simulator.scripts.names import field_number, tag_of
from simulator.scripts.references import reference_faults

FILE_MAXIMUM_BYTES = 1 << 20


class ScriptFault(Exception):  # noqa: N818  (not an error in the program)
    """A script can't be used; `faults` lists everything that is wrong, one line each."""

    def __init__(self, source: str, faults: list[str]) -> None:
        self.source = source
        self.faults = faults
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__("\n".join([f"{source}: {count} in the script", *faults]))


def load_script(path: Path | Traversable) -> Script:
    """The script of a file. Raises ScriptFault."""
    source = str(path)
    try:
        with path.open("rb") as file:
            raw = file.read(FILE_MAXIMUM_BYTES + 1)
        text = raw.decode("utf-8")
    except OSError as error:
        raise ScriptFault(source, [error.strerror or "can't be read"]) from None
    except UnicodeDecodeError as error:
        raise ScriptFault(source, [f"byte {error.start} is not UTF-8"]) from None
    if len(raw) > FILE_MAXIMUM_BYTES:
        raise ScriptFault(source, [f"a script has at most {FILE_MAXIMUM_BYTES} bytes"])
    return parse_script(text, source)


def parse_script(text: str, source: str) -> Script:
    """Check a script written as TOML; `source` names it in faults. Raises ScriptFault."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScriptFault(source, [str(error)]) from None
    except RecursionError:
        raise ScriptFault(source, ["nested too deep"]) from None
    return checked_script(document, source)


def checked_script(document: dict[str, object], source: str) -> Script:
    """The script that a document describes. Raises ScriptFault."""
    try:
        script = Script.model_validate(document)
    except ValidationError as error:
        raise ScriptFault(source, list(_lines(error))) from None
    faults = list(dict.fromkeys(_name_faults(load_spec("vafa"), script.steps, "steps")))
    if faults:
        raise ScriptFault(source, faults)
    return script


def _lines(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_url=False, include_context=False, include_input=False):
        place = ".".join(str(part) for part in fault["loc"])
        message = fault["msg"].removeprefix("Value error, ")
        for line in message.split("; "):
            yield f"{place}: {line}" if place else line


def _name_faults(spec: SpecDocument, steps: Iterable[Step], place: str) -> Iterator[str]:
    for number, step in enumerate(steps, 1):
        here = f"{place}.{number}"
        for fault in reference_faults(step.model_dump(exclude={"steps"})):
            yield f"{here}: {fault}"
        if isinstance(step, Each):
            yield from _name_faults(spec, step.steps, f"{here}.steps")
            continue
        fields = [*getattr(step, "fields", ()), *getattr(step, "without", ())]
        tags = [*getattr(step, "tags", ()), *getattr(step, "record", ())]
        for key in fields:
            if field_number(spec, key) is None:
                yield f"{here}: no field has the number or name {key}"
        for key in tags:
            if tag_of(spec, key) is None:
                yield f"{here}: no tag has the name {key}"
        if isinstance(step, Send | Expect) and step.message not in spec.messages:
            original = step.message[:3] + str(int(step.message[3]) & ~1)
            if original not in spec.messages:
                yield f"{here}: the spec has no message {step.message}"
