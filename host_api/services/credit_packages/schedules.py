"""Regular plans of instalments for other services, by the conventions, rounding and calendar of packages."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from host_api.core.jalali import Calendar
from host_api.services.credit_packages.interest.due_days import (
    BusinessCalendar,
    DueDayAdjustment,
    WeekendDay,
    months_after,
)
from host_api.services.credit_packages.interest.instalments import (
    InstalmentMethod,
    period_rate,
    regular_plan,
)
from host_api.services.credit_packages.interest.rounding import InterestRounding


@dataclass(frozen=True, slots=True)
class ScheduleTerms:
    """How a sum is paid in regular instalments.

    Parameters:
        count: how many, each so many `months` after the one before.
        rate_bp: a year's, in basis points; a period has its nominal part of it.
    """

    count: int
    months: int
    rate_bp: int
    method: InstalmentMethod
    months_of: Calendar
    adjustment: DueDayAdjustment
    weekend: AbstractSet[WeekendDay]


@dataclass(frozen=True, slots=True)
class ScheduledInstalment:
    """One of them, in rials."""

    number: int
    due_on: date
    principal: int
    interest: int


def schedule(
    principal: int, started_on: date, terms: ScheduleTerms, holidays: AbstractSet[date]
) -> list[ScheduledInstalment]:
    """The instalments of a sum; their principals come to exactly that, as the last takes what rounding left.

    Parameters:
        holidays: days beside weekends on which nothing falls due.
    """
    calendar = BusinessCalendar(terms.months_of, terms.weekend, holidays)
    planned = regular_plan(
        terms.method,
        principal,
        terms.count,
        period_rate(terms.rate_bp, terms.months),
        InterestRounding.HALF_UP,
    )
    return [
        ScheduledInstalment(
            number=row.number,
            due_on=calendar.adjusted(
                months_after(started_on, row.number * terms.months, terms.months_of), terms.adjustment
            ),
            principal=row.principal,
            interest=row.interest,
        )
        for row in planned
    ]
