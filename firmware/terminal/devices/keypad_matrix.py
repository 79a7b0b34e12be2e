"""A matrix keypad of 4 x 4 keys: debouncing, rollover, repetition. Pins and time are the caller's.

Without diodes three pressed corners of a rectangle make the fourth look pressed; such a scan is not believed.
"""

from terminal.constant import const

ROWS = const(4)
COLUMNS = const(4)
SCAN_MS = const(5)  # how often `scan` wants to be called
_STEADY_SCANS = const(4)  # 20 ms: contacts of rubber keypads bounce for up to 10 ms
_REPEAT_FIRST_MS = const(600)
_REPEAT_NEXT_MS = const(150)


class KeypadMatrix:
    """Turns scans into key presses.

    Args:
        layout: the byte of each key, row by row, 16 of them, as the front panel's stream has them.
        repeating: those that repeat while held down, as the clear key.
    """

    def __init__(self, layout: bytes, repeating: bytes = b"\x08") -> None:
        self._layout = layout
        self._repeating = repeating
        self._down = 0  # what is believed, a bit a key
        self._counts = bytearray(ROWS * COLUMNS)
        self._held = -1
        self._repeat_ms = 0

    def scan(self, rows: "bytes | bytearray | memoryview", elapsed_ms: int = SCAN_MS) -> bytes:
        """Take one scan and return the keys that go down with it, in the order of the layout.

        Args:
            rows: for each row driven the columns that answer, the first column lowest.
            elapsed_ms: since the last scan.
        """
        if _is_ambiguous(rows):
            return b""
        pressed = b""
        for key in range(ROWS * COLUMNS):
            is_down = rows[key >> 2] >> (key & 3) & 1
            if is_down == self._down >> key & 1:
                self._counts[key] = 0
                continue
            self._counts[key] += 1
            if self._counts[key] < _STEADY_SCANS:
                continue
            self._counts[key] = 0
            self._down ^= 1 << key
            if is_down:
                pressed += self._layout[key : key + 1]
                self._held = key
                self._repeat_ms = _REPEAT_FIRST_MS
            elif key == self._held:
                self._held = -1
        return pressed or self._repeated(elapsed_ms)

    def _repeated(self, elapsed_ms: int) -> bytes:
        """The key pressed last, when it is held long enough and repeats."""
        if self._held < 0 or self._layout[self._held] not in self._repeating:
            return b""
        self._repeat_ms -= elapsed_ms
        if self._repeat_ms > 0:
            return b""
        self._repeat_ms = _REPEAT_NEXT_MS
        return self._layout[self._held : self._held + 1]


def _is_ambiguous(rows: "bytes | bytearray | memoryview") -> bool:
    """Whether two rows share two columns or more: one of those keys may be a ghost."""
    for first in range(ROWS):
        for second in range(first + 1, ROWS):
            shared = rows[first] & rows[second]
            if shared & shared - 1:
                return True
    return False
