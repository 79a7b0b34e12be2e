"""Lines of serial readers: printable ASCII, ended by CR, LF or a pause, sometimes wrapped in STX and ETX."""

from terminal.constant import const

_STX = const(0x02)
_ETX = const(0x03)
_LF = const(0x0A)
_CR = const(0x0D)


class LineParser:
    """Lines out of a byte stream; at most one unfinished line of `limit_bytes` is held.

    A line with any other byte in it is noise: it is dropped and counted in `ignored`. One that is too long
    comes out as "", so that the caller can say so.
    """

    def __init__(self, limit_bytes: int) -> None:
        self.ignored = 0
        self._line = bytearray(limit_bytes)
        self._held = 0
        self._noisy = False
        self._long = False

    def feed(self, data: bytes | bytearray | memoryview) -> "list[str]":
        """Take the next bytes; return the lines they complete."""
        lines: "list[str]" = []
        for value in data:
            if value in (_CR, _LF):
                self._end(lines)
            elif 0x20 <= value <= 0x7E:
                if self._held < len(self._line):
                    self._line[self._held] = value
                    self._held += 1
                else:
                    self._long = True
            elif value not in (_STX, _ETX):
                self._noisy = True
        return lines

    @property
    def unfinished(self) -> bool:
        """Whether a line has begun; then a pause ends it."""
        return self._held > 0 or self._noisy

    def pause(self) -> "list[str]":
        """Nothing came for a while: whatever is held was the whole line."""
        lines: "list[str]" = []
        self._end(lines)
        return lines

    def _end(self, lines: "list[str]") -> None:
        if self._noisy:
            self.ignored += 1
        elif self._long:
            lines.append("")
        elif self._held:
            lines.append(str(memoryview(self._line)[: self._held], "ascii"))
        # The line held a card number; leave nothing of it behind.
        for at in range(self._held):
            self._line[at] = 0
        self._held = 0
        self._noisy = False
        self._long = False
