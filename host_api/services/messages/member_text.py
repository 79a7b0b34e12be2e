"""What a member is told, in each language that members are written to in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import JsonValue


@dataclass(frozen=True, slots=True)
class MemberText:
    """The same in Persian and in English."""

    fa: str
    en: str

    def then(self, other: "MemberText") -> "MemberText":
        """This, and another below it."""
        return MemberText(f"{self.fa}\n{other.fa}", f"{self.en}\n{other.en}")


@dataclass(frozen=True, slots=True)
class Telling:
    """A text for a member; told once for each (topic, reference)."""

    member_id: int
    topic: str
    reference: str
    text: MemberText


class TextFate(StrEnum):
    """What became of a text: the gateway has sent it, it waits, or nobody will send it any more."""

    SENT = "sent"
    WAITING = "waiting"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class TemplateTelling:
    """Values of a template's text for a member; told once for each reference."""

    member_id: int
    reference: str
    values: Mapping[str, JsonValue]
    due_at: datetime
