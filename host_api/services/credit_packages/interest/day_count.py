"""Day count conventions: which part of a year lies between two days.

ACT/365 (Fixed), ACT/360, 30/360 (bond basis), 30E/360 and ACT/ACT (ISDA) as in the 2006 ISDA Definitions,
section 4.16 (d), (e), (f), (g) and (b); ACT/ACT (ICMA) as in ICMA rule 251. The first day counts, the last
does not.
"""

from calendar import isleap
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Final

_MONTHS: Final = 12
_LAST_OF_30: Final = 30


class DayCount(StrEnum):
    """How days become parts of a year."""

    ACT_365 = "act_365"
    ACT_360 = "act_360"
    THIRTY_360 = "thirty_360"
    THIRTY_E_360 = "thirty_e_360"
    ACT_ACT_ISDA = "act_act_isda"
    ACT_ACT_ICMA = "act_act_icma"


def year_fraction(day_count: DayCount, first: date, end: date) -> Fraction:
    """The part of a year from `first` on, up to but without `end`.

    Raises:
        ValueError: `end` comes before `first`, or ACT/ACT (ICMA) is asked for, which needs its period.
    """
    if end < first:
        raise ValueError("a period does not end before it begins")
    match day_count:
        case DayCount.ACT_365:
            return Fraction((end - first).days, 365)
        case DayCount.ACT_360:
            return Fraction((end - first).days, 360)
        case DayCount.THIRTY_360:
            return Fraction(_days_of_30_360(first, end), 360)
        case DayCount.THIRTY_E_360:
            return Fraction(_days_of_30e_360(first, end), 360)
        case DayCount.ACT_ACT_ISDA:
            return _act_act_isda(first, end)
        case DayCount.ACT_ACT_ICMA:
            raise ValueError("ACT/ACT (ICMA) counts within a period of the plan")


def icma_fraction(days: int, period_days: int, period_months: int) -> Fraction:
    """ACT/ACT (ICMA): so many days of a regular period of `period_months`, which has `period_days`."""
    return Fraction(days * period_months, period_days * _MONTHS)


def _days_of_30_360(first: date, end: date) -> int:
    first_day = min(first.day, _LAST_OF_30)
    end_day = _LAST_OF_30 if end.day > _LAST_OF_30 and first_day == _LAST_OF_30 else end.day
    return _months_as_days(first, end) + end_day - first_day


def _days_of_30e_360(first: date, end: date) -> int:
    return _months_as_days(first, end) + min(end.day, _LAST_OF_30) - min(first.day, _LAST_OF_30)


def _months_as_days(first: date, end: date) -> int:
    return 360 * (end.year - first.year) + 30 * (end.month - first.month)


def _act_act_isda(first: date, end: date) -> Fraction:
    found = Fraction(0)
    while first < end:
        until = min(end, date(first.year + 1, 1, 1))
        found += Fraction((until - first).days, 366 if isleap(first.year) else 365)
        first = until
    return found
