"""States of the link to another switch and of a request on it, as tables. What isn't in a table can't happen.

The link; it outlives its connections:

    down         no connection; waits before the next attempt
    connecting   TCP and TLS are being set up
    signing on   connected; the partner must first let every terminal of ours sign on
    up           requests go out
    draining     the switch stops: what is in flight is waited for, then signed off
    stopped      nothing comes or goes any more

A request; between its reply and its time only one wins:

    sent         awaits its reply
    answered     the reply came in time
    timed out    nobody waits for the reply any more
    late         the reply came after that
    lost         the link went first
"""

from enum import Enum, auto
from typing import Final


class UpstreamPhase(Enum):
    """Where the link is in its life."""

    DOWN = auto()
    CONNECTING = auto()
    SIGNING_ON = auto()
    UP = auto()
    DRAINING = auto()
    STOPPED = auto()


class UpstreamEvent(Enum):
    """What can happen to it."""

    DIAL = auto()
    ESTABLISH = auto()
    SIGN_ON = auto()
    LOSE = auto()
    DRAIN = auto()
    FINISH = auto()


UPSTREAM_TRANSITIONS: Final[dict[tuple[UpstreamPhase, UpstreamEvent], UpstreamPhase]] = {
    (UpstreamPhase.DOWN, UpstreamEvent.DIAL): UpstreamPhase.CONNECTING,
    (UpstreamPhase.DOWN, UpstreamEvent.DRAIN): UpstreamPhase.STOPPED,
    (UpstreamPhase.CONNECTING, UpstreamEvent.ESTABLISH): UpstreamPhase.SIGNING_ON,
    (UpstreamPhase.CONNECTING, UpstreamEvent.LOSE): UpstreamPhase.DOWN,
    (UpstreamPhase.CONNECTING, UpstreamEvent.DRAIN): UpstreamPhase.STOPPED,
    (UpstreamPhase.SIGNING_ON, UpstreamEvent.SIGN_ON): UpstreamPhase.UP,
    (UpstreamPhase.SIGNING_ON, UpstreamEvent.LOSE): UpstreamPhase.DOWN,
    (UpstreamPhase.SIGNING_ON, UpstreamEvent.DRAIN): UpstreamPhase.STOPPED,
    (UpstreamPhase.UP, UpstreamEvent.LOSE): UpstreamPhase.DOWN,
    (UpstreamPhase.UP, UpstreamEvent.DRAIN): UpstreamPhase.DRAINING,
    (UpstreamPhase.DRAINING, UpstreamEvent.LOSE): UpstreamPhase.STOPPED,
    (UpstreamPhase.DRAINING, UpstreamEvent.DRAIN): UpstreamPhase.DRAINING,
    (UpstreamPhase.DRAINING, UpstreamEvent.FINISH): UpstreamPhase.STOPPED,
    (UpstreamPhase.STOPPED, UpstreamEvent.DRAIN): UpstreamPhase.STOPPED,
}

# Phases in which there is a connection.
CONNECTED: Final = frozenset({UpstreamPhase.SIGNING_ON, UpstreamPhase.UP, UpstreamPhase.DRAINING})


class RequestPhase(Enum):
    """Where a request is in its life."""

    SENT = auto()
    ANSWERED = auto()
    TIMED_OUT = auto()
    LATE = auto()
    LOST = auto()


class RequestEvent(Enum):
    """What can happen to it."""

    REPLY = auto()
    TIME_OUT = auto()
    LOSE_LINK = auto()


REQUEST_TRANSITIONS: Final[dict[tuple[RequestPhase, RequestEvent], RequestPhase]] = {
    (RequestPhase.SENT, RequestEvent.REPLY): RequestPhase.ANSWERED,
    (RequestPhase.SENT, RequestEvent.TIME_OUT): RequestPhase.TIMED_OUT,
    (RequestPhase.SENT, RequestEvent.LOSE_LINK): RequestPhase.LOST,
    (RequestPhase.TIMED_OUT, RequestEvent.REPLY): RequestPhase.LATE,
}
