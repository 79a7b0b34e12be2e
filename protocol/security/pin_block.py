"""PIN blocks of ISO 9564-1: formats 0 and 3, clear and of 8 bytes; format 4, enciphered with AES.

A refused block gives one fault whatever is wrong with it, and all of it is looked at first, so that a peer
learns nothing by trying. Formats 0 and 3 bind the account number only where it falls on fill digits: a wrong
one may give another PIN instead of a refusal.
"""

import os
import secrets
from collections.abc import Callable, Sequence

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from protocol.security.faults import SecurityFault, SecurityFaultCode

PIN_DIGITS = range(4, 13)
PIN_BLOCK_BYTES = 8
PIN_BLOCK_BYTES_FORMAT_4 = 16
_AES_KEY_BYTES = (16, 24, 32)
_FILL_FORMAT_0 = 0xF
_FILLS_FORMAT_3 = range(0xA, 0x10)
_FILL_FORMAT_4 = 0xA
_FIELD_NIBBLES = 16  # of the PIN field, before the random bytes of format 4
_DIGITS = frozenset("0123456789")


def encode_format_0(pin: str, account_number: str) -> bytes:
    """Clear block of format 0: a PIN of 4 to 12 digits over an account number of at least 13."""
    return _over_account(_pin_nibbles(0, pin, lambda: _FILL_FORMAT_0), account_number)


def decode_format_0(block: bytes, account_number: str) -> str:
    """The PIN of a clear block. Raises SecurityFault PIN_BLOCK_REFUSED."""
    return _pin_of(_nibbles(_over_account(block, account_number)), 0, (_FILL_FORMAT_0,))


def encode_format_3(
    pin: str, account_number: str, random_below: Callable[[int], int] = secrets.randbelow
) -> bytes:
    """Clear block of format 3, whose fill digits are random from A to F."""
    return _over_account(_pin_nibbles(3, pin, lambda: 0xA + random_below(6)), account_number)


def decode_format_3(block: bytes, account_number: str) -> str:
    """The PIN of a clear block. Raises SecurityFault PIN_BLOCK_REFUSED."""
    return _pin_of(_nibbles(_over_account(block, account_number)), 3, _FILLS_FORMAT_3)


def encipher_format_4(
    key: bytes, pin: str, account_number: str, random_bytes: Callable[[int], bytes] = os.urandom
) -> bytes:
    """Enciphered block of format 4: the PIN field under AES, the account field added, under AES again.

    `key` has 16, 24 or 32 bytes, `account_number` 1 to 19 digits. `random_bytes` gives the field's last 8
    bytes.
    """
    cipher = _aes(key)
    field = _pin_nibbles(4, pin, lambda: _FILL_FORMAT_4) + random_bytes(8)
    account = _account_field(account_number)
    first = cipher.encryptor().update(field)
    return cipher.encryptor().update(_add(first, account))


def decipher_format_4(key: bytes, block: bytes, account_number: str) -> str:
    """The PIN of an enciphered block. Raises SecurityFault PIN_BLOCK_REFUSED, for a wrong account too."""
    cipher = _aes(key)
    account = _account_field(account_number)
    if len(block) != PIN_BLOCK_BYTES_FORMAT_4:
        raise SecurityFault(SecurityFaultCode.PIN_BLOCK_REFUSED)
    first = _add(cipher.decryptor().update(block), account)
    field = cipher.decryptor().update(first)
    return _pin_of(_nibbles(field), 4, (_FILL_FORMAT_4,))


def _aes(key: bytes) -> Cipher[modes.ECB]:
    if len(key) not in _AES_KEY_BYTES:
        raise SecurityFault(SecurityFaultCode.BAD_KEY)
    return Cipher(AES(key), modes.ECB())  # noqa: S305  (single blocks, as the standard has it)


def _pin_nibbles(control: int, pin: str, fill: Callable[[], int]) -> bytes:
    if len(pin) not in PIN_DIGITS or not _DIGITS.issuperset(pin):
        raise SecurityFault(SecurityFaultCode.BAD_PIN)
    nibbles = [control, len(pin), *(ord(digit) - ord("0") for digit in pin)]
    nibbles += [fill() for _ in range(_FIELD_NIBBLES - len(nibbles))]
    return bytes(high << 4 | low for high, low in zip(nibbles[::2], nibbles[1::2], strict=True))


def _pin_of(nibbles: list[int], control: int, fill: Sequence[int]) -> str:
    """Reads a PIN field; every nibble is judged, whatever the ones before it were."""
    length = nibbles[1]
    wrong = int(nibbles[0] != control) | int(length not in PIN_DIGITS)
    for position, nibble in enumerate(nibbles[2:_FIELD_NIBBLES]):
        within_pin = int(position < length)
        wrong |= within_pin & int(nibble > 9)
        wrong |= (1 - within_pin) & int(nibble not in fill)
    if wrong:
        raise SecurityFault(SecurityFaultCode.PIN_BLOCK_REFUSED)
    return "".join(str(nibble) for nibble in nibbles[2 : 2 + length])


def _over_account(block: bytes, account_number: str) -> bytes:
    """The block with the 12 rightmost digits of the account number, check digit left out, added to it."""
    if not 13 <= len(account_number) <= 19 or not _DIGITS.issuperset(account_number):
        raise SecurityFault(SecurityFaultCode.BAD_ACCOUNT_NUMBER)
    if len(block) != PIN_BLOCK_BYTES:
        raise SecurityFault(SecurityFaultCode.PIN_BLOCK_REFUSED)
    return _add(block, bytes.fromhex("0000" + account_number[-13:-1]))


def _account_field(account_number: str) -> bytes:
    """Account field of format 4: how many digits there are over 12, the digits, zeros."""
    if not 1 <= len(account_number) <= 19 or not _DIGITS.issuperset(account_number):
        raise SecurityFault(SecurityFaultCode.BAD_ACCOUNT_NUMBER)
    digits = account_number.rjust(12, "0")
    return bytes.fromhex(f"{len(digits) - 12}{digits}".ljust(32, "0"))


def _nibbles(block: bytes) -> list[int]:
    return [half for byte in block for half in (byte >> 4, byte & 0xF)]


def _add(left: bytes, right: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(left, right, strict=True))
