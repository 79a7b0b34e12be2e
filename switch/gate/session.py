"""Session keys on the live links: who must be verified by which key, and what a key change is answered.

A session belongs to a terminal on a link: it begins with a key change (0800, network code 101), and ends with
the terminal's sign-off, its link, or a new generation of its key. Until the first, and on each new link, the
terminal's own key is session 0. While a session lives the own key opens only what restores a lost session:
sign-on and key change.
"""

from collections.abc import Callable, Mapping

from protocol.dialect import NetworkCode
from protocol.message import Message, Value
from protocol.security.key_exchange import Tags, read_request, response_tags
from protocol.security.mac import Mac
from protocol.security.session_keys import SESSION_COUNTER_MAXIMUM, SessionKeys
from switch.ledger.records import TerminalRecord

# The old key verifies this long beside the new one, unless the terminal uses the new one sooner. Longer than
# any terminal waits for a reply, so that a repeat still finds the key that its first was sealed with.
ROLL_OVER_MS = 60_000
# A clock that is wildly ahead must leave counters for the years to come.
_CLOCK_COUNTER_MAX = SESSION_COUNTER_MAXIMUM - (1 << 28)
_OPENED_BY_OWN_KEY = (NetworkCode.SIGN_ON.value, NetworkCode.KEY_CHANGE.value)


class _Session:
    __slots__ = ("generation", "keys")

    def __init__(self, generation: int, keys: SessionKeys) -> None:
        self.generation = generation
        self.keys = keys


class LinkSessions:
    """Sessions of the terminals of one link; times are monotonic milliseconds.

    A terminal has one only if its id is `in` here; the others are verified by their own key. `held` are the
    sessions, by terminal.
    """

    __slots__ = ("held",)

    def __init__(self) -> None:
        self.held: dict[str, _Session] = {}

    def __contains__(self, terminal_id: str) -> bool:
        return terminal_id in self.held

    def verify(
        self, terminal: TerminalRecord, own: Mac, message: Message, payload: bytes, now_ms: int
    ) -> Mac | None:
        """The MAC that authenticates a message, which also seals its answer; None where none does.

        `own` is the MAC of the terminal's own key.
        """
        keys = self.keys_of(terminal)
        if keys is not None and message.mti[1] == "8" and message.fields.get(70) in _OPENED_BY_OWN_KEY:
            return keys.verify_exchange(payload, now_ms)
        return self.verify_financial(terminal, own, payload, now_ms)

    def verify_financial(self, terminal: TerminalRecord, own: Mac, payload: bytes, now_ms: int) -> Mac | None:
        """The same for a message that manages nothing."""
        keys = self.keys_of(terminal)
        if keys is None:
            return own if own.verify(payload) else None
        return keys.verify(payload, now_ms)

    def sending_mac(self, terminal: TerminalRecord, own: Mac, now_ms: int) -> Mac:
        """Seals what the switch sends of its own accord."""
        keys = self.keys_of(terminal)
        return own if keys is None else keys.sending_mac(now_ms)

    def keys_of(self, terminal: TerminalRecord) -> SessionKeys | None:
        """A terminal's session, unless it has none; one under an older generation ends here."""
        session = self.held.get(terminal.terminal_id)
        if session is None:
            return None
        if session.generation != terminal.key_generation:
            del self.held[terminal.terminal_id]
            return None
        return session.keys

    def begin(self, terminal: TerminalRecord, keys: SessionKeys) -> None:
        """Keep a terminal's keys; there are never more of them than terminals signed on."""
        self.held[terminal.terminal_id] = _Session(terminal.key_generation, keys)

    def end(self, terminal_id: str) -> None:
        """Forget a terminal's keys, if there are any."""
        self.held.pop(terminal_id, None)

    def end_all(self) -> None:
        """The link is gone."""
        self.held.clear()


class KeyChanges:
    """Answers key changes of all links, and sees to it that no session of a terminal comes twice.

    A new session is after the terminal's own, after every one offered to it in this process on any link, and
    after the clock's second; so a process that has forgotten everything, asked again by a recorded request,
    still makes a key that never was.
    """

    def __init__(self, own_key: Callable[[TerminalRecord], bytes], roll_over_ms: int = ROLL_OVER_MS) -> None:
        self._own_key = own_key
        self._roll_over_ms = roll_over_ms
        self._offered: dict[str, tuple[int, int]] = {}

    def answer(
        self,
        sessions: LinkSessions,
        terminal: TerminalRecord,
        tags: Mapping[str, Value],
        epoch_ms: int,
        now_ms: int,
    ) -> Tags:
        """Tags of the response to a key change of a terminal that has signed on and proved itself.

        `epoch_ms` is the switch's clock, `now_ms` monotonic. Raises SecurityFault: BAD_KEY_EXCHANGE,
        KEYS_EXHAUSTED.
        """
        asked_from = read_request(tags)
        terminal_id = terminal.terminal_id
        held = sessions.keys_of(terminal)
        keys = held or SessionKeys(self._own_key(terminal), terminal_id)
        keys.sending_mac(now_ms)  # a roll-over whose time is up ends here, so that what is seen next is true
        if keys.next_counter is None or keys.next_counter <= asked_from:
            clock = min(epoch_ms // 1000, _CLOCK_COUNTER_MAX)
            asked_from = max(asked_from, self._last_offered(terminal), clock)
        offer = keys.offer(asked_from, now_ms, now_ms + self._roll_over_ms)
        last = max(offer.counter, self._last_offered(terminal))
        self._offered[terminal_id] = (terminal.key_generation, last)
        if held is None:
            sessions.begin(terminal, keys)
        return response_tags(offer)

    def _last_offered(self, terminal: TerminalRecord) -> int:
        generation, counter = self._offered.get(terminal.terminal_id, (0, 0))
        return counter if generation == terminal.key_generation else 0
