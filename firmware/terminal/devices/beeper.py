"""What the beeper says: patterns of tones, and when each of them is due."""

from terminal.constant import const

# Tones of a pattern: frequency in units of 20 Hz (0: silence), and length in units of 10 ms.
KEY = b"\x64\x03"
APPROVED = b"\x64\x08\x00\x04\x96\x10"
DECLINED = b"\x28\x1e\x00\x0a\x28\x1e"
FAULT = b"\x28\x0a\x00\x05\x28\x0a\x00\x05\x28\x0a"
REMOVE_CARD = b"\x64\x14\x00\x50"
_HERTZ = const(20)
_MILLISECONDS = const(10)


class Beeper:
    """Plays one pattern at a time, the last one asked for; a driver calls `due` and does what it says."""

    def __init__(self) -> None:
        self._pattern = b""
        self._repeats = 0
        self._at = 0

    def play(self, pattern: bytes, repeats: int = 1) -> None:
        """Begin a pattern, in place of what plays; `repeats` times, 0 is silence."""
        self._pattern = pattern
        self._repeats = repeats
        self._at = 0

    def due(self) -> "tuple[int, int] | None":
        """The next tone: hertz (0: silence), and milliseconds until the next call. None at the end."""
        if self._at + 1 >= len(self._pattern):
            self._at = 0
            self._repeats -= 1
        if self._repeats <= 0 or len(self._pattern) < 2:
            self._pattern = b""
            self._repeats = 0
            return None
        at = self._at
        self._at = at + 2
        return (self._pattern[at] * _HERTZ, self._pattern[at + 1] * _MILLISECONDS)
