"""Track 2 of a magnetic stripe, ISO/IEC 7811-2 (encoding) and ISO/IEC 7813 (content).

A reader delivers either the raw bits of a swipe, in either direction, or decoded characters. Both end in the
same character rules. Nothing here puts card data into an exception.
"""

from terminal.constant import const

_LONGEST = const(40)  # ISO/IEC 7811-2: sentinels and LRC included
_START = const(0x0B)
_END = const(0x0F)
_PAN_SHORTEST = const(10)
_PAN_LONGEST = const(19)


class Misread(Exception):  # noqa: N818
    """The swipe must be repeated. `reason` is one word, safe to log and to show."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Track2:
    """A good swipe: `pan`, `expiry` as YYMM, and `data`, the characters between the sentinels."""

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
    if len(text) > _LONGEST or len(text) < 4:
        raise Misread("length")
    if text[0] != ";":
        raise Misread("start")
    end = text.find("?")
    if end < 0 or end == len(text) - 1:
        raise Misread("end")
    if end != len(text) - 2:
        raise Misread("length")
    remainder = 0
    for character in text:
        value = ord(character) - 48
        if value < 0 or value > 15:
            raise Misread("character")
        remainder ^= value
    if remainder:
        raise Misread("lrc")
    return _content(text[1:end])


def _content(data: str) -> Track2:
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
    if len(expiry) != 4 or not expiry.isdigit() or not 1 <= int(expiry[2:]) <= 12:
        raise Misread("expiry")
    return card


def from_bits(bits: bytes | bytearray | memoryview) -> Track2:
    """Read a raw swipe: first bit in the top of the first byte, clocking zeros around it, either direction.

    Raises:
        Misread: as `from_characters`, and blank or parity.
    """
    try:
        return from_characters(_characters(bits, False))
    except Misread as forward:
        try:
            return from_characters(_characters(bits, True))
        except Misread as backward:
            # The direction that was read further tells what is wrong with the card.
            reasons = (forward.reason, backward.reason)
    for reason in ("blank", "start", "parity", "end"):
        if reasons[0] == reason or reasons[1] == reason:
            other = reasons[1] if reasons[0] == reason else reasons[0]
            if other != reason:
                raise Misread(other)
    raise Misread(reasons[0])


def _characters(bits: bytes | bytearray | memoryview, backward: bool) -> str:
    total = len(bits) * 8
    at = 0
    while at < total and not _bit(bits, total, at, backward):
        at += 1
    if at == total:
        raise Misread("blank")
    text = ""
    ended = False
    while True:
        if at + 5 > total:
            raise Misread("end")
        value = 0
        odd = False
        for weight in (1, 2, 4, 8, 16):
            if _bit(bits, total, at, backward):
                value |= weight
                odd = not odd
            at += 1
        if not text and value & 15 != _START:
            raise Misread("start")
        if not odd:
            # No bit at all is the clocking after the data, not a character.
            raise Misread("parity" if value else "end")
        text += chr(48 + (value & 15))
        if ended:
            return text
        if len(text) == _LONGEST:
            raise Misread("length")
        ended = value & 15 == _END


def _bit(bits: bytes | bytearray | memoryview, total: int, at: int, backward: bool) -> int:
    if backward:
        at = total - 1 - at
    return bits[at >> 3] & (0x80 >> (at & 7))
