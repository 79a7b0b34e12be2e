"""Months and years of the Jalali calendar as half-open intervals of UTC."""

from datetime import datetime

from host_api.core.jalali import date_to_jalali, days_in_month, jalali_to_date
from host_api.core.tehran_time import UtcPeriod, period_of_days, tehran_date


def month_period(year: int, month: int) -> UtcPeriod:
    """A Jalali month on the clock of Tehran.

    Raises:
        DateFault: there is no such month, or it is out of range.
    """
    first = jalali_to_date(year, month, 1)
    return period_of_days(first, jalali_to_date(year, month, days_in_month(year, month)))


def year_period(year: int) -> UtcPeriod:
    """A Jalali year on the clock of Tehran.

    Raises:
        DateFault: it is out of range.
    """
    return period_of_days(jalali_to_date(year, 1, 1), jalali_to_date(year, 12, days_in_month(year, 12)))


def this_month(now: datetime) -> UtcPeriod:
    """The Jalali month in which `now` falls."""
    year, month, _ = date_to_jalali(tehran_date(now))
    return month_period(year, month)


def this_year(now: datetime) -> UtcPeriod:
    """The Jalali year in which `now` falls."""
    year, _, _ = date_to_jalali(tehran_date(now))
    return year_period(year)
