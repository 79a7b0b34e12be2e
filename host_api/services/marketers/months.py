"""Months of the Jalali calendar as numbers that can be counted through."""

from datetime import date, datetime

from host_api.core.jalali import date_to_jalali
from host_api.core.jalali_periods import month_period
from host_api.core.tehran_time import UtcPeriod, tehran_date

_MONTHS = 12


def month_number(year: int, month: int) -> int:
    """The number of a month from 1 to 12 of a year."""
    return year * _MONTHS + month - 1


def month_of(day: date) -> int:
    """The number of the month in which a day is."""
    year, month, _ = date_to_jalali(day)
    return month_number(year, month)


def this_month_number(now: datetime) -> int:
    """The number of the month in which it is `now` in Tehran."""
    return month_of(tehran_date(now))


def year_and_month(number: int) -> tuple[int, int]:
    """The year, and the month from 1 to 12."""
    return number // _MONTHS, number % _MONTHS + 1


def period_of(number: int) -> UtcPeriod:
    """The month on the clock of Tehran.

    Raises:
        DateFault: it is out of range.
    """
    return month_period(*year_and_month(number))


def label_of(number: int) -> str:
    """As people write it: ``1405-08``."""
    year, month = year_and_month(number)
    return f"{year:04d}-{month:02d}"
