"""Promised times that run only while somebody works: hours of weekdays in Tehran, without holidays."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from host_api.core.tehran_time import TEHRAN, start_of_day, tehran_date

# A department that never works within this time promises nothing.
_LONGEST_DAYS: Final = 400
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """Part of a weekday, Monday 0; `until` is excluded, and 24:00 is 1440."""

    weekday: int
    from_minute: int
    until_minute: int


def due_at(start: datetime, minutes: int, hours: Sequence[Hours], holidays: Set[date]) -> datetime | None:
    """When so many working minutes are over that begin to run at `start`; None where they never are.

    Without hours all time counts.
    """
    if not hours:
        return start + timedelta(minutes=minutes)
    left = timedelta(minutes=minutes)
    day = tehran_date(start)
    for _ in range(_LONGEST_DAYS):
        if day not in holidays:
            for begin, end in _parts(day, hours):
                # What was counted isn't counted again where parts overlap.
                start = max(begin, start)
                if end - start >= left:
                    return start + left
                left -= max(end - start, timedelta())
                start = max(end, start)
        day += _ONE_DAY
    return None


def _parts(day: date, hours: Sequence[Hours]) -> list[tuple[datetime, datetime]]:
    midnight = start_of_day(day)
    return sorted(
        (_at(day, part.from_minute, midnight), _at(day, part.until_minute, midnight))
        for part in hours
        if part.weekday == day.weekday()
    )


def _at(day: date, minute: int, midnight: datetime) -> datetime:
    if minute >= 1440:
        return start_of_day(day + _ONE_DAY)
    return datetime.combine(day, time(minute // 60, minute % 60), TEHRAN).astimezone(midnight.tzinfo)
