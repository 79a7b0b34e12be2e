"""PIN block of ISO 9564-1 format 4, enciphered with AES."""

from terminal.constant import const
from terminal.messages.cipher import aes

_ECB = const(1)
_CONTROL = const(0x40)
_FILL = const(0xAA)
_ZERO = const(0x30)


class PinFault(Exception):  # noqa: N818  (a fault is the field's word)
    """The PIN or the account number has no allowed form. Says neither."""


def encipher_format_4(key: bytes, pin: bytearray, account_number: str, random: bytes) -> bytes:
    """16 bytes: the PIN field under AES, the account field added, under AES again.

    `pin` is 4 to 12 ASCII digits in a buffer, zeroed before this returns or raises; `account_number` 1 to 19
    digits; `random` 8 fresh random bytes; `key` 16 or 32 bytes.
    """
    field = bytearray(16)
    try:
        if not 4 <= len(pin) <= 12 or not _all_digits(pin) or len(random) != 8:
            raise PinFault("refused")
        account = _account_field(account_number.encode())
        for index in range(1, 8):
            field[index] = _FILL
        field[0] = _CONTROL | len(pin)
        for index in range(len(pin)):
            _put_nibble(field, index + 2, pin[index] - _ZERO)
        field[8:] = random
        cipher = aes(key, _ECB)
        block = bytearray(cipher.encrypt(field))
        for index in range(16):
            block[index] ^= account[index]
        return bytes(cipher.encrypt(block))
    finally:
        for index in range(len(pin)):
            pin[index] = 0
        for index in range(16):
            field[index] = 0


def _account_field(digits: bytes) -> bytearray:
    """How many digits there are over 12, the digits (at least 12), zeros."""
    if not 1 <= len(digits) <= 19 or not _all_digits(digits):
        raise PinFault("refused")
    field = bytearray(16)
    skipped = max(12 - len(digits), 0)
    _put_nibble(field, 0, len(digits) + skipped - 12)
    for index in range(len(digits)):
        _put_nibble(field, 1 + skipped + index, digits[index] - _ZERO)
    return field


def _put_nibble(field: bytearray, position: int, nibble: int) -> None:
    index = position >> 1
    field[index] = field[index] & 0xF0 | nibble if position & 1 else field[index] & 0x0F | nibble << 4


def _all_digits(text: "bytes | bytearray") -> bool:
    return all(_ZERO <= code <= _ZERO + 9 for code in text)
