"""Days, months and years of the wall clock in Tehran as half-open intervals of UTC.

Iran keeps UTC+03:30 all year since 1401/2022. Before, summer time began as 1 Farvardin ended and went as
30 Shahrivar ended, so those days have 23 and 25 hours; the time zone database (Asia/Tehran) knows the years.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

TEHRAN: Final = ZoneInfo("Asia/Tehran")
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class UtcPeriod:
    """From `start` on, up to but without `end`; both aware, in UTC."""

    start: datetime
    end: datetime

    def __contains__(self, instant: datetime) -> bool:
        """Whether `instant` lies in the period."""
        return self.start <= instant < self.end


def tehran_date(instant: datetime) -> date:
    """The day on which `instant` falls in Tehran.

    Raises:
        ValueError: it has no offset.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant without an offset falls on no day")
    return instant.astimezone(TEHRAN).date()


def start_of_day(day: date) -> datetime:
    """The first instant of `day` in Tehran, in UTC."""
    return datetime.combine(day, time(), TEHRAN).astimezone(UTC)


def period_of_days(first: date, last: date) -> UtcPeriod:
    """All of `first` to all of `last`.

    Raises:
        ValueError: `last` comes before `first`.
    """
    if last < first:
        raise ValueError("the last day comes before the first")
    return UtcPeriod(start_of_day(first), start_of_day(last + _ONE_DAY))


def today(now: datetime) -> UtcPeriod:
    """The day in Tehran on which `now` falls."""
    day = tehran_date(now)
    return period_of_days(day, day)
