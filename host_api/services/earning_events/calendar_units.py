"""Days, weeks, months and years as they are counted in Tehran: weeks begin on Saturday, months are Jalali."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from host_api.core.jalali import date_to_jalali
from host_api.core.jalali_periods import this_month, this_year
from host_api.core.tehran_time import UtcPeriod, period_of_days, tehran_date, today

_WEEK_DAYS = 7


class CalendarUnit(StrEnum):
    """What is counted in; `lifetime` is all time."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    LIFETIME = "lifetime"


def week_number(day: date) -> int:
    """Which week a day is in, counted from the calendar's beginning."""
    return (day.toordinal() + 1) // _WEEK_DAYS


def unit_number(unit: CalendarUnit, instant: datetime) -> int:
    """Which day, week, month or year an instant is in: neighbours differ by one; 0 for a lifetime."""
    day = tehran_date(instant)
    match unit:
        case CalendarUnit.DAY:
            return day.toordinal()
        case CalendarUnit.WEEK:
            return week_number(day)
        case CalendarUnit.LIFETIME:
            return 0
    year, month, _ = date_to_jalali(day)
    return year if unit is CalendarUnit.YEAR else year * 12 + month - 1


def unit_label(unit: CalendarUnit, instant: datetime) -> str:
    """The same as people write it: ``1405-09-01`` for a day or the week that begins on it, ``1405-09``."""
    if unit is CalendarUnit.LIFETIME:
        return "all"
    day = tehran_date(instant)
    if unit is CalendarUnit.WEEK:
        day -= timedelta(days=(day.toordinal() + 1) % _WEEK_DAYS)
    year, month, number = date_to_jalali(day)
    match unit:
        case CalendarUnit.YEAR:
            return f"{year:04d}"
        case CalendarUnit.MONTH:
            return f"{year:04d}-{month:02d}"
        case _:
            return f"{year:04d}-{month:02d}-{number:02d}"


def unit_period(unit: CalendarUnit, instant: datetime) -> UtcPeriod | None:
    """The day, week, month or year in which an instant falls; None for a lifetime.

    Raises:
        DateFault: it is out of the calendar's range.
    """
    match unit:
        case CalendarUnit.DAY:
            return today(instant)
        case CalendarUnit.WEEK:
            day = tehran_date(instant)
            first = day - timedelta(days=(day.toordinal() + 1) % _WEEK_DAYS)
            return period_of_days(first, first + timedelta(days=_WEEK_DAYS - 1))
        case CalendarUnit.MONTH:
            return this_month(instant)
        case CalendarUnit.YEAR:
            return this_year(instant)
        case CalendarUnit.LIFETIME:
            return None
