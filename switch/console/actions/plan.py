"""What an order would do, worked out before anybody confirms it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NamedTuple

from switch.console.story.titles import Words
from switch.journal.entries import Effect, Entry, EntryKind

Arguments = tuple[tuple[str, str], ...]


class Refused(Exception):  # noqa: N818  (an answer, not an error of ours)
    """An order can't be given; the text is for the person."""

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        super().__init__(text)


class WorkFailed(Exception):  # noqa: N818
    """The work of an order came to nothing; the journal gets the English words."""

    def __init__(self, told: Words) -> None:
        self.told = told
        super().__init__(told.en)


class Fact(NamedTuple):
    """Something that whoever confirms should know."""

    name: str
    title: Words
    value: int | str | bool


def nothing() -> None:
    """What most orders do at such a point."""


class Change(NamedTuple):
    """What an order journals. `entries`, each packed already or not, stand before its own entry, which has
    `effect`, `subject` and `number`, and tells the English words; `after` acts on what lives outside the
    state. All of it in one go."""

    effect: Effect = Effect.NONE
    subject: bytes = b""
    number: int = 0
    told: Words = Words("", "")
    entries: tuple[tuple[Entry, tuple[EntryKind, bytes] | None], ...] = ()
    after: Callable[[], None] = nothing


# Gets epoch milliseconds; may not fail.
MakeChange = Callable[[int], Change]


@dataclass(frozen=True, slots=True)
class Plan:
    """An order as it would be carried out.

    Attributes:
        arguments: as they may be shown and journaled.
        facts: what would happen.
        basis: what the plan rests on; where it gives something else than before, the plan is void.
        change: what is journaled, at the end of `work` where there is any.
        work: what takes its time. Raises WorkFailed.
        begin: is called in one go with the entry that tells that the work begins.
    """

    arguments: Arguments
    facts: tuple[Fact, ...]
    basis: Callable[[], tuple[object, ...]]
    change: MakeChange
    work: Callable[[], Awaitable[None]] | None = None
    begin: Callable[[], None] = nothing
