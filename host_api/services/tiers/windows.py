"""The periods in which tiers are earned: of the Jalali calendar on the clock of Tehran, or the last days."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from host_api.core.jalali import date_to_jalali
from host_api.core.jalali_periods import month_period
from host_api.core.tehran_time import UtcPeriod, start_of_day, tehran_date
from host_api.services.tiers.schemas import WindowKind

_MONTHS: Final = {WindowKind.YEAR: 12, WindowKind.HALF: 6, WindowKind.QUARTER: 3}


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows at an instant.

    Attributes:
        current: in which the instant lies.
        previous: the one before, whose result still counts; None where windows roll.
        next_end: when what is earned now runs out; None where it lasts as long as it is earned.
        fresh_until: how long a tier is kept that came from elsewhere, or that a step down led to.
    """

    current: UtcPeriod
    previous: UtcPeriod | None
    next_end: datetime | None
    fresh_until: datetime


def windows_at(now: datetime, kind: WindowKind, rolling_days: int) -> Windows:
    """The windows at `now`.

    Raises:
        DateFault: it is out of the calendar's range.
    """
    today = tehran_date(now)
    if kind is WindowKind.ROLLING:
        end = start_of_day(today + timedelta(days=1))
        begin = start_of_day(today - timedelta(days=rolling_days - 1))
        return Windows(UtcPeriod(begin, end), None, None, end + timedelta(days=rolling_days))
    year, month, _ = date_to_jalali(today)
    length = _MONTHS[kind]
    number = (year * 12 + month - 1) // length
    before, current, after = (_period(number + step, length) for step in (-1, 0, 1))
    return Windows(current, before, after.end, current.end)


def _period(number: int, length: int) -> UtcPeriod:
    """The window of so many months with this number, counted from the calendar's beginning."""
    (first_year, first), (last_year, last) = (
        divmod(month, 12) for month in (number * length, number * length + length - 1)
    )
    return UtcPeriod(month_period(first_year, first + 1).start, month_period(last_year, last + 1).end)
