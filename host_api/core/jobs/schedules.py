"""When scheduled jobs are due: at even intervals, or at a time of the clock in Tehran.

A run waits in the table for the next due time, so one that passes while no process works is made up for
later, once, however many have passed.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from host_api.core.jalali import date_to_jalali, days_in_month, jalali_to_date
from host_api.core.tehran_time import TEHRAN, tehran_date

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Every:
    """Each multiple of `interval` since 1970, so that all processes agree.

    Parameters:
        interval: whole seconds, from one second to one day.
    """

    interval: timedelta

    def __post_init__(self) -> None:
        if not timedelta(seconds=1) <= self.interval <= _ONE_DAY or self.interval.microseconds:
            raise ValueError("an interval has whole seconds, from one second to one day")

    def next_due(self, now: datetime) -> datetime:
        """The first due time after `now`."""
        return now - (now - _EPOCH) % self.interval + self.interval


@dataclass(frozen=True, slots=True)
class DailyAt:
    """Once a day at this time in Tehran."""

    at: time

    def __post_init__(self) -> None:
        _check_time(self.at)

    def next_due(self, now: datetime) -> datetime:
        """The first due time after `now`."""
        day = tehran_date(now)
        due = _instant(day, self.at)
        return due if due > now else _instant(day + _ONE_DAY, self.at)


@dataclass(frozen=True, slots=True)
class MonthlyOn:
    """Once in each Jalali month at this time in Tehran.

    Parameters:
        day: 1 to 31; in a month without that day, its last.
    """

    day: int
    at: time

    def __post_init__(self) -> None:
        if not 1 <= self.day <= 31:
            raise ValueError("a month has days from 1 to 31")
        _check_time(self.at)

    def next_due(self, now: datetime) -> datetime:
        """The first due time after `now`."""
        year, month, _ = date_to_jalali(tehran_date(now))
        due = self._due_in(year, month)
        if due > now:
            return due
        return self._due_in(year, month + 1) if month < 12 else self._due_in(year + 1, 1)

    def _due_in(self, year: int, month: int) -> datetime:
        return _instant(jalali_to_date(year, month, min(self.day, days_in_month(year, month))), self.at)


Schedule = Every | DailyAt | MonthlyOn


def describe(schedule: Schedule) -> str:
    """The schedule as a short text: ``every 300 s``, ``daily 03:10``, ``monthly 31 03:10``."""
    match schedule:
        case Every(interval):
            return f"every {int(interval.total_seconds())} s"
        case DailyAt(at):
            return f"daily {at:%H:%M}"
        case MonthlyOn(day, at):
            return f"monthly {day} {at:%H:%M}"


def _instant(day: date, at: time) -> datetime:
    return datetime.combine(day, at, TEHRAN).astimezone(UTC)


def _check_time(at: time) -> None:
    if at.tzinfo is not None or at.second or at.microsecond:
        raise ValueError("a time of a schedule is the clock's in Tehran, to the minute")
