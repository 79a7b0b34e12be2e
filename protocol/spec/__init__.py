"""Message specs as data: `load_spec("vafa")` gives the bundled dialect."""

import tomllib
from functools import cache
from importlib.resources import files

from pydantic import ValidationError

from protocol.faults import FaultCode, ProtocolFault
from protocol.spec.schema import (
    FieldSpec,
    MessageTypeSpec,
    ResponseCodeSpec,
    SpecDocument,
    TagSpec,
)

__all__ = [
    "FieldSpec",
    "MessageTypeSpec",
    "ResponseCodeSpec",
    "SpecDocument",
    "SpecFault",
    "TagSpec",
    "load_spec",
    "parse_spec",
]


class SpecFault(ProtocolFault):
    """A spec is wrong; `faults` lists everything that is, one line each."""

    def __init__(self, source: str, faults: list[str]) -> None:
        self.faults = faults
        self.source = source
        super().__init__(FaultCode.BAD_SPEC, source, side="local")

    def __str__(self) -> str:
        if not hasattr(self, "faults"):
            return super().__str__()
        return "\n".join([f"{self.source}: {len(self.faults)} faults in the message spec", *self.faults])


def parse_spec(text: str, source: str) -> SpecDocument:
    """Check a spec written as TOML; `source` names it in faults. Raises SpecFault with all faults at once."""
    try:
        return SpecDocument.model_validate(_numbered(tomllib.loads(text)))
    except tomllib.TOMLDecodeError as error:
        raise SpecFault(source, [str(error)]) from None
    except ValidationError as error:
        lines = [
            f"{'.'.join(str(part) for part in fault['loc']) or 'spec'}: {fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False)
        ]
        raise SpecFault(source, lines) from None


@cache
def load_spec(name: str = "vafa") -> SpecDocument:
    """A bundled spec by its name. One object for each name, so that codecs compile it once."""
    resource = files("protocol.spec").joinpath(f"{name}.toml")
    if not resource.is_file():
        raise SpecFault(name, ["no bundled spec has this name"])
    return parse_spec(resource.read_text("utf-8"), name)


def _numbered(document: dict[str, object]) -> dict[str, object]:
    """TOML keys are text; field numbers are numbers."""
    fields = document.get("fields")
    if isinstance(fields, dict):
        numbered = {int(key) if str(key).isdecimal() else key: value for key, value in fields.items()}
        return {**document, "fields": numbered}
    return document
