"""A message as values, independent of its bytes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

# Composite fields map the part's number or tag to its value; everything but `b` and unknown tags is text.
Value: TypeAlias = str | bytes | Mapping[str, "Value"]


@dataclass(slots=True)
class Message:
    """Message type (four digits) and fields by number.

    Numeric fields are digits and keep their leading zeros; binary fields and unknown tags are bytes; fields
    48 and 120 of the dialect are mappings from tag, as "DF01", to value. The MAC is one of the fields.
    """

    mti: str
    fields: dict[int, Value] = field(default_factory=dict)

    def text(self, number: int) -> str:
        """Value of a field that must be text; a missing one is a KeyError, another type a TypeError."""
        value = self.fields[number]
        if not isinstance(value, str):
            raise TypeError(f"field {number} is not text")
        return value

    def tags(self, number: int) -> Mapping[str, Value]:
        """Tags of a composite field, empty where the field is absent."""
        value = self.fields.get(number, {})
        if isinstance(value, str | bytes):
            raise TypeError(f"field {number} is not composite")
        return value

    def tag_text(self, number: int, tag: str, default: str = "") -> str:
        """Text of one tag, or `default` where it is absent."""
        value = self.tags(number).get(tag, default)
        if not isinstance(value, str):
            raise TypeError(f"tag {number}.{tag} is not text")
        return value
