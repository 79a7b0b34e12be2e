"""Interest, day by day: exact fractions are summed up, and only the sum is rounded.

So what is charged through any day is never more than half a rial from the exact sum, however many days there
are, and a day computed twice comes to the same.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Final

from host_api.core.jalali import Calendar
from host_api.services.credit_packages.interest.day_count import DayCount, icma_fraction, year_fraction
from host_api.services.credit_packages.interest.due_days import is_month_end, months_after
from host_api.services.credit_packages.interest.instalments import BASIS_POINTS
from host_api.services.credit_packages.interest.rounding import InterestRounding, rounded

_ONE_DAY: Final = timedelta(days=1)


class Compounding(StrEnum):
    """When unpaid interest begins to bear interest itself: never, after each day, or after each month."""

    SIMPLE = "simple"
    DAILY = "daily"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True)
class InterestTerms:
    """By what interest is computed.

    Parameters:
        started_on: the first day of the contract, from which the conventions count.
        rate_bp, late_rate_bp: a year's, in basis points.
        grace_days: so many days from the first one on bear no interest.
        months_of: whose months are compounded and make up a period.
        period_months: of one instalment, for ACT/ACT (ICMA).
    """

    started_on: date
    rate_bp: int
    late_rate_bp: int
    day_count: DayCount
    compounding: Compounding
    rounding: InterestRounding
    grace_days: int
    months_of: Calendar
    period_months: int


@dataclass(frozen=True, slots=True)
class DayFigures:
    """What a day's interest is computed of: rials at the end of that day.

    Parameters:
        overdue: principal that has fallen due and is not paid.
        interest_paid: all that was paid of interest so far.
        discount_bp: part of the day's interest that is let off.
    """

    principal: int
    overdue: int = 0
    interest_paid: int = 0
    discount_bp: int = 0


@dataclass(frozen=True, slots=True)
class Accrued:
    """All that has accrued through a day, exactly, and what of it bears interest itself."""

    interest: Fraction = Fraction(0)
    discount: Fraction = Fraction(0)
    late: Fraction = Fraction(0)
    capitalised: int = 0

    def charged(self, rounding: InterestRounding) -> tuple[int, int, int]:
        """Interest, discount and late charge in whole rials."""
        return (
            rounded(self.interest, rounding),
            rounded(self.discount, rounding),
            rounded(self.late, rounding),
        )


def day_fraction(terms: InterestTerms, day: date) -> Fraction:
    """The part of a year that `day` is; all days of a period come to what the convention says of it."""
    if terms.day_count is DayCount.ACT_ACT_ICMA:
        begin, end = _period_of(terms, day)
        return icma_fraction(1, (end - begin).days, terms.period_months)
    if terms.day_count in (DayCount.THIRTY_360, DayCount.THIRTY_E_360):
        through = year_fraction(terms.day_count, terms.started_on, day + _ONE_DAY)
        return through - year_fraction(terms.day_count, terms.started_on, day)
    return year_fraction(terms.day_count, day, day + _ONE_DAY)


def after_day(accrued: Accrued, terms: InterestTerms, day: date, figures: DayFigures) -> Accrued:
    """What has accrued once `day` is over."""
    fraction = day_fraction(terms, day)
    interest, discount = accrued.interest, accrued.discount
    if (day - terms.started_on).days >= terms.grace_days:
        base = max(figures.principal, 0) + max(accrued.capitalised - figures.interest_paid, 0)
        of_day = base * fraction * Fraction(terms.rate_bp, BASIS_POINTS)
        interest += of_day
        discount += of_day * Fraction(figures.discount_bp, BASIS_POINTS)
    late = accrued.late + max(figures.overdue, 0) * fraction * Fraction(terms.late_rate_bp, BASIS_POINTS)
    after = replace(accrued, interest=interest, discount=discount, late=late)
    is_capitalised = terms.compounding is Compounding.DAILY or (
        terms.compounding is Compounding.MONTHLY and is_month_end(day, terms.months_of)
    )
    if not is_capitalised:
        return after
    charged, let_off, _ = after.charged(terms.rounding)
    return replace(after, capitalised=charged - let_off)


def _period_of(terms: InterestTerms, day: date) -> tuple[date, date]:
    # Months have 28 days at least, so this is never more than some periods too far.
    number = (day - terms.started_on).days // (28 * terms.period_months) + 1
    while number > 1 and _boundary(terms, number - 1) > day:
        number -= 1
    return _boundary(terms, number - 1), _boundary(terms, number)


def _boundary(terms: InterestTerms, number: int) -> date:
    return months_after(terms.started_on, number * terms.period_months, terms.months_of)
