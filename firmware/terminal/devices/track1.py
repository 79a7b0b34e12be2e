"""Track 1 of a magnetic stripe in format B, ISO/IEC 7811-2 (encoding) and ISO/IEC 7813 (content).

`%B` number `^` name `^` YYMM, service code and the issuer's own data `?` LRC. The name is checked and not
kept: nothing on the terminal may show it.
"""

from terminal.constant import const
from terminal.devices.card_number import is_digits
from terminal.devices.entry_mode import STRIPE
from terminal.devices.misread import Misread
from terminal.devices.stripe_bits import between_sentinels, clearer, read_characters
from terminal.devices.track2 import is_expiry, luhn_holds

_LONGEST = const(79)  # ISO/IEC 7811-2: sentinels and LRC included
_WIDTH = const(6)
_PAN_SHORTEST = const(10)
_PAN_LONGEST = const(19)
_NAME_SHORTEST = const(2)
_NAME_LONGEST = const(26)


class Track1:
    """A good swipe of which track 2 is not known: `pan`, and `expiry` as YYMM."""

    entry_mode = STRIPE

    def __init__(self, pan: str, expiry: str) -> None:
        self.pan = pan
        self.expiry = expiry


def from_characters(text: str) -> Track1:
    """Check the decoded characters of a swipe: `%`, data, `?`, LRC character.

    Raises:
        Misread: length, start, end, character, lrc, format, separator, pan, luhn, name or expiry.
    """
    return content(between_sentinels(text, "%", 32, 95, _LONGEST))


def content(data: str) -> Track1:
    """Check what stood between the sentinels.

    Raises:
        Misread: length, format, separator, pan, luhn, name or expiry.
    """
    if len(data) > _LONGEST - 3:
        raise Misread("length")
    if data[:1] != "B":
        raise Misread("format")
    name_at = data.find("^") + 1
    expiry_at = data.find("^", name_at) + 1
    if not name_at or not expiry_at:
        raise Misread("separator")
    pan = data[1 : name_at - 1]
    if not is_digits(pan) or not _PAN_SHORTEST <= len(pan) <= _PAN_LONGEST:
        raise Misread("pan")
    if not luhn_holds(pan):
        raise Misread("luhn")
    if not _NAME_SHORTEST <= expiry_at - 1 - name_at <= _NAME_LONGEST:
        raise Misread("name")
    expiry = data[expiry_at : expiry_at + 4]
    if not is_expiry(expiry):
        raise Misread("expiry")
    return Track1(pan, expiry)


def from_bits(bits: bytes | bytearray | memoryview) -> Track1:
    """Read a raw swipe: first bit in the top of the first byte, clocking zeros around it, either direction.

    Raises:
        Misread: as `from_characters`, and blank or parity.
    """
    try:
        return from_characters(read_characters(bits, False, _WIDTH, "%", _LONGEST))
    except Misread as misread:
        forward = misread.reason
    try:
        return from_characters(read_characters(bits, True, _WIDTH, "%", _LONGEST))
    except Misread as misread:
        raise Misread(clearer(forward, misread.reason)) from None
