"""Keys in this program's memory, read from files of the board: used, and given out by nothing here."""

import os

from terminal.constant import const
from terminal.messages.cmac import CmacKey

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.hal.contract import MacKey

_KEY_BYTES = const(16)
_RANDOM_BYTES = const(8)


class KeySlot:
    """A key, and the key of its terminal's PIN blocks where there is one.

    Args:
        text: 32 hexadecimal digits.
        pin_text: likewise, or empty.

    Raises:
        ValueError: one of them is no key.
    """

    def __init__(self, text: str, pin_text: str = "") -> None:
        self._key = CmacKey(_key_of(text))
        self._pin_key = bytes(_key_of(pin_text)) if pin_text else b""

    @property
    def has_pin_key(self) -> bool:
        """Whether `pin_block` can be used."""
        return bool(self._pin_key)

    def mac(self, buffer: bytes | bytearray | memoryview, length: int) -> bytes:
        """AES-CMAC over the first `length` bytes, leftmost 8 bytes."""
        return self._key.cmac8(buffer, length)

    def derive(self, fixed_input: bytes) -> "MacKey":
        """A key of this one, for `fixed_input`."""
        return self._key.derive(fixed_input)

    def pin_block(self, pin: bytearray, account_number: str) -> bytes:
        """A block of ISO 9564-1 format 4; `pin` is zeroed."""
        from terminal.security.pin_block import encipher_format_4  # noqa: PLC0415  (few sales need a PIN)

        return encipher_format_4(self._pin_key, pin, account_number, os.urandom(_RANDOM_BYTES))


def _key_of(text: str) -> bytearray:
    if len(text) != 2 * _KEY_BYTES:
        raise ValueError("a key must be 32 hexadecimal digits")
    return bytearray(int(text[at : at + 2], 16) for at in range(0, len(text), 2))


def terminal_slot(folder: str) -> KeySlot:
    """The terminal's own, from `terminal.key` and, where customers key in PINs, `pin.key`.

    Raises:
        OSError: there is no `terminal.key`.
        ValueError: see `KeySlot`.
    """
    try:
        pin_text = _text(folder + "/pin.key")
    except OSError:
        pin_text = ""
    return KeySlot(_text(folder + "/terminal.key"), pin_text)


def _text(path: str) -> str:
    with open(path) as file:
        text: str = file.read()
        return text.strip()
