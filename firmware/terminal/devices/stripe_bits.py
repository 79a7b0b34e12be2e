"""Bits of a stripe into characters, ISO/IEC 7811-2: low bit first, odd parity, either direction.

Track 1 has six bits a character from the space on, tracks 2 and 3 have four from the zero on.
"""

from terminal.constant import const
from terminal.devices.misread import Misread

_SIX_BITS = const(6)


def between_sentinels(text: str, start: str, first: int, last: int, longest: int) -> str:
    """The data of a swipe's decoded characters: start sentinel, data, `?`, LRC character.

    Args:
        text: what the reader gave.
        start: the track's start sentinel.
        first: code of the track's first character.
        last: code of its last one.
        longest: characters, sentinels and LRC included.

    Raises:
        Misread: length, start, end, character or lrc.
    """
    if len(text) > longest or len(text) < 4:
        raise Misread("length")
    if text[0] != start:
        raise Misread("start")
    end = text.find("?")
    if end < 0 or end == len(text) - 1:
        raise Misread("end")
    if end != len(text) - 2:
        raise Misread("length")
    remainder = 0
    for character in text:
        if not first <= ord(character) <= last:
            raise Misread("character")
        remainder ^= ord(character) - first
    if remainder:
        raise Misread("lrc")
    return text[1:end]


class BitCollector:
    """The bits of one swipe as a clock-and-data reader gives them. Its buffer goes to a track's `from_bits`.

    Args:
        capacity_bytes: 128 holds track 1 at 210 bits an inch with the clocking around it.
    """

    def __init__(self, capacity_bytes: int = 128) -> None:
        self.bits = bytearray(capacity_bytes)
        self.count = 0

    def clock(self, level: int) -> None:
        """One falling edge of the strobe, with the data line's `level`: low is a one. Allocates nothing."""
        at = self.count
        if at < len(self.bits) * 8:
            if not level:
                self.bits[at >> 3] |= 0x80 >> (at & 7)
            self.count = at + 1

    def wipe(self) -> None:
        """Forget the swipe, as a new one begins or after it was read."""
        for at in range(len(self.bits)):
            self.bits[at] = 0
        self.count = 0


def read_characters(
    bits: bytes | bytearray | memoryview, backward: bool, width: int, start: str, longest: int
) -> str:
    """One direction of a swipe: from the `start` sentinel to the LRC character behind the end sentinel.

    Args:
        bits: the first bit is in the top of the first byte.
        backward: begin at the other end.
        width: bits of a character without its parity, 4 or 6.
        start: the start sentinel.
        longest: characters of the longest track, sentinels and LRC included.

    Raises:
        Misread: blank, start, parity, length or end.
    """
    total = len(bits) * 8
    base = 32 if width == _SIX_BITS else 48
    place = total - 1 if backward else 0
    step = -1 if backward else 1
    left = total
    while left and not bits[place >> 3] & (0x80 >> (place & 7)):
        place += step
        left -= 1
    if not left:
        raise Misread("blank")
    text = ""
    ended = False
    while True:
        left -= width + 1
        if left < 0:
            raise Misread("end")
        value = 0
        ones = 0
        for shift in range(width + 1):
            if bits[place >> 3] & (0x80 >> (place & 7)):
                value |= 1 << shift
                ones += 1
            place += step
        character = chr(base + (value & ((1 << width) - 1)))
        if not text and character != start:
            raise Misread("start")
        if not ones & 1:
            # No bit at all is the clocking after the data, not a character.
            raise Misread("parity" if value else "end")
        text += character
        if ended:
            return text
        if len(text) == longest:
            raise Misread("length")
        ended = character == "?"


def clearer(forward: str, backward: str) -> str:
    """Of the reasons of both directions, that of the one that was read further: it tells what is wrong."""
    for vague in ("blank", "start", "parity", "end"):
        if forward == vague:
            if backward != vague:
                return backward
        elif backward == vague:
            return forward
    return forward
