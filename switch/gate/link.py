"""State of one link, as a table; no socket, no clock.

A link is a connection of one terminal or of a concentrator that speaks for several; each of them signs on.

    connected    nobody has signed on yet; only network management is served
    signed-on    at least one terminal has signed on; requests of those are served
    draining     the switch stops: what has come in is answered, nothing more is taken
    closed       nothing leaves any more
"""

from enum import Enum, auto

TERMINALS_PER_LINK_MAX = 1024
FORMAT_FAULTS_PER_LINK_MAX = 8


class Phase(Enum):
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


TRANSITIONS: dict[tuple[Phase, LinkEvent], Phase] = {
    (Phase.CONNECTED, LinkEvent.SIGN_ON): Phase.SIGNED_ON,
    (Phase.CONNECTED, LinkEvent.DRAIN): Phase.DRAINING,
    (Phase.CONNECTED, LinkEvent.CLOSE): Phase.CLOSED,
    (Phase.SIGNED_ON, LinkEvent.SIGN_ON): Phase.SIGNED_ON,
    (Phase.SIGNED_ON, LinkEvent.LAST_SIGN_OFF): Phase.CONNECTED,
    (Phase.SIGNED_ON, LinkEvent.DRAIN): Phase.DRAINING,
    (Phase.SIGNED_ON, LinkEvent.CLOSE): Phase.CLOSED,
    (Phase.DRAINING, LinkEvent.SIGN_ON): Phase.DRAINING,
    (Phase.DRAINING, LinkEvent.LAST_SIGN_OFF): Phase.DRAINING,
    (Phase.DRAINING, LinkEvent.DRAIN): Phase.DRAINING,
    (Phase.DRAINING, LinkEvent.CLOSE): Phase.CLOSED,
    (Phase.CLOSED, LinkEvent.DRAIN): Phase.CLOSED,
    (Phase.CLOSED, LinkEvent.CLOSE): Phase.CLOSED,
}


class LinkState:
    """Phase, signed-on terminals and the times by which a silent link is given up (monotonic seconds)."""

    __slots__ = ("format_faults", "heard_s", "phase", "terminals", "unsigned_since_s")

    def __init__(self, now_s: float) -> None:
        self.phase = Phase.CONNECTED
        self.terminals: set[str] = set()
        self.format_faults = 0
        self.heard_s = now_s
        self.unsigned_since_s = now_s

    def sign_on(self, terminal_id: str) -> bool:
        """Let a terminal be served here; False where the link already speaks for too many."""
        if terminal_id not in self.terminals and len(self.terminals) >= TERMINALS_PER_LINK_MAX:
            return False
        self.terminals.add(terminal_id)
        self._on(LinkEvent.SIGN_ON)
        return True

    def sign_off(self, terminal_id: str, now_s: float) -> None:
        """Stop serving a terminal here; one that wasn't signed on makes no difference."""
        self.terminals.discard(terminal_id)
        if not self.terminals and self.phase is not Phase.CONNECTED:
            self.unsigned_since_s = now_s
            self._on(LinkEvent.LAST_SIGN_OFF)

    def serves(self, terminal_id: str) -> bool:
        """Whether this terminal has signed on here."""
        return terminal_id in self.terminals

    def fault(self) -> bool:
        """Count bytes that are no message; True where the link has sent too many of them."""
        self.format_faults += 1
        return self.format_faults >= FORMAT_FAULTS_PER_LINK_MAX

    def drain(self) -> None:
        """Take no more requests."""
        self._on(LinkEvent.DRAIN)

    def close(self) -> None:
        """Nothing comes or goes any more."""
        self._on(LinkEvent.CLOSE)

    def has_expired(self, now_s: float, idle_timeout_s: float, sign_on_timeout_s: float) -> bool:
        """Whether the link was silent, or without anybody signed on, for too long."""
        if now_s - self.heard_s >= idle_timeout_s:
            return True
        return self.phase is Phase.CONNECTED and now_s - self.unsigned_since_s >= sign_on_timeout_s

    def _on(self, event: LinkEvent) -> None:
        self.phase = TRANSITIONS[self.phase, event]
