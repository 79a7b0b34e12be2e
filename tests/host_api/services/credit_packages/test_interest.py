"""The arithmetic of interest against examples worked by hand or printed in standards (CRP-02 to CRP-05)."""

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from host_api.core.jalali import Calendar
from host_api.services.credit_packages.interest.accrual import (
    Accrued,
    Compounding,
    DayFigures,
    InterestTerms,
    after_day,
    day_fraction,
)
from host_api.services.credit_packages.interest.allocation import CreditDebt, Owed, Part, allocate
from host_api.services.credit_packages.interest.day_count import DayCount, year_fraction
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
from host_api.services.credit_packages.interest.rounding import InterestRounding, rounded
from host_api.services.credit_packages.interest.turnover_discount import TurnoverTier, discount_at

_EXAMPLES = (Path(__file__).parent / "worked_examples.md").read_text("utf-8")


def _table(title: str) -> list[dict[str, str]]:
    lines = _EXAMPLES.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    assert len(rows) > 2
    return [dict(zip(rows[0], row, strict=True)) for row in rows[2:]]


def _terms(first: date, **changes: object) -> InterestTerms:
    wanted: dict[str, object] = {
        "rate_bp": 1800,
        "late_rate_bp": 0,
        "day_count": DayCount.ACT_365,
        "compounding": Compounding.SIMPLE,
        "rounding": InterestRounding.HALF_UP,
        "grace_days": 0,
        "months_of": Calendar.GREGORIAN,
        "period_months": 6,
    }
    return InterestTerms(started_on=first, **(wanted | changes))  # type: ignore[arg-type]


def _days(first: date, end: date) -> Iterator[date]:
    for number in range((end - first).days):
        yield first + timedelta(days=number)


def _sum(text: str) -> Fraction:
    return sum((Fraction(part) for part in text.split("+")), Fraction(0))


@pytest.mark.parametrize(
    "row", _table("Day count"), ids=lambda row: f"{row['convention']}-{row['first day']}"
)
def test_parts_of_a_year_are_those_of_the_standards(row: dict[str, str]) -> None:
    day_count = DayCount(row["convention"])
    first, end = date.fromisoformat(row["first day"]), date.fromisoformat(row["end day"])
    terms = _terms(first, day_count=day_count)
    # A period's days, one by one, come to what the convention says of the whole.
    assert sum((day_fraction(terms, day) for day in _days(first, end)), Fraction(0)) == _sum(row["fraction"])
    if day_count is not DayCount.ACT_ACT_ICMA:
        assert year_fraction(day_count, first, end) == _sum(row["fraction"])


@pytest.mark.parametrize("day_count", [DayCount.THIRTY_360, DayCount.THIRTY_E_360])
def test_days_of_30_360_are_the_published_ones(day_count: DayCount) -> None:
    for row in _table("Published days of 30/360"):
        first, end = date.fromisoformat(row["first day"]), date.fromisoformat(row["end day"])
        assert year_fraction(day_count, first, end) == Fraction(int(row[day_count.value]), 360), row
        terms = _terms(first, day_count=day_count)
        days = sum((day_fraction(terms, day) for day in _days(first, end)), Fraction(0))
        assert days == Fraction(int(row[day_count.value]), 360), row


def test_fractions_of_act_act_are_the_published_ones() -> None:
    for row in _table("Published fractions of ACT/ACT"):
        first, end = date.fromisoformat(row["first day"]), date.fromisoformat(row["end day"])
        found = {DayCount.ACT_ACT_ISDA: year_fraction(DayCount.ACT_ACT_ISDA, first, end)}
        if row["act_act_icma"]:
            months = int(row["months of a period"])
            terms = _terms(first, day_count=DayCount.ACT_ACT_ICMA, period_months=months)
            days = (day_fraction(terms, day) for day in _days(first, end))
            found[DayCount.ACT_ACT_ICMA] = sum(days, Fraction(0))
        for day_count, fraction in found.items():
            assert abs(fraction - Fraction(row[day_count.value])) < Fraction(1, 10**11), row


@pytest.mark.parametrize("row", _table("Interest of days"), ids=lambda row: row["by hand"][:24])
def test_days_accrue_what_was_worked_by_hand(row: dict[str, str]) -> None:
    first = date.fromisoformat(row["first day"])
    terms = _terms(
        first,
        day_count=DayCount(row["convention"]),
        compounding=Compounding(row["compounding"]),
        rate_bp=int(row["rate bp"]),
        grace_days=int(row["grace days"]),
    )
    accrued = Accrued()
    for day in _days(first, date.fromisoformat(row["through"]) + timedelta(days=1)):
        accrued = after_day(accrued, terms, day, DayFigures(int(row["principal"])))
    assert accrued.charged(InterestRounding.HALF_UP)[0] == int(row["interest"])


def test_half_a_rial_goes_where_the_parameter_says() -> None:
    for row in _table("Half a rial"):
        for rounding in InterestRounding:
            assert rounded(Fraction(row["exact"]), rounding) == int(row[rounding.value]), row


def test_plans_repay_all_of_the_principal() -> None:
    for row in _table("Plans of regular periods"):
        plan = regular_plan(
            InstalmentMethod(row["method"]),
            int(row["principal"]),
            int(row["count"]),
            period_rate(1200, 1),
            InterestRounding.HALF_UP,
        )
        found = plan[int(row["number"]) - 1]
        expected = tuple(int(row[name]) for name in ("principal part", "interest", "left"))
        assert (found.principal, found.interest, found.left) == expected, row
    for method in InstalmentMethod:
        for count in (1, 7, 120):
            plan = regular_plan(method, 9_999_991, count, period_rate(2375, 1), InterestRounding.HALF_EVEN)
            assert sum(each.principal for each in plan) == 9_999_991 and plan[-1].left == 0


def test_due_days_move_off_weekends_and_holidays() -> None:
    holidays = {date(2026, 3, day) for day in range(21, 25)}
    for row in _table("Due days"):
        months_of = Calendar(row["months of"])
        calendar = BusinessCalendar(months_of, {WeekendDay.THU, WeekendDay.FRI}, holidays)
        day = months_after(date.fromisoformat(row["first day"]), int(row["months"]), months_of)
        assert calendar.adjusted(day, DueDayAdjustment(row["adjustment"])).isoformat() == row["due day"], row
    closed = BusinessCalendar(Calendar.JALALI, set(WeekendDay), set())
    assert closed.adjusted(date(2026, 3, 21), DueDayAdjustment.FOLLOWING) == date(2026, 3, 21)


def test_discounts_late_charges_and_payments_of_interest() -> None:
    tiers = [TurnoverTier(1_000, 1_000), TurnoverTier(5_000, 10_000)]
    assert [discount_at(tiers, turnover) for turnover in (999, 1_000, 4_999, 5_000)] == [
        0,
        1_000,
        1_000,
        10_000,
    ]
    first = date(2026, 1, 1)
    terms = _terms(first, rate_bp=3650, late_rate_bp=365, compounding=Compounding.DAILY)
    # 1,000,000 at 0.1 % a day, a tenth of it let off; 200,000 overdue at 0.01 % a day.
    accrued = after_day(Accrued(), terms, first, DayFigures(1_000_000, overdue=200_000, discount_bp=1_000))
    assert accrued.charged(InterestRounding.HALF_UP) == (1_000, 100, 20)
    # The 900 that are owed bear interest, but for the 400 that were paid of them.
    accrued = after_day(accrued, terms, first + timedelta(days=1), DayFigures(1_000_000, interest_paid=400))
    assert accrued.interest == 1_000 + 1_000 + Fraction(1, 2)


def test_a_payment_goes_to_what_is_due_first_and_then_to_the_dearest() -> None:
    cheap = Owed(1, 900, date(2026, 5, 1), 300, {CreditDebt.INTEREST: 50, CreditDebt.PRINCIPAL: 1_000})
    dear = Owed(2, 2_400, None, 0, {CreditDebt.COST: 20, CreditDebt.INTEREST: 80, CreditDebt.PRINCIPAL: 500})
    older = Owed(3, 100, date(2026, 4, 1), 100, {CreditDebt.LATE: 10, CreditDebt.PRINCIPAL: 100})
    parts, left = allocate(1_000, [cheap, dear, older])
    assert parts == [
        Part(3, CreditDebt.LATE, 10),
        Part(3, CreditDebt.PRINCIPAL, 100),
        Part(1, CreditDebt.INTEREST, 50),
        Part(1, CreditDebt.PRINCIPAL, 300),
        Part(2, CreditDebt.COST, 20),
        Part(2, CreditDebt.INTEREST, 80),
        Part(2, CreditDebt.PRINCIPAL, 440),
    ]
    assert left == 0
    parts, left = allocate(5_000, [cheap, dear, older])
    assert sum(part.amount for part in parts) == 50 + 1_000 + 600 + 110 and left == 5_000 - 1_760
