"""Local time of a programme and the periods of its calendar. Days are counted since 1970-01-01.

The Gregorian and the Jalali (Solar Hijri) calendar; a week begins on Saturday in the latter, on Monday in the
former (ISO 8601). Works for the years 1970 to 9377.
"""

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from persiantools.jdatetime import JalaliDate

from switch.rules.table import Calendar, PeriodUnit

QUARTER_HOUR_S = 900
DAY_S = 86_400

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_MINUTES_CACHED = 4_096
_DAYS_CACHED = 4_096
_CLOCKS_CACHED = 16


class LocalDay(NamedTuple):
    """One day. `weekday` is 1 for Saturday; dates are YYYYMMDD."""

    ordinal: int
    weekday: int
    date: int
    month: int
    day: int
    jalali_date: int
    jalali_month: int
    jalali_day: int


class LocalTime(NamedTuple):
    """One minute. `hour` counts since the epoch of the local clock, `minute` since the clock's midnight."""

    offset_s: int
    hour: int
    minute: int
    day: LocalDay


class LocalClock:
    """The clock of one time zone. Remembers what it worked out: offsets change on quarter hours only."""

    __slots__ = ("_minutes", "_offsets", "_zone")

    def __init__(self, time_zone: str) -> None:
        self._zone = ZoneInfo(time_zone)
        self._offsets: dict[int, int] = {}
        self._minutes: dict[int, LocalTime] = {}

    def offset_s(self, at_s: int) -> int:
        """Seconds that the local clock is ahead of UTC."""
        quarter = at_s // QUARTER_HOUR_S
        offset = self._offsets.get(quarter)
        if offset is None:
            moment = datetime.fromtimestamp(quarter * QUARTER_HOUR_S, UTC).astimezone(self._zone)
            ahead = moment.utcoffset()
            offset = ahead.days * DAY_S + ahead.seconds if ahead is not None else 0
            if len(self._offsets) >= _MINUTES_CACHED:
                self._offsets.clear()
            self._offsets[quarter] = offset
        return offset

    def at(self, at_s: int) -> LocalTime:
        """Local time of a UTC second."""
        found = self._minutes.get(at_s // 60)
        if found is not None:
            return found
        offset = self.offset_s(at_s)
        local_s = at_s + offset
        time = LocalTime(offset, local_s // 3600, local_s % DAY_S // 60, local_day(local_s // DAY_S))
        if offset % 60 == 0:  # else a local minute begins within a minute of UTC
            if len(self._minutes) >= _MINUTES_CACHED:
                self._minutes.clear()
            self._minutes[at_s // 60] = time
        return time

    def midnight_s(self, ordinal: int) -> int:
        """UTC second at which a local day begins, also where the clock skips or repeats its midnight."""
        day = date.fromordinal(_EPOCH_ORDINAL + ordinal)
        return int(datetime(day.year, day.month, day.day, tzinfo=self._zone).timestamp())


@lru_cache(_CLOCKS_CACHED)
def clock_of(time_zone: str) -> LocalClock:
    """The clock of a time zone, one for all who ask."""
    return LocalClock(time_zone)


def ordinal_of(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH_ORDINAL


@lru_cache(_DAYS_CACHED)
def local_day(ordinal: int) -> LocalDay:
    """Everything about a day."""
    day = date.fromordinal(_EPOCH_ORDINAL + ordinal)
    jalali = JalaliDate(day)  # type: ignore[no-untyped-call]
    return LocalDay(
        ordinal,
        (ordinal + 5) % 7 + 1,  # 1970-01-03 was a Saturday
        day.year * 10_000 + day.month * 100 + day.day,
        day.month,
        day.day,
        jalali.year * 10_000 + jalali.month * 100 + jalali.day,
        jalali.month,
        jalali.day,
    )


def iso_date(ordinal: int) -> str:
    """A day as YYYY-MM-DD."""
    return date.fromordinal(_EPOCH_ORDINAL + ordinal).isoformat()


def jalali_date(ordinal: int) -> str:
    """A day as YYYY-MM-DD of the Jalali calendar."""
    number = local_day(ordinal).jalali_date
    return f"{number // 10_000:04d}-{number // 100 % 100:02d}-{number % 100:02d}"


def week_of(ordinal: int, calendar: Calendar) -> tuple[int, int]:
    """First and last day of the week of a day."""
    first_weekday = 1 if calendar == Calendar.JALALI else 3
    first = ordinal - ((ordinal + 5) % 7 + 1 - first_weekday) % 7
    return first, first + 6


def month_of(ordinal: int, calendar: Calendar) -> tuple[int, int]:
    """First and last day of the month of a day."""
    year, month, _ = _date_of(ordinal, calendar)
    return _months(year, month, month, calendar)


def quarter_of(ordinal: int, calendar: Calendar) -> tuple[int, int]:
    """First and last day of the quarter of a day: three months from the year's beginning on."""
    year, month, _ = _date_of(ordinal, calendar)
    first = month - (month - 1) % 3
    return _months(year, first, first + 2, calendar)


def year_of(ordinal: int, calendar: Calendar) -> tuple[int, int]:
    """First and last day of the year of a day."""
    return _months(_date_of(ordinal, calendar)[0], 1, 12, calendar)


def day_after(ordinal: int, count: int, unit: PeriodUnit, calendar: Calendar) -> int:
    """The day `count` units later; in a shorter month the month's last day."""
    if unit == PeriodUnit.DAY:
        return ordinal + count
    year, month, day = _date_of(ordinal, calendar)
    months = year * 12 + month - 1 + count * (12 if unit == PeriodUnit.YEAR else 1)
    first, last = _months(months // 12, months % 12 + 1, months % 12 + 1, calendar)
    return min(first + day - 1, last)


def _date_of(ordinal: int, calendar: Calendar) -> tuple[int, int, int]:
    if calendar == Calendar.JALALI:
        year, rest = divmod(local_day(ordinal).jalali_date, 10_000)
    else:
        year, rest = divmod(local_day(ordinal).date, 10_000)
    return year, rest // 100, rest % 100


def _months(year: int, first_month: int, last_month: int, calendar: Calendar) -> tuple[int, int]:
    """First day of the one month and last day of the other."""
    next_year, next_month = (year + 1, 1) if last_month == 12 else (year, last_month + 1)
    if calendar == Calendar.JALALI:
        first = _of_jalali(year, first_month)
        after = _of_jalali(next_year, next_month)
    else:
        first, after = date(year, first_month, 1), date(next_year, next_month, 1)
    return ordinal_of(first), ordinal_of(after) - 1


def _of_jalali(year: int, month: int) -> date:
    return JalaliDate(year, month, 1).to_gregorian()  # type: ignore[no-untyped-call]
