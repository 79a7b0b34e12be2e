"""The time of day in messages: fields 7, 12 and 13, made once for each second."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple


class Moment(NamedTuple):
    """Digits of field 7 (UTC, MMDDhhmmss), and of fields 12 and 13 together (hhmmssMMDD)."""

    transmitted: str
    local: str


def moment_at(unix_s: int, utc_offset_minutes: int) -> Moment:
    """The moment of a second, for terminals whose clock on the wall is so far from UTC."""
    universal = datetime.fromtimestamp(unix_s, UTC)
    local = universal + timedelta(minutes=utc_offset_minutes)
    return Moment(universal.strftime("%m%d%H%M%S"), local.strftime("%H%M%S%m%d"))


class Moments:
    """The moment now; `unix_s` is the clock, in seconds."""

    def __init__(self, unix_s: Callable[[], float], utc_offset_minutes: int) -> None:
        self._unix_s = unix_s
        self._utc_offset_minutes = utc_offset_minutes
        self._second = -1
        self._moment = moment_at(0, 0)

    def now(self) -> Moment:
        """Of the second that it is."""
        second = int(self._unix_s())
        if second != self._second:
            self._second = second
            self._moment = moment_at(second, self._utc_offset_minutes)
        return self._moment
