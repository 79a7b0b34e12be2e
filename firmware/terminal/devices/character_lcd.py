"""A character display: HD44780 behind a PCF8574 I2C expander, as its usual backpack wires them.

Its letters are Latin: terminals with it are set to English, and Persian names are transliterated.
Times are those of the HD44780U datasheet (table 6 and figure 24); one I2C byte at 100 kHz takes 90 us, longer
than all but the first commands need.
"""

from terminal.constant import const
from terminal.screens.transliteration import transliterated

_REGISTER_SELECT = const(0x01)
_ENABLE = const(0x04)
_BACKLIGHT = const(0x08)
_ROW_STARTS = b"\x00\x40\x14\x54"

# Bytes for the expander and milliseconds to wait after them: into 4-bit mode from whatever it was in.
START = (
    (b"\x3c\x38", 5),
    (b"\x3c\x38", 1),
    (b"\x3c\x38", 1),
    (b"\x2c\x28", 1),
    (b"\x2c\x28\x8c\x88", 1),  # two lines or more, 5 x 8 dots
    (b"\x0c\x08\xcc\xc8", 1),  # on, without a cursor
    (b"\x0c\x08\x1c\x18", 2),  # clear
    (b"\x0c\x08\x6c\x68", 1),  # to the right, no shift
)


class CharacterLcd:
    """Desired and shown characters; only the difference goes over the wire.

    Args:
        columns: 16 or 20.
        rows: 2 or 4.
    """

    def __init__(self, columns: int = 20, rows: int = 4) -> None:
        self.columns = columns
        self.rows = rows
        self._wanted = bytearray(b" " * (columns * rows))
        self._shown = bytearray(columns * rows)
        self._out = memoryview(bytearray(4 * (columns + 1)))

    def show(self, lines: "list[str]", large: int = -1) -> bool:
        """Want `lines`, in Latin, the rest cut off; whether anything changed. There is no large type here."""
        for row in range(self.rows):
            text = transliterated(lines[row]) if row < len(lines) else ""
            base = row * self.columns
            for column in range(self.columns):
                self._wanted[base + column] = self._code(text[column]) if column < len(text) else 0x20
        return self._wanted != self._shown

    def refresh_all(self) -> None:
        """Forget what the display shows; send `START` before the writes."""
        for place in range(len(self._shown)):
            self._shown[place] = 0

    def next_write(self) -> memoryview | None:
        """Bytes for the expander that update one row, valid until the next call; None when all is shown."""
        for row in range(self.rows):
            base = row * self.columns
            start = 0
            end = self.columns
            while start < end and self._wanted[base + start] == self._shown[base + start]:
                start += 1
            while end > start and self._wanted[base + end - 1] == self._shown[base + end - 1]:
                end -= 1
            if start == end:
                continue
            row_start = _ROW_STARTS[row] if row < 2 else _ROW_STARTS[row - 2] + self.columns
            self._put(0, 0x80 | row_start + start, 0)
            size = 4
            for place in range(base + start, base + end):
                self._put(size, self._wanted[place], _REGISTER_SELECT)
                self._shown[place] = self._wanted[place]
                size += 4
            return self._out[:size]
        return None

    def _put(self, at: int, value: int, select: int) -> None:
        """A byte as two nibbles, each taken over when the enable line falls."""
        for nibble in (value & 0xF0, value << 4 & 0xF0):
            self._out[at] = nibble | _BACKLIGHT | _ENABLE | select
            self._out[at + 1] = nibble | _BACKLIGHT | select
            at += 2

    @staticmethod
    def _code(character: str) -> int:
        # ROM A00 has a yen sign and arrows where ASCII has these two.
        return 0x2F if character == "\\" else 0x2D if character == "~" else ord(character)
