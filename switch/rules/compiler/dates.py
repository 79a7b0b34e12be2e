"""Written dates and times as day ordinals and UTC seconds.

A year below 1700 is jalali. A plain date is local; as the end of something it is included whole.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from persiantools.jdatetime import JalaliDate

from switch.rules.local_time import ordinal_of
from switch.rules.table import ALWAYS_FROM_S, FOREVER_UNTIL_S

JALALI_BELOW_YEAR: Final = 1700
_YEAR_MAX: Final = 2999


@lru_cache(maxsize=8192)
def gregorian(text: str) -> date:
    """The day of `YYYY-MM-DD`. Raises ValueError for a day that no calendar has."""
    year, month, day = int(text[0:4]), int(text[5:7]), int(text[8:10])
    try:
        if year < JALALI_BELOW_YEAR:
            jalali = JalaliDate(year, month, day)  # type: ignore[no-untyped-call]
            found = jalali.to_gregorian()
        else:
            found = date(year, month, day)
    except (ValueError, OverflowError):
        raise ValueError(f"there is no day {text[:10]}") from None
    if not 1970 <= found.year <= _YEAR_MAX:
        raise ValueError(f"{text[:10]} is not a day between 1970 and {_YEAR_MAX}")
    return found


def day_ordinal(text: str) -> int:
    """Days since 1970-01-01 of a written date. Raises ValueError for a day that doesn't exist."""
    return ordinal_of(gregorian(text))


@lru_cache(maxsize=8192)
def moment_s(text: str, zone: str, *, is_end: bool) -> int:
    """UTC seconds of a written moment; of a plain date the first, or where `is_end` the one after its last.

    Raises ValueError for a day or time that doesn't exist.
    """
    day = gregorian(text)
    clock = text[11:]
    if not clock:
        midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
        return _bounded(midnight + timedelta(days=1) if is_end else midnight)
    hour, minute = int(clock[0:2]), int(clock[3:5])
    second = int(clock[6:8]) if clock[5:6] == ":" else 0
    offset = clock.lstrip("0123456789:")
    try:
        local = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=UTC)
        if not offset:
            return _bounded(local.replace(tzinfo=ZoneInfo(zone)))
        return _bounded(local - _offset(offset))
    except ValueError:
        raise ValueError(f"there is no time {clock}") from None


def _offset(text: str) -> timedelta:
    if text == "Z":
        return timedelta()
    hours, minutes = int(text[1:3]), int(text[4:6])
    if hours > 23 or minutes > 59:
        raise ValueError("offset")
    ahead = timedelta(hours=hours, minutes=minutes)
    return -ahead if text[0] == "-" else ahead


def _bounded(moment: datetime) -> int:
    return min(max(int(moment.timestamp()), ALWAYS_FROM_S), FOREVER_UNTIL_S)


def compact_date(text: str, *, jalali: bool) -> int:
    """YYYYMMDD of a written date in its own calendar. Raises ValueError where it is of the other one."""
    gregorian(text)
    year, month, day = int(text[0:4]), int(text[5:7]), int(text[8:10])
    if (year < JALALI_BELOW_YEAR) != jalali:
        raise ValueError(f"{text} is not of the {'jalali' if jalali else 'gregorian'} calendar")
    return (year * 100 + month) * 100 + day


def minute_of(text: str) -> int:
    """Minute of the day of `HH:MM`; 24:00 is 1440."""
    return int(text[0:2]) * 60 + int(text[3:5])
