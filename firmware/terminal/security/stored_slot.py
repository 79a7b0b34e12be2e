"""The board's key slot over a key store: MAC, derivation, PIN encryption; no method gives a key away.

A board with a secure element has a class of its own with the same methods.
"""

from terminal.messages.cmac import CmacKey
from terminal.security.dukpt import PIN_ENCRYPTION, DukptTerminal
from terminal.security.key_store import PIN_STATE, TERMINAL_KEY
from terminal.security.pin_block import encipher_format_4

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.hal.contract import MacKey
    from terminal.security.key_store import KeyStore


class NoKey(Exception):  # noqa: N818
    """The terminal has not got the key: it was never injected, or was wiped."""


class StoredSlot:
    """What of `SecureSlot` a board without a secure element can do, and PIN encryption.

    Args:
        store: keeps the keys.

    Raises:
        NoKey: there is no terminal key.
    """

    def __init__(self, store: "KeyStore") -> None:
        key = store.key(TERMINAL_KEY)
        if key is None:
            raise NoKey
        self._store = store
        self._key: "CmacKey | None" = CmacKey(key)

    def mac(self, buffer: "bytes | bytearray | memoryview", length: int) -> bytes:
        """AES-CMAC over the first `length` bytes, leftmost 8 bytes. Raises NoKey."""
        return self._held().cmac8(buffer, length)

    def derive(self, fixed_input: bytes) -> "MacKey":
        """The key derived from the terminal's for `fixed_input`. Raises NoKey."""
        return self._held().derive(fixed_input)

    def pin_block(
        self, pin: bytearray, account_number: str, random_bytes: "Callable[[int], bytes]"
    ) -> "tuple[bytes, bytes]":
        """A PIN block of ISO 9564 format 4 under a DUKPT key that is used once, and its key serial number.

        The state without that key is on flash before the block is made.

        Raises:
            NoKey: there is no PIN key.
            DukptFault, PinFault: see there.
            OSError: the flash takes no record.
        """
        state = self._store.key(PIN_STATE)
        if state is None:
            raise NoKey
        dukpt = DukptTerminal(state)
        serial = dukpt.next_transaction()
        self._store.save()
        try:
            block = encipher_format_4(dukpt.working_key(PIN_ENCRYPTION), pin, account_number, random_bytes(8))
        finally:
            dukpt.end_transaction()
        return block, serial

    def wipe(self) -> None:
        """Give up the keys. Raises OSError."""
        self._key = None
        self._store.wipe()

    def _held(self) -> CmacKey:
        if self._key is None:
            raise NoKey
        return self._key
