"""A request for the partner, from the gate's question to its one answer."""

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple

from protocol.message import Message
from switch.authoriser.request import Financial, Reversal
from switch.gate.forwarding import Answer, Fields
from switch.journal.entries import ForwardedEntry
from switch.ledger.records import TerminalRecord
from switch.ledger.requests import request_key
from switch.upstream.memory import LocalKey


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
    """Tell an asker; there is nothing to be remembered of it."""

    answer: Answer
    fields: Fields | None


class Record(NamedTuple):
    """Journal what a request came to, and tell all who asked. Once that is durable `number` wants to hear."""

    number: int
    entry: ForwardedEntry
    answers: tuple[Answer, ...]


class Stage(Enum):
    """What an open request waits for: its identity on disk, the partner's reply, its reversal on disk, or
    itself on disk."""

    WRITING = auto()
    SENT = auto()
    TAKING_BACK = auto()
    STORING = auto()


@dataclass(slots=True)
class OpenRequest:
    """A request that isn't answered yet, or a dead letter that is being given up.

    `number` is that of its row, `entry` what the journal will tell of it as far as that is known. `is_kept`
    tells that a repeat finds it by its identity, which an inquiry doesn't want. `message` is what goes to the
    partner at once, `reversal` what takes it back. `has_place` tells that a place in the queue is reserved
    for that. Deadlines are monotonic seconds.
    """

    stage: Stage
    number: int
    entry: ForwardedEntry
    deadline_s: float
    is_kept: bool = True
    has_place: bool = False
    message: Message | None = None
    reversal: Message | None = None
    waiters: list[Answer] = field(default_factory=list)

    @property
    def key(self) -> LocalKey:
        """Its identity here."""
        return self.entry.terminal_id, request_key(self.entry.transmitted_s, self.entry.stan)
