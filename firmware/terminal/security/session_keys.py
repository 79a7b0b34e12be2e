"""Session keys of the link to the switch: derivation, and a roll-over in which two keys live.

Session key n comes from the terminal's key by KDF in counter mode with CMAC (NIST SP 800-108r1 clause 4.1),
its context the terminal id and n. Session 0 is the terminal's key itself.
"""

from terminal.constant import const
from terminal.messages.cmac import CmacKey, cmac, equal
from terminal.security.kcv import check_value

COUNTER_MAXIMUM = 0xFFFFFFFF
_KEY_BYTES = const(16)
_MAC_BYTES = const(8)
_LABEL = b"vafa session mac"


class SessionFault(Exception):  # noqa: N818  (a fault is the field's word)
    """An offer was refused; `reason` is "counter" or "check"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def derive_in_counter_mode(key: bytes, fixed_input: bytes, length: int) -> bytes:
    """`length` bytes; the counter of 32 bits stands before the fixed input."""
    derived = b""
    block = 0
    while len(derived) < length:
        block += 1
        data = block.to_bytes(4, "big") + fixed_input
        derived += cmac(key, data, len(data))
    return derived[:length]


def derive_session_key(terminal_key: bytes, terminal_id: str, counter: int) -> bytes:
    """MAC key of session `counter`, from 1."""
    if not 1 <= counter <= COUNTER_MAXIMUM:
        raise SessionFault("counter")
    identity = terminal_id.encode()
    context = identity + b" " * (8 - len(identity)) + counter.to_bytes(4, "big")
    fixed_input = _LABEL + b"\x00" + context + (8 * _KEY_BYTES).to_bytes(4, "big")
    return derive_in_counter_mode(terminal_key, fixed_input, _KEY_BYTES)


class SessionKeys:
    """One MAC key, or two from the adoption of an offer until the switch first uses the new one.

    The terminal sends with the new key from the moment it adopts. `counter` is stored when an offer is
    adopted, before anything is sent; the caller's timer calls `drop_old` at its deadline.
    """

    def __init__(self, terminal_key: bytes, terminal_id: str, counter: int) -> None:
        self._terminal_key = terminal_key
        self._terminal_id = terminal_id
        self.counter = counter
        self._exchange_mac = CmacKey(terminal_key)
        key = derive_session_key(terminal_key, terminal_id, counter) if counter else terminal_key
        self._mac = CmacKey(key)
        self._old_mac: CmacKey | None = None

    @property
    def rolling_over(self) -> bool:
        """Whether two keys live."""
        return self._old_mac is not None

    def adopt(self, counter: int, check: bytes) -> None:
        """Take up an offer that arrived authenticated. After a SessionFault the keys are as they were."""
        if not self.counter < counter <= COUNTER_MAXIMUM:
            raise SessionFault("counter")
        key = derive_session_key(self._terminal_key, self._terminal_id, counter)
        if not equal(check_value(key), check):
            raise SessionFault("check")
        if self._old_mac is None:
            self._old_mac = self._mac
        self._mac = CmacKey(key)
        self.counter = counter

    def drop_old(self) -> None:
        """End the roll-over: only the new key verifies."""
        self._old_mac = None

    def sign(self, buffer: bytes, length: int) -> bytes:
        """MAC of 8 bytes over the first `length` bytes."""
        return self._mac.cmac8(buffer, length)

    def sign_exchange(self, buffer: bytes, length: int) -> bytes:
        """The same with the terminal's key itself, for a terminal that has lost its session."""
        return self._exchange_mac.cmac8(buffer, length)

    def verify(self, payload: bytes) -> bool:
        """Whether the last 8 bytes authenticate the rest; the first use of the new key drops the old."""
        if _verified(payload, self._mac):
            self._old_mac = None
            return True
        return self._old_mac is not None and _verified(payload, self._old_mac)

    def verify_exchange(self, payload: bytes) -> bool:
        """As `verify`, for the answer to an exchange, which may have been asked for with `sign_exchange`."""
        return self.verify(payload) or _verified(payload, self._exchange_mac)


def _verified(payload: bytes, mac: CmacKey) -> bool:
    signed = len(payload) - _MAC_BYTES
    return signed > 0 and equal(mac.cmac8(payload, signed), payload[signed:])
