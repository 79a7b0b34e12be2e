"""A band of dots of the paper's width: glyphs are drawn into it, and it is what GS v 0 sends."""

from terminal.constant import const
from terminal.devices.escpos.commands import raster_header

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.screens.font import Font

BAND_ROWS = const(32)
_HEADER_BYTES = const(8)
_BLANK_ROWS = const(8)  # blanked at once
# Four dots, each of them twice.
_DOUBLED = b"\x00\x03\x0c\x0f\x30\x33\x3c\x3f\xc0\xc3\xcc\xcf\xf0\xf3\xfc\xff"


class Band:
    """The one bitmap there is, with the room for its command in front.

    Args:
        dots: width of the paper, a multiple of 8.
        buffer: its 8 bytes of header and four for each dot across, or more; made here where none is given.
    """

    def __init__(self, dots: int, buffer: "bytearray | None" = None) -> None:
        self.dots = dots
        self._row_bytes = dots >> 3
        size = _HEADER_BYTES + self._row_bytes * BAND_ROWS
        self._buffer = memoryview(buffer or bytearray(size))[:size]
        self._blank = bytes(self._row_bytes * _BLANK_ROWS)
        self._wide = memoryview(bytearray(64))

    def clear(self) -> None:
        """Make it blank."""
        at = _HEADER_BYTES
        step = len(self._blank)
        for _ in range(BAND_ROWS // _BLANK_ROWS):
            self._buffer[at : at + step] = self._blank
            at += step

    def command(self, rows: int) -> memoryview:
        """The bytes that print its first `rows` rows; valid until something is drawn."""
        raster_header(self._buffer, self._row_bytes, rows)
        return self._buffer[: _HEADER_BYTES + self._row_bytes * rows]

    def rule(self, row: int, inset: int, broken: bool) -> None:
        """A line across the paper, `inset` bytes from its edges."""
        at = _HEADER_BYTES + row * self._row_bytes
        for place in range(at + inset, at + self._row_bytes - inset):
            self._buffer[place] = 0xF0 if broken else 0xFF

    def text(self, glyphs: str, font: "Font", x: int, y: int, doubled: bool = False) -> int:
        """Draw a visual text from `x`, its line's top at row `y`; returns its end.

        What lies outside is cut off.
        """
        scale = 2 if doubled else 1
        for character in glyphs:
            font.load(character)
            self._glyph(font, x + scale * font.left, y + scale * font.top, doubled)
            x += scale * font.advance
        return x

    def _glyph(self, font: "Font", x: int, y: int, doubled: bool) -> None:
        row_bytes = font.width + 7 >> 3
        start = 0
        for _ in range(font.rows):
            if y < -1 or y >= BAND_ROWS:
                start += row_bytes
                y += 2 if doubled else 1
                continue
            row = font.bits[start : start + row_bytes]
            start += row_bytes
            if doubled:
                row = self._double(row)
                self._merge(row, x, y)
                y += 1
            self._merge(row, x, y)
            y += 1

    def _double(self, row: memoryview) -> memoryview:
        for at in range(len(row)):
            self._wide[2 * at] = _DOUBLED[row[at] >> 4]
            self._wide[2 * at + 1] = _DOUBLED[row[at] & 15]
        return self._wide[: 2 * len(row)]

    def _merge(self, row: memoryview, x: int, y: int) -> None:
        """Add dots to those of row `y`, byte by byte: a wider number would leave the small integers."""
        if not 0 <= y < BAND_ROWS:
            return
        shift = x & 7
        column = x >> 3
        buffer = self._buffer
        base = _HEADER_BYTES + y * self._row_bytes
        last = self._row_bytes
        for value in row:
            if 0 <= column < last:
                buffer[base + column] |= value >> shift
            column += 1
            if shift and 0 <= column < last:
                buffer[base + column] |= value << 8 - shift & 0xFF
