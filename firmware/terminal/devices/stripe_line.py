"""Stripe readers that decode for themselves and send text: `%track 1?;track 2?`, then CR, LF or a pause.

Most check the LRC and leave it out; some send it behind each end sentinel. `%E?` and `;E?` stand for a
track that the reader could not decode, and a third track may follow.
"""

from terminal.constant import const
from terminal.devices import track1, track2
from terminal.devices.misread import Misread
from terminal.devices.reader_line import LineParser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.devices.track1 import Track1
    from terminal.devices.track2 import Track2

_LONGEST = const(256)  # 79 + 40 + 107 characters of three tracks, and room for a reader's prefix


class StripeLineParser:
    """Turns the reader's bytes into cards and misreads.

    Args:
        lrc: the reader sends the LRC characters, so they are checked.
    """

    def __init__(self, lrc: bool = False) -> None:
        self._lines = LineParser(_LONGEST)
        self._lrc = lrc

    @property
    def unfinished(self) -> bool:
        """Whether a line has begun; then a pause ends it."""
        return self._lines.unfinished

    def feed(self, data: bytes | bytearray | memoryview) -> "list[Track2 | Track1 | Misread]":
        """Take the next bytes; return the swipes they complete, in order."""
        return [self._swipe(line) for line in self._lines.feed(data)]

    def pause(self) -> "list[Track2 | Track1 | Misread]":
        """Nothing came for a while: return what that completes."""
        return [self._swipe(line) for line in self._lines.pause()]

    def _swipe(self, line: str) -> "Track2 | Track1 | Misread":
        if not line:
            return Misread("length")
        # Track 1 may hold a semicolon, track 2 no percent sign.
        first = line.find("%")
        second_from = 0
        if first >= 0:
            second_from = line.find("?", first) + 1
            if not second_from:
                return Misread("end")
            if self._lrc and line[first + 1 : second_from] != "E?":
                second_from += 1
        second = line.find(";", second_from)
        try:
            return self._track2(line, second)
        except Misread as misread:
            of_track2 = misread
        try:
            return self._track1(line, first)
        except Misread as misread:
            return misread if second < 0 else of_track2

    def _track2(self, line: str, start: int) -> "Track2":
        text = self._track(line, start)
        return track2.from_characters(text) if self._lrc else track2.content(text[1:-1])

    def _track1(self, line: str, start: int) -> "Track1":
        text = self._track(line, start)
        return track1.from_characters(text) if self._lrc else track1.content(text[1:-1])

    def _track(self, line: str, start: int) -> str:
        if start < 0:
            raise Misread("start")
        end = line.find("?", start)
        if end < 0:
            raise Misread("end")
        text = line[start : end + (2 if self._lrc else 1)]
        if text[1:3] == "E?":
            raise Misread("track")
        return text
