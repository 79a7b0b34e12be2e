"""Counts, sums, different ones and streaks of facts, without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from host_api.services.achievements.measuring import Fact, Rule, measure, reach
from host_api.services.achievements.schemas import Measure, Window
from host_api.services.earning_events.calendar_units import CalendarUnit, unit_label, unit_number, unit_period

# 1 Azar 1405, a Sunday, at noon in Tehran.
NOON = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
DAY = timedelta(days=1)
BEGINNING = NOON - 400 * DAY


def _rule(
    kind: Measure, window: Window, *, days: int | None = None, grace: int = 0, repeated: bool = False
) -> Rule:
    return Rule(kind, window, days, grace, repeated, BEGINNING, None)


def _on(*days: int, of: str = "") -> list[Fact]:
    """Facts of so many days ago, in order."""
    return [Fact(NOON - day * DAY, 1000, of) for day in days]


def test_units_follow_one_another_on_the_clock_of_tehran() -> None:
    midnight = datetime(2026, 11, 21, 20, 30, tzinfo=UTC)
    for unit, label, before in (
        (CalendarUnit.DAY, "1405-09-01", "1405-08-30"),
        (CalendarUnit.MONTH, "1405-09", "1405-08"),
        (CalendarUnit.YEAR, "1405", "1405"),
        (CalendarUnit.WEEK, "1405-08-30", "1405-08-30"),
    ):
        just_before = midnight - timedelta(microseconds=1)
        assert (unit_label(unit, midnight), unit_label(unit, just_before)) == (label, before)
        steps = unit_number(unit, midnight) - unit_number(unit, just_before)
        assert steps == (label != before)
    for back in range(800):
        instant = NOON - back * DAY
        for unit in (CalendarUnit.DAY, CalendarUnit.WEEK, CalendarUnit.MONTH, CalendarUnit.YEAR):
            period = unit_period(unit, instant)
            assert period is not None
            assert instant in period
            earlier = period.start - timedelta(microseconds=1)
            assert unit_number(unit, instant) - unit_number(unit, earlier) == 1
            assert unit_number(unit, period.start) == unit_number(unit, instant)
            assert unit_label(unit, period.start) == unit_label(unit, instant)


def test_a_month_and_the_one_before() -> None:
    facts = _on(3, 2, 1, 0)  # three of Aban, one of Azar
    before, current = measure(_rule(Measure.COUNT, Window.MONTH), facts, NOON)
    assert (before.period, before.value, before.is_current) == ("1405-08", 3, False)
    assert (current.period, current.value, current.is_current) == ("1405-09", 1, True)
    assert before.reached_at(2) == NOON - 2 * DAY
    sums = measure(_rule(Measure.SUM, Window.YEAR), facts, NOON)
    assert [entry.value for entry in sums] == [0, 4000]
    shops = [*_on(5, of="A"), *_on(4, of="B"), *_on(3, of="A")]
    (last_week,) = measure(_rule(Measure.DISTINCT, Window.ROLLING, days=5), shops, NOON)
    assert (last_week.value, last_week.period) == (2, "all")
    assert reach(_rule(Measure.COUNT, Window.MONTH), NOON).start == datetime(2026, 10, 22, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("grace", "days", "chains"),
    [
        (0, (6, 5, 4, 2, 1), [(3, False), (2, True)]),
        (1, (6, 5, 4, 2, 1), [(5, True)]),
        (0, (3, 2), [(2, False)]),
        (1, (3, 2), [(2, True)]),
        (0, (1, 0, 0, 0), [(2, True)]),
        (0, (), []),
    ],
    ids=["broken", "with-grace", "over", "grace-for-today", "twice-a-day", "nothing"],
)
def test_streaks_of_days(grace: int, days: tuple[int, ...], chains: list[tuple[int, bool]]) -> None:
    found = measure(_rule(Measure.STREAK, Window.DAY, grace=grace), _on(*days), NOON)
    assert [(entry.value, entry.is_current) for entry in found] == chains
    assert {entry.period for entry in found} <= {"all"}


def test_a_streak_of_weeks_is_named_by_its_beginning() -> None:
    weeks = [Fact(NOON - 7 * number * DAY, 1) for number in (3, 2, 1, 0)]
    (chain,) = measure(_rule(Measure.STREAK, Window.WEEK, repeated=True), weeks, NOON)
    assert (chain.value, chain.period, chain.reached_at(3)) == (4, "1405-08-09", NOON - 7 * DAY)
