"""Faults as people write them: KIND[=VALUE][/request|/reply][@WHEN], as in `delay=500/reply@10%`."""

import re
from dataclasses import dataclass
from enum import StrEnum

VALUE_MAX = 1_000_000
FRAME_NUMBER_MAX = 1_000_000_000


class FaultKind(StrEnum):
    """What happens to a frame."""

    DELAY = "delay"
    DROP = "drop"
    DUPLICATE = "duplicate"
    TRUNCATE = "truncate"
    REORDER = "reorder"
    CORRUPT = "corrupt"
    CUT = "cut"
    HALF_OPEN = "half_open"
    THROTTLE = "throttle"


class Direction(StrEnum):
    """Which way a frame goes: from the side that connects, or back to it."""

    REQUEST = "request"
    REPLY = "reply"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a kind does, and what its value is, with the least one; without a value where `value` is None."""

    text: str
    value: str | None = None
    least: int = 1
    is_wanted: bool = False


MEANINGS = {
    FaultKind.DELAY: Meaning("the frame, and what is behind it, comes later", "milliseconds", 0, True),
    FaultKind.DROP: Meaning("the frame never comes"),
    FaultKind.DUPLICATE: Meaning("the frame comes several times", "times, else 2", 2),
    FaultKind.TRUNCATE: Meaning(
        "the payload ends early, in a frame of the right length", "bytes that stay, else half", 0
    ),
    FaultKind.REORDER: Meaning("the frame comes behind the next one of its direction"),
    FaultKind.CORRUPT: Meaning("bytes of the payload are others", "how many, else 1"),
    FaultKind.CUT: Meaning("the link ends in the middle of the frame", "after so many bytes, else half", 0),
    FaultKind.HALF_OPEN: Meaning("the link stays open, and nothing passes any more, in either direction"),
    FaultKind.THROTTLE: Meaning("the frame comes slowly", "bytes a second", 1, True),
}

_FAULT = re.compile(
    r"(?P<kind>[a-z_]+)(?:=(?P<value>[0-9]{1,7}))?(?:/(?P<direction>request|reply))?"
    r"(?:@(?:(?P<percent>[0-9]{1,3})%|(?P<first>[0-9]{1,9})(?P<on>\+)?))?"
)


class FaultSyntax(ValueError):  # noqa: N818  (a fault is the subject here)
    """A text is no fault; its text says how one is written."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault and the frames that it meets.

    `direction` None means both. Frames count from 1 on each link and in each direction; `first` to `last`
    (None: all from `first` on) may be met, and of these `percent` of a hundred are.
    """

    kind: FaultKind
    value: int | None = None
    direction: Direction | None = None
    first: int = 1
    last: int | None = None
    percent: int = 100

    def concerns(self, direction: Direction, number: int) -> bool:
        """Whether it may meet this frame."""
        if self.direction not in (None, direction) or number < self.first:
            return False
        return self.last is None or number <= self.last

    def __str__(self) -> str:
        text = self.kind.value + ("" if self.value is None else f"={self.value}")
        text += "" if self.direction is None else f"/{self.direction.value}"
        if self.percent < 100:
            return f"{text}@{self.percent}%"
        if self.last is not None:
            return f"{text}@{self.first}"
        return text if self.first == 1 else f"{text}@{self.first}+"


def parse_fault(text: str) -> Fault:
    """The fault that a text describes. Raises FaultSyntax."""
    found = _FAULT.fullmatch(text)
    kinds = ", ".join(FaultKind)
    if found is None:
        raise FaultSyntax(f"{text}: write KIND[=VALUE][/request|/reply][@N, @N+ or @P%]; kinds: {kinds}")
    if found["kind"] not in tuple(FaultKind):
        raise FaultSyntax(f"{text}: no such kind; there are {kinds}")
    kind = FaultKind(found["kind"])
    value = None if found["value"] is None else int(found["value"])
    meaning = MEANINGS[kind]
    if value is None and meaning.is_wanted:
        raise FaultSyntax(f"{text}: {kind} wants a value: {kind}={meaning.value}")
    if value is not None and meaning.value is None:
        raise FaultSyntax(f"{text}: {kind} has no value")
    if value is not None and not meaning.least <= value <= VALUE_MAX:
        raise FaultSyntax(f"{text}: the value is from {meaning.least} to {VALUE_MAX}")
    percent = 100 if found["percent"] is None else int(found["percent"])
    first = 1 if found["first"] is None else int(found["first"])
    if not 1 <= percent <= 100 or first < 1:
        raise FaultSyntax(f"{text}: frames count from 1, and percents go from 1 to 100")
    last = first if found["first"] is not None and found["on"] is None else None
    direction = None if found["direction"] is None else Direction(found["direction"])
    return Fault(kind, value, direction, first, last, percent)
