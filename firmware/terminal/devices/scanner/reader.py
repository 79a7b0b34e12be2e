"""The scanner's stream into cards and misreads."""

import asyncio

from terminal.constant import const
from terminal.devices.misread import Misread
from terminal.devices.reader_line import LineParser
from terminal.loading import let_go

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.devices.card_number import CardNumber
    from terminal.hal.contract import Stream

_LONGEST = const(64)  # a code with more in it is not ours
_CHUNK = const(32)
_PAUSE_S = 0.06  # a scanner sends its line in one go


class ScanParser:
    """Turns the scanner's bytes into cards and misreads, one for each line."""

    def __init__(self) -> None:
        self._lines = LineParser(_LONGEST)

    @property
    def unfinished(self) -> bool:
        """Whether a line has begun; then a pause ends it."""
        return self._lines.unfinished

    def feed(self, data: bytes | bytearray | memoryview) -> "list[CardNumber | Misread]":
        """Take the next bytes; return the scans they complete, in order."""
        return [_scan(line) for line in self._lines.feed(data)]

    def pause(self) -> "list[CardNumber | Misread]":
        """Nothing came for a while: return what that completes."""
        return [_scan(line) for line in self._lines.pause()]


def _scan(line: str) -> "CardNumber | Misread":
    from terminal.devices.scanner.code import read_code  # noqa: PLC0415  (for the moment of a scan)

    let_go("devices.scanner.code")
    try:
        return read_code(line) if line else Misread("length")
    except Misread as misread:
        return misread


async def read_scans(stream: "Stream", notify: "Callable[[CardNumber | Misread], None]") -> None:
    """Tell `notify` every scan until the stream ends.

    Raises:
        OSError: the stream broke.
    """
    parser = ScanParser()
    buffer = bytearray(_CHUNK)
    view = memoryview(buffer)
    while True:
        try:
            # Without a line begun there is nothing that a pause could end.
            wait_s = _PAUSE_S if parser.unfinished else None
            count: int = await asyncio.wait_for(stream.readinto(buffer), wait_s)
        except asyncio.TimeoutError:
            scans = parser.pause()
        else:
            if count == 0:
                return
            scans = parser.feed(view[:count])
        for scan in scans:
            notify(scan)
