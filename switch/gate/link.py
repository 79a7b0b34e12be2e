"""What the switch knows of one link: phase, who has signed on, with which keys; no socket, no clock."""

from switch.gate.session import LinkSessions
from switch.gate.states import LINK_TRANSITIONS, LinkEvent, LinkPhase

TERMINALS_PER_LINK_MAX = 1024
FORMAT_FAULTS_PER_LINK_MAX = 8


class LinkState:
    """Phase, signed-on terminals and the times by which a silent link is given up (monotonic seconds).

    `permitted` are the terminals that may sign on here, None for all: those that the peer's certificate or
    the link's settings name. `sessions` are the session keys, which live no longer than their sign-on.
    """

    __slots__ = (
        "_terminals_max",
        "format_faults",
        "heard_s",
        "permitted",
        "phase",
        "sessions",
        "terminals",
        "unsigned_since_s",
    )

    def __init__(
        self,
        now_s: float,
        permitted: frozenset[str] | None = None,
        terminals_max: int = TERMINALS_PER_LINK_MAX,
    ) -> None:
        self._terminals_max = terminals_max
        self.phase = LinkPhase.CONNECTED
        self.terminals: set[str] = set()
        self.sessions = LinkSessions()
        self.permitted = permitted
        self.format_faults = 0
        self.heard_s = now_s
        self.unsigned_since_s = now_s

    def permits(self, terminal_id: str) -> bool:
        """Whether this link may speak for a terminal."""
        return self.permitted is None or terminal_id in self.permitted

    def sign_on(self, terminal_id: str) -> bool:
        """Let a terminal be served here; False where the link may not speak for it, or for no more."""
        if not self.permits(terminal_id):
            return False
        if terminal_id not in self.terminals and len(self.terminals) >= self._terminals_max:
            return False
        self.terminals.add(terminal_id)
        self._on(LinkEvent.SIGN_ON)
        return True

    def sign_off(self, terminal_id: str, now_s: float) -> None:
        """Stop serving a terminal here; one that wasn't signed on makes no difference."""
        self.terminals.discard(terminal_id)
        self.sessions.end(terminal_id)
        if not self.terminals and self.phase is not LinkPhase.CONNECTED:
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
        """Nothing comes or goes any more; all terminals are signed off."""
        self.terminals.clear()
        self.sessions.end_all()
        self._on(LinkEvent.CLOSE)

    def has_expired(self, now_s: float, idle_timeout_s: float, sign_on_timeout_s: float) -> bool:
        """Whether the link was silent, or without anybody signed on, for too long."""
        if now_s - self.heard_s >= idle_timeout_s:
            return True
        return self.phase is LinkPhase.CONNECTED and now_s - self.unsigned_since_s >= sign_on_timeout_s

    def _on(self, event: LinkEvent) -> None:
        self.phase = LINK_TRANSITIONS[self.phase, event]
