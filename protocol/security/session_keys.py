"""Session keys of a terminal's link: derivation, and a roll-over in which two keys live.

Session key n is derived from the terminal's key by KDF in counter mode with CMAC (NIST SP 800-108r1 clause
4.1); its context is the terminal id and n. Session 0 is the terminal's key itself. No message can be made to
look like the input of the derivation, which starts with 00000001: that is no message type.
"""

from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFCMAC, CounterLocation, Mode

from protocol.security.faults import SecurityFault, SecurityFaultCode
from protocol.security.kcv import cmac_check_value
from protocol.security.mac import Mac

SESSION_KEY_BYTES = 16
SESSION_COUNTER_MAXIMUM = 0xFFFFFFFF
_TERMINAL_ID_BYTES = 8
_LABEL = b"vafa session mac"
_AES_KEY_BYTES = (16, 24, 32)


def derive_in_counter_mode(key: bytes, fixed_input: bytes, length_bytes: int) -> bytes:
    """KDF in counter mode with AES-CMAC, a counter of 32 bits before the fixed input (SP 800-108r1)."""
    if len(key) not in _AES_KEY_BYTES:
        raise SecurityFault(SecurityFaultCode.BAD_KEY)
    derivation = KBKDFCMAC(
        algorithm=AES,
        mode=Mode.CounterMode,
        length=length_bytes,
        rlen=4,
        llen=None,
        location=CounterLocation.BeforeFixed,
        label=None,
        context=None,
        fixed=fixed_input,
    )
    return derivation.derive(key)


def derive_session_key(terminal_key: bytes, terminal_id: str, counter: int) -> bytes:
    """MAC key of one session, 16 bytes. `counter` is from 1; the next session has a higher one.

    Raises SecurityFault BAD_SESSION_COUNTER or BAD_KEY.
    """
    if not 1 <= counter <= SESSION_COUNTER_MAXIMUM:
        raise SecurityFault(SecurityFaultCode.BAD_SESSION_COUNTER)
    context = terminal_id.encode("ascii").ljust(_TERMINAL_ID_BYTES) + counter.to_bytes(4)
    fixed_input = _LABEL + b"\x00" + context + (8 * SESSION_KEY_BYTES).to_bytes(4)
    return derive_in_counter_mode(terminal_key, fixed_input, SESSION_KEY_BYTES)


@dataclass(frozen=True, slots=True)
class KeyOffer:
    """The next session: its counter, and the check value of its key."""

    counter: int
    check_value: bytes


@dataclass(frozen=True, slots=True, repr=False)
class _Session:
    counter: int
    mac: Mac
    check_value: bytes


@dataclass(frozen=True, slots=True, repr=False)
class _RollOver:
    following: _Session
    deadline_ms: int
    sends_following: bool


class SessionKeys:
    """The MAC keys of one link: one, or during a roll-over two.

    The switch offers, the terminal adopts. From then on both keys verify, until the peer first uses the new
    one or the deadline passes: then the old one is gone. The terminal sends with the new key from the moment
    it adopts; the switch goes on sending with the old one until it has seen the new one. An answer is sealed
    with the key that `verify` found for its request.

    Only `counter` has to outlive the process. Times are milliseconds of one monotonic clock of the caller's.
    """

    __slots__ = ("_current", "_roll_over", "_terminal_id", "_terminal_key")

    def __init__(self, terminal_key: bytes, terminal_id: str, counter: int = 0) -> None:
        """Starts in session `counter`; 0 is before the first exchange."""
        self._terminal_key = terminal_key
        self._terminal_id = terminal_id
        self._current = self._session(counter)
        self._roll_over: _RollOver | None = None

    @property
    def counter(self) -> int:
        """The session whose key is kept, the older one during a roll-over."""
        return self._current.counter

    @property
    def next_counter(self) -> int | None:
        """The session that is being rolled over to."""
        return self._roll_over.following.counter if self._roll_over else None

    @property
    def exchange_mac(self) -> Mac:
        """Seals a key exchange of a terminal that shares no session with the switch any more: session 0."""
        return Mac(self._terminal_key)

    def offer(self, peer_counter: int, now_ms: int, deadline_ms: int) -> KeyOffer:
        """Switch: opens the roll-over to a session after the peer's own, `peer_counter`.

        Asking again while it is open gives the same offer and deadline, unless the peer is past it. Raises
        SecurityFault KEYS_EXHAUSTED if there is no higher counter: the terminal needs a new generation.
        """
        self._settle(now_ms)
        if not 0 <= peer_counter <= SESSION_COUNTER_MAXIMUM:
            raise SecurityFault(SecurityFaultCode.BAD_SESSION_COUNTER)
        if self._roll_over is None or self._roll_over.following.counter <= peer_counter:
            counter = max(self.counter, peer_counter) + 1
            if counter > SESSION_COUNTER_MAXIMUM:
                raise SecurityFault(SecurityFaultCode.KEYS_EXHAUSTED)
            self._roll_over = _RollOver(self._session(counter), deadline_ms, sends_following=False)
        following = self._roll_over.following
        return KeyOffer(following.counter, following.check_value)

    def adopt(self, offer: KeyOffer, now_ms: int, deadline_ms: int) -> None:
        """Terminal: takes up an offer that arrived authenticated, and sends with its key from now on.

        Raises SecurityFault BAD_SESSION_COUNTER for a session that isn't after its own, KEY_CHECK_FAILED if
        the switch has another key; the keys stay as they were.
        """
        self._settle(now_ms)
        if not max(self.counter, self.next_counter or 0) < offer.counter <= SESSION_COUNTER_MAXIMUM:
            raise SecurityFault(SecurityFaultCode.BAD_SESSION_COUNTER)
        following = self._session(offer.counter)
        if not bytes_eq(following.check_value, offer.check_value):
            raise SecurityFault(SecurityFaultCode.KEY_CHECK_FAILED)
        self._roll_over = _RollOver(following, deadline_ms, sends_following=True)

    def sending_mac(self, now_ms: int) -> Mac:
        """Seals messages that answer nothing."""
        self._settle(now_ms)
        if self._roll_over and self._roll_over.sends_following:
            return self._roll_over.following.mac
        return self._current.mac

    def verify(self, payload: bytes, now_ms: int) -> Mac | None:
        """The MAC that authenticates the payload, if any. The first use of the new one drops the old."""
        self._settle(now_ms)
        if self._roll_over and self._roll_over.following.mac.verify(payload):
            self._finish(self._roll_over)
        return self._current.mac if self._current.mac.verify(payload) else None

    def verify_exchange(self, payload: bytes, now_ms: int) -> Mac | None:
        """As `verify`, for a request of a key exchange: it may also be sealed with the terminal's key itself.

        So a terminal that the deadline or a lost answer has left without a session gets a new one.
        """
        mac = self.verify(payload, now_ms)
        if mac is None and self.exchange_mac.verify(payload):
            return self.exchange_mac
        return mac

    def _session(self, counter: int) -> _Session:
        key = (
            derive_session_key(self._terminal_key, self._terminal_id, counter)
            if counter
            else self._terminal_key
        )
        return _Session(counter, Mac(key), cmac_check_value(key))

    def _settle(self, now_ms: int) -> None:
        if self._roll_over and now_ms >= self._roll_over.deadline_ms:
            self._finish(self._roll_over)

    def _finish(self, roll_over: _RollOver) -> None:
        self._current = roll_over.following
        self._roll_over = None
