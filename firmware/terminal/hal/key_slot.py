"""Keys in this program's memory: used, and given out by nothing here."""

import os

from terminal.messages.cmac import CmacKey

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.hal.contract import MacKey, Parts


class KeySlot:
    """A key, and the way to the terminal's PIN keys; `has_pin_key` tells whether there are any.

    Args:
        key: 16 bytes.
        pin_keys: whose part `keys` has them.
    """

    def __init__(self, key: "bytes | bytearray", pin_keys: "Parts | None" = None) -> None:
        self._key = CmacKey(key)
        self._pin_keys = pin_keys
        self.has_pin_key = pin_keys is not None

    def mac(self, buffer: bytes | bytearray | memoryview, length: int) -> bytes:
        """AES-CMAC over the first `length` bytes, leftmost 8 bytes."""
        return self._key.cmac8(buffer, length)

    def derive(self, fixed_input: bytes) -> "MacKey":
        """A key of this one, for `fixed_input`."""
        return self._key.derive(fixed_input)

    def pin_block(self, pin: bytearray, account_number: str) -> "tuple[bytes, bytes]":
        """A block of ISO 9564-1 format 4 and the serial number of its key; `pin` is zeroed."""
        from terminal.loading import KEY_MODULES, let_go  # noqa: PLC0415  (few sales need a PIN)
        from terminal.security.stored_slot import pin_block  # noqa: PLC0415

        assert self._pin_keys is not None  # noqa: S101  (`has_pin_key` says so)
        try:
            return pin_block(self._pin_keys, pin, account_number, os.urandom)
        finally:
            let_go(KEY_MODULES)


def slot_of(text: str) -> KeySlot:
    """The slot of a key in hexadecimal digits. Raises ValueError."""
    if len(text) != 32:
        raise ValueError("a key must be 32 hexadecimal digits")
    return KeySlot(bytes(int(text[at : at + 2], 16) for at in range(0, 32, 2)))
