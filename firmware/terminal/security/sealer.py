"""What seals messages: the terminal's key, or the key of a session, and two keys while they change.

Session key n is derived in the key slot (NIST SP 800-108r1 in counter mode with CMAC), its context the
terminal id and n. Number 0 is the terminal's key itself, which every new link begins with.
"""

from terminal.constant import const
from terminal.messages.cmac import equal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.hal.contract import MacKey, SecureSlot

# What `verify` finds.
FOREIGN = const(0)
BY_OWN_KEY = const(1)
BY_SESSION = const(2)

COUNTER_MAXIMUM = 0xFFFFFFFF
_KEY_BITS = const(128)
_MAC_BYTES = const(8)
_CHECK_BYTES = const(5)  # ANSI X9.24-1:2017 annex A
_LABEL = b"vafa session mac"


class SessionFault(Exception):  # noqa: N818  (a fault is the field's word)
    """An offer was refused; `reason` is "counter" or "check"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def session_input(terminal_id: str, counter: int) -> bytes:
    """The fixed input that session `counter`, from 1, is derived from.

    Raises:
        SessionFault: counter.
    """
    if not 1 <= counter <= COUNTER_MAXIMUM:
        raise SessionFault("counter")
    identity = terminal_id.encode()
    context = identity + b" " * (8 - len(identity)) + counter.to_bytes(4, "big")
    return _LABEL + b"\x00" + context + _KEY_BITS.to_bytes(4, "big")


class Sealer:
    """Seals what the terminal sends with its present key, and finds the key that sealed what it gets.

    From `adopt` on it seals with the new key. The old one still verifies until the switch first uses the new
    one, so that no answer on its way is lost.

    Args:
        slot: the terminal's key.
        terminal_id: field 41.
    """

    def __init__(self, slot: "SecureSlot", terminal_id: str) -> None:
        self.key_id = 0
        self.newest = 0
        self._slot = slot
        self._terminal_id = terminal_id
        self._key: "MacKey | None" = None
        self._old_key: "MacKey | None" = None

    def mac(self, buffer: "bytes | bytearray | memoryview", length: int) -> bytes:
        """MAC of 8 bytes over the first `length` bytes, under the key `key_id`."""
        return self._key.cmac8(buffer, length) if self._key else self._slot.mac(buffer, length)

    def reset(self) -> None:
        """Go back to the terminal's own key: a new link, or the switch has forgotten the session.

        `newest`, the highest session there was, is kept: no session comes twice.
        """
        self.key_id = 0
        self._key = self._old_key = None

    def adopt(self, counter: int, check: bytes) -> None:
        """Take up the session that an authenticated answer offers, with its key's check value.

        Raises:
            SessionFault: it is not a newer one, or the switch has another key; the keys stay as they were.
        """
        if counter <= self.newest:
            raise SessionFault("counter")
        key = self._slot.derive(session_input(self._terminal_id, counter))
        if not equal(key.cmac(bytes(16), 16)[:_CHECK_BYTES], check):
            raise SessionFault("check")
        # When the switch has not followed yet, the key that it still has is the older one.
        if self._old_key is None:
            self._old_key = self._key
        self._key = key
        self.key_id = self.newest = counter

    def verify(self, payload: "bytes | bytearray | memoryview") -> int:
        """BY_SESSION, BY_OWN_KEY or FOREIGN: what the payload's last 8 bytes authenticate the rest with.

        The first use of the new key drops the old.
        """
        key = self._key
        if key and _sealed(payload, key):
            self._old_key = None
            return BY_SESSION
        if self._old_key and _sealed(payload, self._old_key):
            return BY_SESSION
        signed = len(payload) - _MAC_BYTES
        if signed > 0 and equal(self._slot.mac(payload, signed), payload[signed:]):
            return BY_OWN_KEY
        return FOREIGN


def _sealed(payload: "bytes | bytearray | memoryview", key: "MacKey") -> bool:
    signed = len(payload) - _MAC_BYTES
    return signed > 0 and equal(key.cmac8(payload, signed), payload[signed:])
