"""What went wrong in a script, in words that may be shown: masked as the spec says."""

from dataclasses import dataclass

from protocol.presentation.card_numbers import hide_in_text
from protocol.presentation.masking import STAR, Masking
from protocol.presentation.spans import Element, Reading
from protocol.presentation.text import bytes_around, printable
from protocol.spec import SpecDocument
from protocol.spec.schema import Title
from simulator.scripts.names import is_number, mask_of

HANDBOOK = "docs/messages.md"
_BYTES_SHOWN = 48


@dataclass(frozen=True, slots=True)
class Failure:
    """Where a script failed and why.

    `step` is its place, as "steps.4" or "steps.2.steps.1"; `turn` the row or number of the loops around it;
    `problem` a sentence; `path` the field, "" where it is about no field; `bytes_shown` the bytes of the
    message with their offsets. `hint` is the likely cause. `anchor` is a place in the message handbook.
    """

    step: str
    action: str
    problem: Title
    path: str = ""
    name: str = ""
    expected: str | None = None
    got: str | None = None
    bytes_shown: str | None = None
    hint: Title | None = None
    hint_rule: str | None = None
    anchor: str = ""
    turn: str = ""

    def lines(self) -> list[str]:
        """For a terminal, in English."""
        turn = f", {self.turn}" if self.turn else ""
        head = f"{self.step} ({self.action}{turn}): {self.problem.en}"
        if self.path:
            head += f": field {self.path} {self.name}".rstrip()
        found = [head]
        if self.expected is not None:
            found.append(f"  expected  {printable(self.expected)}")
            found.append(f"  got       {'(absent)' if self.got is None else printable(self.got)}")
        if self.bytes_shown:
            found.append(f"  {self.bytes_shown}")
        if self.hint is not None:
            found.append(f"  likely    {self.hint.en}")
        if self.anchor:
            found.append(f"  handbook  {HANDBOOK}#{self.anchor}")
        return found

    def document(self) -> dict[str, object]:
        """As JSON."""
        return {
            "step": self.step,
            "action": self.action,
            "turn": self.turn,
            "problem": self.problem.model_dump(),
            "field": self.path,
            "name": self.name,
            "expected": self.expected,
            "got": self.got,
            "bytes": self.bytes_shown,
            "hint": self.hint.model_dump() if self.hint else None,
            "hint_rule": self.hint_rule,
            "handbook": f"{HANDBOOK}#{self.anchor}" if self.anchor else None,
        }


def element_at(reading: Reading | None, path: str) -> Element | None:
    """The field or tag of a reading at a path."""
    if reading is None:
        return None
    number, _, tag = path.partition(".")
    found = next((each for each in reading.elements if each.key == number), None)
    if found is not None and tag:
        found = next((part for part in found.parts if part.key == tag), None)
    return found


def shown_value(reading: Reading | None, path: str, got: str | None) -> str | None:
    """A value that came, masked."""
    element = element_at(reading, path)
    if got is None or reading is None or element is None or element.parts:
        return got
    return Masking(reading).shown(element)


def shown_expectation(spec: SpecDocument, path: str, expected: str) -> str:
    """What was expected; of a masked field only that something was, and no card number."""
    if mask_of(spec, path):
        return expected if expected.startswith("(") else "(masked)"
    if is_number(spec, path):
        return expected
    hidden = hide_in_text(expected)
    return "".join(STAR if place in hidden else char for place, char in enumerate(expected))


def bytes_of(reading: Reading | None, path: str) -> str | None:
    """The bytes of a field or tag with their offsets in the payload; of masked ones only the offsets."""
    element = element_at(reading, path)
    if reading is None or element is None:
        return None
    place = f"bytes {element.start}-{element.end - 1}"
    masking = Masking(reading)
    if any(masking.hides(leaf) for leaf in element.leaves()):
        return f"{place}: (masked)"
    raw = reading.payload[element.start : element.end]
    dots = " …" if len(raw) > _BYTES_SHOWN else ""
    return f"{place}: {raw[:_BYTES_SHOWN].hex(' ').upper()}{dots}"


def bytes_at_fault(reading: Reading) -> str | None:
    """The bytes around the reading's first fault."""
    return bytes_around(reading, reading.faults[0]) if reading.faults else None
