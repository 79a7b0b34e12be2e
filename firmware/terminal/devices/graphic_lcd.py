"""A monochrome graphic display, SSD1306 or ST7565: pages of 8 rows, of which only what has changed is sent.

Both controllers take the same addressing (page B0h, column 0xh and 1xh) and hold 128 columns; a panel of 256
dots has two of them side by side. All waiting and all wires are the caller's.
"""

from terminal.constant import const
from terminal.screens.bidi import RIGHT_TO_LEFT
from terminal.screens.typesetting import typeset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.screens.font import Font

_CONTROLLER_COLUMNS = const(128)
_CLEAN = const(0x7FFF)

SSD1306_START = (
    b"\xae\xd5\x80\xa8\x3f\xd3\x00\x40\x8d\x14\x20\x02\xa1\xc8\xda\x12\x81\x7f\xd9\xf1\xdb\x40\xa4\xa6\xaf"
)
ST7565_START = b"\xa2\xa0\xc8\xa6\x2f\x26\x81\x1f\x40\xa4\xaf"


class GraphicLcd:
    """What the panel should show, and the writes that make it so.

    Args:
        columns: dots of a row, 128 or 256.
        rows: 64, or another multiple of 8.
        font: for lines.
        large: fonts for the line in large type, the largest first; the first one into which it fits is taken.
        first_column: where the controller's visible columns begin, 0 to 4: some ST7565 panels are not at 0.
    """

    def __init__(
        self, columns: int, rows: int, font: "Font", large: "tuple[Font, ...]" = (), first_column: int = 0
    ) -> None:
        self.columns = columns
        self.rows = rows
        self._font = font
        self._large = large
        self._first_column = first_column
        pages = rows >> 3
        self._dots = memoryview(bytearray(columns * pages))
        self._dirty_from = [0] * pages
        self._dirty_to = [columns] * pages
        self._shown: "list[str]" = []
        self._shown_as = (-1, RIGHT_TO_LEFT)
        self._address = bytearray(3)

    def show(self, lines: "list[str]", large: int = -1, direction: int = RIGHT_TO_LEFT) -> bool:
        """Want `lines`, number `large` in large type, in a `direction` of `bidi`; whether any changed.

        The large line takes the rows that the others leave, also those of blank lines. Lines for which there
        is no room are left out.
        """
        if lines == self._shown and (large, direction) == self._shown_as:
            return False
        self._shown = list(lines)
        self._shown_as = (large, direction)
        self._clear()
        spare = self.rows
        for number, line in enumerate(lines):
            if line and number != large:
                spare -= self._font.height
        y = 0
        for number, line in enumerate(lines):
            if not line and 0 <= large < len(lines):
                continue
            glyphs = typeset(line, direction)
            font = self._font
            height = font.height
            if number == large:
                height = max(spare, height)
                font = self._largest(glyphs, height)
            if y + font.height > self.rows:
                break
            dots = font.width_of(glyphs)
            if number == large:
                x = max((self.columns - dots) // 2, 0)
            else:
                x = self.columns - dots if direction == RIGHT_TO_LEFT else 0
            self.text(glyphs, font, x, y + (height - font.height) // 2)
            y += height
        return True

    def refresh_all(self) -> None:
        """Forget what the panel shows, as after it was unplugged."""
        for page in range(self.rows >> 3):
            self._dirty_from[page] = 0
            self._dirty_to[page] = self.columns

    def next_write(self) -> "tuple[int, bytearray, memoryview] | None":
        """What to send next: number of the controller, three command bytes, data; None when all is shown.

        The two buffers are valid until the next call.
        """
        for page in range(self.rows >> 3):
            start, end = self._dirty_from[page], self._dirty_to[page]
            if start >= end:
                continue
            controller = start // _CONTROLLER_COLUMNS
            stop = min(end, (controller + 1) * _CONTROLLER_COLUMNS)
            self._dirty_from[page] = stop if stop < end else _CLEAN
            column = start % _CONTROLLER_COLUMNS + self._first_column
            self._address[0] = 0xB0 | page
            self._address[1] = 0x10 | column >> 4
            self._address[2] = column & 0x0F
            base = page * self.columns
            return (controller, self._address, self._dots[base + start : base + stop])
        return None

    def text(self, glyphs: str, font: "Font", x: int, y: int) -> None:
        """Draw a visual text; what lies outside the panel is cut off."""
        for character in glyphs:
            font.load(character)
            row_bytes = font.width + 7 >> 3
            for row in range(font.rows):
                at = row * row_bytes
                for column in range(font.width):
                    if font.bits[at + (column >> 3)] & 0x80 >> (column & 7):
                        self._dot(x + font.left + column, y + font.top + row)
            x += font.advance

    def art(self) -> "list[str]":
        """The dots as text, `#` for dark, without the blank columns on the right."""
        return [
            "".join(
                "#" if self._dots[(y >> 3) * self.columns + x] >> (y & 7) & 1 else "."
                for x in range(self.columns)
            ).rstrip(".")
            for y in range(self.rows)
        ]

    def _largest(self, glyphs: str, height: int) -> "Font":
        for font in self._large:
            if font.height <= height and font.width_of(glyphs) <= self.columns:
                for character in glyphs:
                    if not font.has(character):
                        break
                else:
                    return font
        return self._font

    def _clear(self) -> None:
        for page in range(self.rows >> 3):
            base = page * self.columns
            for column in range(self.columns):
                if self._dots[base + column]:
                    self._dots[base + column] = 0
                    self._mark(page, column)

    def _dot(self, x: int, y: int) -> None:
        if 0 <= x < self.columns and 0 <= y < self.rows:
            page = y >> 3
            self._dots[page * self.columns + x] |= 1 << (y & 7)
            self._mark(page, x)

    def _mark(self, page: int, column: int) -> None:
        if self._dirty_from[page] >= self._dirty_to[page]:
            self._dirty_from[page] = column
            self._dirty_to[page] = column + 1
        elif column < self._dirty_from[page]:
            self._dirty_from[page] = column
        elif column >= self._dirty_to[page]:
            self._dirty_to[page] = column + 1
