"""Track 2 of a magnetic stripe, ISO/IEC 7811-2 (encoding) and ISO/IEC 7813 (content).

A reader delivers either the raw bits of a swipe, in either direction, or decoded characters. Both end in the
same character rules. Nothing here puts card data into an exception.
"""

from terminal.constant import const
from terminal.devices.entry_mode import STRIPE
from terminal.devices.misread import Misread as Misread  # noqa: PLC0414  (the readers' one fault)
from terminal.devices.stripe_bits import between_sentinels, clearer, read_characters

_LONGEST = const(40)  # ISO/IEC 7811-2: sentinels and LRC included
_WIDTH = const(4)
_PAN_SHORTEST = const(10)
_PAN_LONGEST = const(19)


class Track2:
    """A good swipe: `pan`, `expiry` as YYMM, and `data`, the characters between the sentinels."""

    entry_mode = STRIPE

    def __init__(self, data: str, separator: int) -> None:
        self.data = data
        self.pan = data[:separator]
        self.expiry = data[separator + 1 : separator + 5]


def luhn_holds(digits: str) -> bool:
    """Whether the last digit is the check digit of ISO/IEC 7812-1 annex B."""
    total = 0
    double = False
    for at in range(len(digits) - 1, -1, -1):
        value = ord(digits[at]) - 48
        if double:
            value *= 2
            if value > 9:
                value -= 9
        total += value
        double = not double
    return total % 10 == 0


def from_characters(text: str) -> Track2:
    """Check the decoded characters of a swipe: `;`, data, `?`, LRC character.

    Raises:
        Misread: length, start, end, lrc, character, separator, pan, luhn or expiry.
    """
    return content(between_sentinels(text, ";", 48, 63, _LONGEST))


def content(data: str) -> Track2:
    """Check what stood between the sentinels (ISO/IEC 7813).

    Raises:
        Misread: length, character, separator, pan, luhn or expiry.
    """
    if len(data) > _LONGEST - 3:
        raise Misread("length")
    for character in data:
        if not (character.isdigit() or character == "="):
            raise Misread("character")
    separator = data.find("=")
    if separator < 0:
        raise Misread("separator")
    if separator < _PAN_SHORTEST or separator > _PAN_LONGEST:
        raise Misread("pan")
    card = Track2(data, separator)
    if not luhn_holds(card.pan):
        raise Misread("luhn")
    expiry = card.expiry
    if not is_expiry(expiry):
        raise Misread("expiry")
    return card


def is_expiry(text: str) -> bool:
    """Whether `text` is YYMM."""
    return len(text) == 4 and text.isdigit() and 1 <= int(text[2:]) <= 12


def from_bits(bits: bytes | bytearray | memoryview) -> Track2:
    """Read a raw swipe: first bit in the top of the first byte, clocking zeros around it, either direction.

    Raises:
        Misread: as `from_characters`, and blank or parity.
    """
    try:
        return from_characters(read_characters(bits, False, _WIDTH, ";", _LONGEST))
    except Misread as misread:
        forward = misread.reason
    try:
        return from_characters(read_characters(bits, True, _WIDTH, ";", _LONGEST))
    except Misread as misread:
        raise Misread(clearer(forward, misread.reason)) from None
