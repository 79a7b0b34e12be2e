"""A request for the partner, from the gate's question to its one answer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple

from protocol.message import Message
from switch.authoriser.request import Financial, Reversal
from switch.ledger.records import TerminalRecord
from switch.upstream.memory import LocalKey
from switch.upstream.saf_types import Forwarded
from switch.upstream.terminals import UpstreamTerminal
from switch.upstream.translation import Fields

# Takes the own fields of the reply, or None where the terminal gets none. Called once.
Answer = Callable[[Fields | None], None]


class Question(NamedTuple):
    """A request that a terminal of ours has sent, proved and written rightly."""

    message: Message
    request: Financial | Reversal
    terminal: TerminalRecord
    answer: Answer

    @property
    def key(self) -> LocalKey:
        """Its identity here."""
        return self.terminal.terminal_id, self.request.identity.key

    @property
    def digest(self) -> bytes:
        """What tells a repeat from another request."""
        return self.request.identity.digest


class Reply(NamedTuple):
    """Tell an asker."""

    answer: Answer
    fields: Fields | None


class Stage(Enum):
    """What an open request waits for: its identity on disk, the partner's reply, its reversal or the note of
    its refusal on disk, or itself on disk."""

    WRITING = auto()
    SENT = auto()
    TAKING_BACK = auto()
    STORING = auto()


@dataclass(slots=True)
class OpenRequest:
    """A request that isn't answered yet.

    `row` is its identity at the partner's, which for an inquiry isn't kept. `is_again` tells that it may have
    been answered before, in a time of which nothing but the row is left. `has_place` tells that a place in
    the queue is reserved for its reversal. `final` is the reply, once that is known.
    """

    stage: Stage
    question: Question
    row: Forwarded
    is_kept: bool
    terminal: UpstreamTerminal
    deadline_s: float
    has_place: bool
    is_again: bool = False
    final: Fields = field(default_factory=dict)
    waiters: list[Answer] = field(default_factory=list)
