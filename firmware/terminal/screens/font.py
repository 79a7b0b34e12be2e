"""Bitmap fonts, read glyph by glyph from wherever they lie: a file, flash, bytes.

tools/generators/bitmap_fonts.py tells their layout.
"""

import struct

from terminal.constant import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Read = Callable[[int, memoryview], None]

_TEXT_BYTES = const(256)
_HEAD_BYTES = const(9)
_GLYPH_BYTES = const(7)
_RANGES_LIMIT = const(64)
_BITMAP_LIMIT = const(256)


class FontFault(Exception):  # noqa: N818
    """The bytes are no font of the layout that this firmware reads."""


def from_memory(data: bytes | memoryview) -> "Read":
    """The reader of a font that lies in memory: frozen, or in a mapped ROM file system."""
    view = memoryview(data)

    def read(address: int, into: memoryview) -> None:
        if address + len(into) > len(view):
            raise FontFault
        into[:] = view[address : address + len(into)]

    return read


class Font:
    """One font; after `load` it holds one glyph.

    Args:
        read: fills a buffer from an address of the font, whole or not at all.

    Attributes:
        height: rows of a line.
        advance: dots from this glyph's origin to the next one's.
        left: first column of the bitmap, from the origin; may be negative.
        top: first row of the bitmap, from the line's top.
        width, rows: size of the bitmap.
        bits: its rows, each padded to bytes, the leftmost dot highest.

    Raises:
        FontFault: it is no font.
    """

    def __init__(self, read: "Read") -> None:
        self._read = read
        head = bytearray(_HEAD_BYTES)
        read(_TEXT_BYTES, memoryview(head))
        magic, self.height, _, ranges, glyphs = struct.unpack(">4sBBBH", head)
        if magic != b"VBF1" or not self.height or ranges > _RANGES_LIMIT:
            raise FontFault
        self._ranges = bytearray(4 * ranges)
        read(_TEXT_BYTES + _HEAD_BYTES, memoryview(self._ranges))
        self._glyphs = _TEXT_BYTES + _HEAD_BYTES + 4 * ranges
        self._bitmaps = self._glyphs + _GLYPH_BYTES * glyphs
        self._count = glyphs
        self._glyph = memoryview(bytearray(_GLYPH_BYTES))
        self._bits = memoryview(bytearray(_BITMAP_LIMIT))
        self.bits = self._bits[:0]
        self.advance = self.left = self.top = self.width = self.rows = 0

    def has(self, character: str) -> bool:
        """Whether the font has it."""
        return self._number(ord(character)) > 0

    def load(self, character: str) -> None:
        """Read a glyph, with its bitmap.

        Raises:
            FontFault: the font is damaged.
        """
        self.measure(character)
        size = (self.width + 7 >> 3) * self.rows
        if size > _BITMAP_LIMIT:
            raise FontFault
        self.bits = self._bits[:size]
        self._read(self._bitmaps + (self._glyph[0] << 8 | self._glyph[1]), self.bits)

    def measure(self, character: str) -> int:
        """Read a glyph without its bitmap; returns its advance."""
        number = self._number(ord(character))
        if number >= self._count:
            raise FontFault
        self._read(self._glyphs + _GLYPH_BYTES * number, self._glyph)
        glyph = self._glyph
        self.advance = glyph[2]
        self.left = glyph[3] - 128
        self.top = glyph[4]
        self.width = glyph[5]
        self.rows = glyph[6]
        return self.advance

    def width_of(self, text: str) -> int:
        """Dots that a visual text takes."""
        width = 0
        for character in text:
            width += self.measure(character)
        return width

    def _number(self, value: int) -> int:
        """Number of the glyph; 0, the box, for what the font does not have."""
        ranges = self._ranges
        number = 1
        for at in range(0, len(ranges), 4):
            first = ranges[at] << 8 | ranges[at + 1]
            count = ranges[at + 2] << 8 | ranges[at + 3]
            if first <= value < first + count:
                return number + value - first
            number += count
        return 0
