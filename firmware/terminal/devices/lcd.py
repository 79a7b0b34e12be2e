"""The display: what it should show, what it does show, and the frames that make the two agree."""

from terminal.constant import const

LINES = 4
_LARGE = const(0x80)
_LONGEST = const(96)  # bytes of one line; 32 Persian letters and isolates fit


class Lcd:
    """Desired lines with dirty flags: callers never wait for the hardware."""

    def __init__(self) -> None:
        self._lines = [""] * LINES
        self._dirty = [True] * LINES
        self._large = -1

    def show(self, lines: list[str], large: int = -1) -> bool:
        """Want `lines` (missing ones blank), number `large` in large type; whether anything changed."""
        for number in range(LINES):
            text = lines[number] if number < len(lines) else ""
            if text != self._lines[number] or (number == large) != (number == self._large):
                self._lines[number] = text
                self._dirty[number] = True
        self._large = large
        return True in self._dirty

    def refresh_all(self) -> None:
        """Forget what the hardware shows, as after it was unplugged."""
        for number in range(LINES):
            self._dirty[number] = True

    def next_frame(self) -> bytes | None:
        """The frame of one dirty line; None when all is shown.

        Line number, its highest bit set for large type; byte length; UTF-8 text.
        """
        for number in range(LINES):
            if self._dirty[number]:
                self._dirty[number] = False
                text = self._lines[number]
                data = text.encode()
                while len(data) > _LONGEST:
                    text = text[:-1]
                    data = text.encode()
                return bytes((number | (_LARGE if number == self._large else 0), len(data))) + data
        return None
