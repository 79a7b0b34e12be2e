"""On which days instalments fall due: months of a calendar, moved off weekends and holidays."""

from calendar import monthrange
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from host_api.core.jalali import Calendar, date_to_jalali, days_in_month, jalali_to_date

_ONE_DAY: Final = timedelta(days=1)
_MONTHS: Final = 12
# No run of holidays is longer; a calendar that closes every day must not be searched for ever.
_LONGEST_MOVE_DAYS: Final = 60


class WeekendDay(StrEnum):
    """Days of the week, in the order of `date.weekday`."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


_WEEK: Final = tuple(WeekendDay)


class DueDayAdjustment(StrEnum):
    """Where a due day goes that is no business day; MODIFIED_FOLLOWING stays within its month."""

    NONE = "none"
    FOLLOWING = "following"
    MODIFIED_FOLLOWING = "modified_following"
    PRECEDING = "preceding"


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """Which days are business days, and whose months are counted."""

    months_of: Calendar
    weekend: AbstractSet[WeekendDay]
    holidays: AbstractSet[date]

    def is_open(self, day: date) -> bool:
        """Whether `day` is a business day."""
        return _WEEK[day.weekday()] not in self.weekend and day not in self.holidays

    def adjusted(self, day: date, adjustment: DueDayAdjustment) -> date:
        """The business day that stands for `day`; the day itself where no business day is near."""
        if adjustment is DueDayAdjustment.NONE:
            return day
        if adjustment is DueDayAdjustment.PRECEDING:
            return self._nearest(day, -_ONE_DAY)
        after = self._nearest(day, _ONE_DAY)
        is_kept = adjustment is DueDayAdjustment.FOLLOWING or self._month(after) == self._month(day)
        return after if is_kept else self._nearest(day, -_ONE_DAY)

    def _nearest(self, day: date, step: timedelta) -> date:
        found = day
        for _ in range(_LONGEST_MOVE_DAYS):
            if self.is_open(found):
                return found
            found += step
        return day

    def _month(self, day: date) -> tuple[int, int]:
        if self.months_of is Calendar.JALALI:
            year, month, _ = date_to_jalali(day)
            return year, month
        return day.year, day.month


def months_after(day: date, months: int, months_of: Calendar) -> date:
    """The same day so many months later, or the last of that month where it has no such day."""
    if months_of is Calendar.JALALI:
        year, month, day_of_month = date_to_jalali(day)
        year, month = _months_on(year, month, months)
        return jalali_to_date(year, month, min(day_of_month, days_in_month(year, month)))
    year, month = _months_on(day.year, day.month, months)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def is_month_end(day: date, months_of: Calendar) -> bool:
    """Whether `day` is the last of its month."""
    after = day + _ONE_DAY
    return (date_to_jalali(after)[2] if months_of is Calendar.JALALI else after.day) == 1


def _months_on(year: int, month: int, months: int) -> tuple[int, int]:
    years, month0 = divmod(month - 1 + months, _MONTHS)
    return year + years, month0 + 1
