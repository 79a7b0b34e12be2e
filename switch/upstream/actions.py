"""What the pure cores ask of the shell around them, and what they tell it."""

from enum import Enum, auto
from typing import NamedTuple

from protocol.message import Message
from switch.upstream.states import RequestPhase


class Now(NamedTuple):
    """The switch's clock in epoch milliseconds, the monotonic clock in seconds, the journal's position.

    A position that lies further back than the journal's costs time at the next start, nothing else.
    """

    epoch_ms: int
    monotonic_s: float
    position: int = 0


class Lane(Enum):
    """Whose request it is: one that a terminal waits for, or one from the queue."""

    LIVE = auto()
    QUEUE = auto()


class Ticket(NamedTuple):
    """Names a request on its way."""

    lane: Lane
    number: int


class Connect(NamedTuple):
    """Open a connection: the `attempt`-th, counted from 0, which chooses the address."""

    attempt: int


class Disconnect(NamedTuple):
    """Close the connection, or give up opening it; at once, unless `gracefully`: then once all is sent."""

    reason: str
    gracefully: bool = False


class Send(NamedTuple):
    """Write a frame."""

    frame: bytes


class Outcome(NamedTuple):
    """How a request ended: ANSWERED, TIMED_OUT or LOST, once; LATE may follow TIMED_OUT.

    `reply` is there for ANSWERED and LATE.
    """

    ticket: Ticket
    phase: RequestPhase
    reply: Message | None = None


MuxAction = Connect | Disconnect | Send | Outcome
