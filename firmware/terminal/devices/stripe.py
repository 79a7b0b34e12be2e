"""The stripe reader's stream: frames of kind (`B` raw bits, `C` characters), length, data."""

from terminal.constant import const
from terminal.devices.track2 import Misread, from_bits, from_characters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.devices.track2 import Track2

_BITS = const(0x42)
_CHARACTERS = const(0x43)


class StripeParser:
    """Turns the reader's bytes into cards and misreads. Holds at most one frame of 257 bytes."""

    def __init__(self) -> None:
        self._frame = bytearray(257)
        self._held = 0

    def feed(self, data: bytes | bytearray | memoryview) -> "list[Track2 | Misread]":
        """Take the next bytes; return the swipes they complete, in order."""
        swipes: "list[Track2 | Misread]" = []
        for value in data:
            self._frame[self._held] = value
            self._held += 1
            if self._held >= 2 and self._held == 2 + self._frame[1]:
                swipes.append(self._swipe())
                self._held = 0
                # The frame held a card number; leave nothing of it behind.
                for at in range(len(self._frame)):
                    self._frame[at] = 0
        return swipes

    def _swipe(self) -> "Track2 | Misread":
        data = memoryview(self._frame)[2 : self._held]
        try:
            if self._frame[0] == _BITS:
                return from_bits(data)
            if self._frame[0] == _CHARACTERS:
                return from_characters("".join(chr(value) for value in data))
        except Misread as misread:
            return misread
        return Misread("reader")
