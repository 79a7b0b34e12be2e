"""A stream of whole numbers in as few bytes as they need, each in exactly one form.

Below 0xE0 a number is one byte. Otherwise a byte 0xDF + n says that n bytes follow, big-endian, without
leading zeros. Numbers that can be negative are folded: 0, -1, 1, -2 are 0, 1, 2, 3.
"""

from collections.abc import Iterable
from typing import Final

from switch.rules.packing.fault import RuleTableFault

_LONG: Final = 0xE0
_LENGTH_BASE: Final = 0xDF


def encode_integers(values: Iterable[int]) -> bytes:
    """Bytes of numbers from 0 to 256 bits."""
    encoded = bytearray()
    append = encoded.append
    for value in values:
        if value < _LONG:
            append(value)
        else:
            length = (value.bit_length() + 7) >> 3
            append(_LENGTH_BASE + length)
            encoded += value.to_bytes(length, "big")
    return bytes(encoded)


def decode_integers(encoded: bytes) -> list[int]:
    """The numbers of a whole stream. Raises RuleTableFault where one is cut off or longer than it needs."""
    values: list[int] = []
    append = values.append
    offset, end = 0, len(encoded)
    while offset < end:
        first = encoded[offset]
        offset += 1
        if first < _LONG:
            append(first)
            continue
        following = offset + first - _LENGTH_BASE
        value = int.from_bytes(encoded[offset:following], "big")
        if following > end or (value < _LONG if following == offset + 1 else encoded[offset] == 0):
            raise RuleTableFault("rule table holds a number that is cut off or longer than it needs")
        append(value)
        offset = following
    return values


def folded(value: int) -> int:
    """A number that can be negative as one that can't."""
    return value << 1 if value >= 0 else (-value << 1) - 1


def unfolded(value: int) -> int:
    """The number that was folded."""
    return -((value + 1) >> 1) if value & 1 else value >> 1
