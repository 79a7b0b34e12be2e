"""On which days a date of the past comes round again, in either calendar."""

import calendar as gregorian
from datetime import date
from typing import Final

from host_api.core.jalali import Calendar, date_to_jalali, is_leap_year, jalali_to_date

_LEAP_DAYS: Final = {Calendar.JALALI: (12, 30), Calendar.GREGORIAN: (2, 29)}
_DAY_BEFORE: Final = {Calendar.JALALI: (12, 29), Calendar.GREGORIAN: (2, 28)}


def written(day: date, calendar: Calendar) -> str:
    """A day as it is kept: the calendar, year, month and day in it, ``jalali:1370-12-30``."""
    year, month, number = _in(calendar, day)
    return f"{calendar.value}:{year:04d}-{month:02d}-{number:02d}"


def read_written(text: str) -> tuple[date, Calendar]:
    """The reverse.

    Raises:
        ValueError, DateFault
    """
    name, _, digits = text.partition(":")
    calendar = Calendar(name)
    year, month, number = (int(part) for part in digits.split("-"))
    if calendar is Calendar.JALALI:
        return jalali_to_date(year, month, number), calendar
    return date(year, month, number), calendar


def recurrence(text: str) -> str:
    """What all years of a written day have in common: ``jalali:12-30``."""
    name, _, digits = text.partition(":")
    return f"{name}:{digits.partition('-')[2]}"


def recurrences_on(day: date) -> dict[Calendar, list[str]]:
    """The recurrences that are kept on `day`.

    In years without them 30 Esfand and 29 February are kept on the day before: nobody waits four years.
    """
    found: dict[Calendar, list[str]] = {}
    for calendar in Calendar:
        year, month, number = _in(calendar, day)
        days = [(month, number)]
        if (month, number) == _DAY_BEFORE[calendar] and not _is_leap(calendar, year):
            days.append(_LEAP_DAYS[calendar])
        found[calendar] = [f"{calendar.value}:{m:02d}-{d:02d}" for m, d in days]
    return found


def _in(calendar: Calendar, day: date) -> tuple[int, int, int]:
    return date_to_jalali(day) if calendar is Calendar.JALALI else (day.year, day.month, day.day)


def _is_leap(calendar: Calendar, year: int) -> bool:
    return is_leap_year(year) if calendar is Calendar.JALALI else gregorian.isleap(year)
