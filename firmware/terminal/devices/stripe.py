"""The stripe reader's stream: frames of kind, length, data.

`B` raw bits of track 2; `C` its characters; `T` raw bits of both tracks of one swipe: how many bytes track
1 has, track 1, track 2.
"""

from terminal.constant import const
from terminal.devices import track1, track2
from terminal.devices.misread import Misread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.devices.track1 import Track1
    from terminal.devices.track2 import Track2

_BITS = const(0x42)
_CHARACTERS = const(0x43)
_BOTH = const(0x54)


class StripeParser:
    """Turns the reader's bytes into cards and misreads. Holds at most one frame of 257 bytes."""

    def __init__(self) -> None:
        self._frame = bytearray(257)
        self._held = 0

    def feed(self, data: bytes | bytearray | memoryview) -> "list[Track2 | Track1 | Misread]":
        """Take the next bytes; return the swipes they complete, in order."""
        swipes: "list[Track2 | Track1 | Misread]" = []
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

    def _swipe(self) -> "Track2 | Track1 | Misread":
        data = memoryview(self._frame)[2 : self._held]
        try:
            if self._frame[0] == _BITS:
                return track2.from_bits(data)
            if self._frame[0] == _CHARACTERS:
                return track2.from_characters("".join(chr(value) for value in data))
            if self._frame[0] == _BOTH and len(data) and data[0] < len(data):
                return both_tracks(data[1 : 1 + data[0]], data[1 + data[0] :])
        except Misread as misread:
            return misread
        return Misread("reader")


def both_tracks(
    bits1: bytes | bytearray | memoryview, bits2: bytes | bytearray | memoryview
) -> "Track2 | Track1":
    """The raw bits of a swipe's two tracks: track 2 where it can be read, else track 1.

    Raises:
        Misread: neither can; the reason is that of track 2.
    """
    try:
        return track2.from_bits(bits2)
    except Misread as misread:
        of_track2 = misread
    try:
        return track1.from_bits(bits1)
    except Misread:
        raise of_track2 from None
