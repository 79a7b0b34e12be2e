"""States of links and messages, as tables: (phase, event) -> phase. What isn't in a table can't happen.

Four things have a life of their own.

A link is one connection of a terminal, or of a concentrator that speaks for several; each signs on:

    connected    nobody has signed on yet; only network management is served
    signed-on    at least one terminal has signed on; requests of those are served
    draining     the switch stops: what has come in is answered, nothing more is taken
    closed       nothing leaves any more

A dial is a named link for which the switch is the client; it outlives its connections:

    resting      waits before the next attempt
    connecting   TCP and TLS are being set up
    up           there is a connection, whose own phase is a link's
    stopped      the switch stops

A message that comes in on a link; it is answered once, or lost with its link:

    absent       not here yet
    waiting      whole, not looked at
    decided      its reply waits for the disk, or for the switch that it was forwarded to
    answered     its reply was written to the link
    refused      answered unavailable (response code 91) without being decided, as it would have been too late
    ignored      there is nobody to answer
    lost         the link went first; what was decided is kept, and a repeat gets the stored reply

A request of the switch's own, an echo; between its answer and its time only one wins:

    prepared     has its number
    sent         awaits its answer
    answered     the answer came in time
    timed-out    nobody waits for the answer any more
    late         the answer came after that
"""

from enum import Enum, IntEnum, auto
from typing import Final


class LinkPhase(Enum):
    """Where a link is in its life."""

    CONNECTED = auto()
    SIGNED_ON = auto()
    DRAINING = auto()
    CLOSED = auto()


class LinkEvent(Enum):
    """What can happen to a link."""

    SIGN_ON = auto()
    LAST_SIGN_OFF = auto()
    DRAIN = auto()
    CLOSE = auto()


LINK_TRANSITIONS: Final[dict[tuple[LinkPhase, LinkEvent], LinkPhase]] = {
    (LinkPhase.CONNECTED, LinkEvent.SIGN_ON): LinkPhase.SIGNED_ON,
    (LinkPhase.CONNECTED, LinkEvent.DRAIN): LinkPhase.DRAINING,
    (LinkPhase.CONNECTED, LinkEvent.CLOSE): LinkPhase.CLOSED,
    (LinkPhase.SIGNED_ON, LinkEvent.SIGN_ON): LinkPhase.SIGNED_ON,
    (LinkPhase.SIGNED_ON, LinkEvent.LAST_SIGN_OFF): LinkPhase.CONNECTED,
    (LinkPhase.SIGNED_ON, LinkEvent.DRAIN): LinkPhase.DRAINING,
    (LinkPhase.SIGNED_ON, LinkEvent.CLOSE): LinkPhase.CLOSED,
    (LinkPhase.DRAINING, LinkEvent.SIGN_ON): LinkPhase.DRAINING,
    (LinkPhase.DRAINING, LinkEvent.LAST_SIGN_OFF): LinkPhase.DRAINING,
    (LinkPhase.DRAINING, LinkEvent.DRAIN): LinkPhase.DRAINING,
    (LinkPhase.DRAINING, LinkEvent.CLOSE): LinkPhase.CLOSED,
    (LinkPhase.CLOSED, LinkEvent.DRAIN): LinkPhase.CLOSED,
    (LinkPhase.CLOSED, LinkEvent.CLOSE): LinkPhase.CLOSED,
}


class DialPhase(Enum):
    """Where a link of the client role is between its connections."""

    RESTING = auto()
    CONNECTING = auto()
    UP = auto()
    STOPPED = auto()


class DialEvent(Enum):
    """What can happen to it."""

    DIAL = auto()
    FAIL = auto()
    ESTABLISH = auto()
    LOSE = auto()
    STOP = auto()


DIAL_TRANSITIONS: Final[dict[tuple[DialPhase, DialEvent], DialPhase]] = {
    (DialPhase.RESTING, DialEvent.DIAL): DialPhase.CONNECTING,
    (DialPhase.RESTING, DialEvent.STOP): DialPhase.STOPPED,
    (DialPhase.CONNECTING, DialEvent.FAIL): DialPhase.RESTING,
    (DialPhase.CONNECTING, DialEvent.ESTABLISH): DialPhase.UP,
    (DialPhase.CONNECTING, DialEvent.STOP): DialPhase.STOPPED,
    (DialPhase.UP, DialEvent.LOSE): DialPhase.RESTING,
    (DialPhase.UP, DialEvent.STOP): DialPhase.STOPPED,
    (DialPhase.STOPPED, DialEvent.STOP): DialPhase.STOPPED,
}


class MessagePhase(IntEnum):
    """Where a message that came in is; numbered from 0 so that a list may count by it."""

    ABSENT = 0
    WAITING = 1
    DECIDED = 2
    ANSWERED = 3
    REFUSED = 4
    IGNORED = 5
    LOST = 6


class MessageEvent(Enum):
    """What can happen to it."""

    ARRIVE = auto()
    DECIDE = auto()
    REPLY = auto()
    REFUSE = auto()
    IGNORE = auto()
    GIVE_UP = auto()
    LOSE_LINK = auto()


MESSAGE_TRANSITIONS: Final[dict[tuple[MessagePhase, MessageEvent], MessagePhase]] = {
    (MessagePhase.ABSENT, MessageEvent.ARRIVE): MessagePhase.WAITING,
    (MessagePhase.WAITING, MessageEvent.DECIDE): MessagePhase.DECIDED,
    (MessagePhase.WAITING, MessageEvent.REFUSE): MessagePhase.REFUSED,
    (MessagePhase.WAITING, MessageEvent.IGNORE): MessagePhase.IGNORED,
    (MessagePhase.WAITING, MessageEvent.LOSE_LINK): MessagePhase.LOST,
    (MessagePhase.DECIDED, MessageEvent.REPLY): MessagePhase.ANSWERED,
    (MessagePhase.DECIDED, MessageEvent.GIVE_UP): MessagePhase.IGNORED,
    (MessagePhase.DECIDED, MessageEvent.LOSE_LINK): MessagePhase.LOST,
}


class OwnPhase(Enum):
    """Where a request of the switch's own is."""

    PREPARED = auto()
    SENT = auto()
    ANSWERED = auto()
    TIMED_OUT = auto()
    LATE = auto()


class OwnEvent(Enum):
    """What can happen to it."""

    SEND = auto()
    ANSWER = auto()
    TIME_OUT = auto()


OWN_TRANSITIONS: Final[dict[tuple[OwnPhase, OwnEvent], OwnPhase]] = {
    (OwnPhase.PREPARED, OwnEvent.SEND): OwnPhase.SENT,
    (OwnPhase.SENT, OwnEvent.ANSWER): OwnPhase.ANSWERED,
    (OwnPhase.SENT, OwnEvent.TIME_OUT): OwnPhase.TIMED_OUT,
    (OwnPhase.TIMED_OUT, OwnEvent.ANSWER): OwnPhase.LATE,
}
