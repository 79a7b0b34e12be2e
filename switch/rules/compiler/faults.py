"""Faults of rule documents, collected so that all are told at once."""

from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from switch.rules.schema.conditions import TAG_PREFIX


class RuleFaults(Exception):  # noqa: N818  (a fault is the field's word)
    """Rule data is wrong; `faults` has one line for each fault, with the rule it is in and the path there."""

    def __init__(self, source: str, faults: list[str]) -> None:
        self.source = source
        self.faults = faults
        super().__init__("\n".join([f"{source}: {len(faults)} faults in the rules", *faults]))


class FaultSink:
    """Takes faults of one part of a document; `lines` is shared by all parts."""

    __slots__ = ("label", "lines")

    def __init__(self, lines: list[str], label: str) -> None:
        self.lines = lines
        self.label = label

    def add(self, path: str, message: str) -> None:
        """One fault at a path within the part."""
        self.lines.append(f"{self.label}: {path}: {message}" if path else f"{self.label}: {message}")

    def part(self, label: str) -> "FaultSink":
        """A sink for another part of the same document."""
        return FaultSink(self.lines, label)


def schema_faults(error: ValidationError, document: Mapping[str, object]) -> list[str]:
    """Lines for what a schema found wrong, without its own noise."""
    found = error.errors(include_input=False, include_url=False)
    places = [fault["loc"] for fault in found]
    lines = []
    # Left out is what only follows from another fault.
    for fault in found:
        place = fault["loc"]
        if fault["type"] == "default_factory_not_called":
            continue
        if fault["type"] == "too_short" and any(
            len(other) > len(place) and other[: len(place)] == place for other in places
        ):
            continue
        label, path = _label_and_path(place, document)
        message = fault["msg"].removeprefix("Value error, ")
        lines.append(f"{label}: {path}: {message}" if path else f"{label}: {message}")
    return lines


def _label_and_path(place: tuple[int | str, ...], document: Mapping[str, object]) -> tuple[str, str]:
    parts = [part for part in place if not (isinstance(part, str) and part.startswith(TAG_PREFIX))]
    label = "rule set"
    if len(parts) > 1 and parts[0] in ("rules", "simple") and isinstance(parts[1], int):
        label = rule_label(document.get(parts[0]), parts[1])
        parts = parts[2:]
    return label, ".".join(str(part) for part in parts)


def rule_label(written: object, index: int) -> str:
    """How faults name a rule: its id, or its place where it has none that can be read."""
    if isinstance(written, Sequence) and not isinstance(written, str) and index < len(written):
        candidate = written[index]
        if isinstance(candidate, Mapping):
            rule_id: object = candidate.get("rule_id")
            if isinstance(rule_id, str) and rule_id:
                return rule_id[:32]
    return f"rule {index + 1}"
