"""Load plans from TOML."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from simulator.load.plan import LoadPlan

FILE_MAXIMUM_BYTES = 1 << 20


class PlanFault(Exception):  # noqa: N818  (not an error in the program)
    """A plan can't be used; `faults` lists everything that is wrong, one line each."""

    def __init__(self, source: str, faults: list[str]) -> None:
        self.faults = faults
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__("\n".join([f"{source}: {count} in the load plan", *faults]))


def load_plan(path: Path) -> LoadPlan:
    """The plan of a file. Raises PlanFault."""
    source = str(path)
    try:
        with path.open("rb") as file:
            raw = file.read(FILE_MAXIMUM_BYTES + 1)
        if len(raw) > FILE_MAXIMUM_BYTES:
            raise PlanFault(source, [f"a plan has at most {FILE_MAXIMUM_BYTES} bytes"])
        return checked_plan(tomllib.loads(raw.decode("utf-8")), source)
    except OSError as error:
        raise PlanFault(source, [error.strerror or "can't be read"]) from None
    except UnicodeDecodeError as error:
        raise PlanFault(source, [f"byte {error.start} is not UTF-8"]) from None
    except tomllib.TOMLDecodeError as error:
        raise PlanFault(source, [str(error)]) from None
    except RecursionError:
        raise PlanFault(source, ["nested too deep"]) from None


def checked_plan(document: dict[str, object], source: str) -> LoadPlan:
    """The plan that a document describes; `source` names it in faults. Raises PlanFault."""
    try:
        return LoadPlan.model_validate(document)
    except ValidationError as error:
        raise PlanFault(source, list(_lines(error))) from None


def _lines(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_url=False, include_context=False, include_input=False):
        place = ".".join(str(part) for part in fault["loc"])
        for line in fault["msg"].removeprefix("Value error, ").split("; "):
            yield f"{place}: {line}" if place else line
