"""Windows of the Jalali calendar in Tehran to the millisecond, and what is kept when they end."""

from datetime import UTC, datetime, timedelta

import pytest

from host_api.services.tiers.decision import Held, Rung, decide, highest_reached
from host_api.services.tiers.schemas import Criterion, CriterionKind, Downgrade, Match, WindowKind
from host_api.services.tiers.windows import windows_at

MS = timedelta(milliseconds=1)


def midnight(year: int, month: int, day: int) -> datetime:
    """The first instant of a day in Tehran, which is 3:30 ahead of UTC all year."""
    return datetime(year, month, day, tzinfo=UTC) - timedelta(hours=3, minutes=30)


# First days of Jalali periods: 1403 is a leap year, whose Esfand has 30 days; 1404 is none.
@pytest.mark.parametrize(
    ("kind", "before", "begin", "end"),
    [
        (WindowKind.YEAR, (2024, 3, 20), (2025, 3, 21), (2026, 3, 21)),
        (WindowKind.YEAR, (2025, 3, 21), (2026, 3, 21), (2027, 3, 21)),
        (WindowKind.HALF, (2025, 9, 23), (2026, 3, 21), (2026, 9, 23)),
        (WindowKind.HALF, (2024, 9, 22), (2025, 3, 21), (2025, 9, 23)),
        (WindowKind.QUARTER, (2024, 12, 21), (2025, 3, 21), (2025, 6, 22)),
        (WindowKind.QUARTER, (2026, 3, 21), (2026, 6, 22), (2026, 9, 23)),
        (WindowKind.QUARTER, (2026, 6, 22), (2026, 9, 23), (2026, 12, 22)),
    ],
    ids=lambda value: value.value if isinstance(value, WindowKind) else "-".join(map(str, value)),
)
def test_a_window_of_the_calendar_ends_as_the_clock_in_tehran_strikes_midnight(
    kind: WindowKind, before: tuple[int, int, int], begin: tuple[int, int, int], end: tuple[int, int, int]
) -> None:
    first, last = midnight(*begin), midnight(*end)
    for now in (first, first + timedelta(days=40), last - MS):
        windows = windows_at(now, kind, 30)
        assert (windows.current.start, windows.current.end) == (first, last)
        assert windows.previous is not None
        assert (windows.previous.start, windows.previous.end) == (midnight(*before), first)
        assert windows.fresh_until == last
    assert windows_at(first - MS, kind, 30).current.end == first
    assert windows_at(last, kind, 30).current.start == last
    assert windows_at(first, kind, 30).next_end == windows_at(last, kind, 30).current.end


def test_a_rolling_window_has_whole_days_of_tehran() -> None:
    for now in (midnight(2026, 11, 22), midnight(2026, 11, 23) - MS):
        windows = windows_at(now, WindowKind.ROLLING, 30)
        assert (windows.current.start, windows.current.end) == (
            midnight(2026, 10, 24),
            midnight(2026, 11, 23),
        )
        assert (windows.previous, windows.next_end) == (None, None)


def _rung(code: str, match: Match, **least: int) -> Rung:
    criteria = tuple(Criterion(kind=CriterionKind(kind), at_least=value) for kind, value in least.items())
    return Rung(code, match, criteria)


LADDER = (
    _rung("initial", Match.ALL),
    _rung("silver", Match.ANY, purchase_amount=100, purchase_count=3),
    _rung("gold", Match.ALL, purchase_amount=200, member_days=10),
)


@pytest.mark.parametrize(
    ("amount", "count", "days", "place"),
    [(99, 2, 50, 0), (100, 0, 0, 1), (0, 3, 0, 1), (200, 0, 9, 1), (200, 0, 10, 2), (199, 99, 99, 1)],
    ids=str,
)
def test_criteria_of_the_ladder(amount: int, count: int, days: int, place: int) -> None:
    facts = {
        CriterionKind.PURCHASE_AMOUNT: amount,
        CriterionKind.PURCHASE_COUNT: count,
        CriterionKind.MEMBER_DAYS: days,
    }
    assert highest_reached(LADDER, facts) == place


def _decide(
    held: Held, now: datetime, reached: tuple[int, int], downgrade: Downgrade, *, grace_days: int = 0
) -> Held:
    return decide(
        held,
        reached_now=reached[0],
        reached_before=reached[1],
        windows=windows_at(now, WindowKind.YEAR, 30),
        downgrade=downgrade,
        grace_days=grace_days,
        now=now,
    )


YEAR_1405, YEAR_1406, YEAR_1407 = midnight(2026, 3, 21), midnight(2027, 3, 21), midnight(2028, 3, 20)


def test_what_is_earned_in_a_year_lasts_until_the_next_one_ends() -> None:
    up = _decide(Held(0, None), YEAR_1405, (2, 0), Downgrade.WINDOW_END)
    assert up == Held(2, YEAR_1407)
    for now in (YEAR_1406, YEAR_1407 - MS):
        assert _decide(up, now, (0, 2), Downgrade.WINDOW_END) == Held(2, YEAR_1407)
    assert _decide(up, YEAR_1407, (0, 0), Downgrade.WINDOW_END) == Held(0, None)
    assert _decide(up, YEAR_1407, (0, 1), Downgrade.WINDOW_END).place == 1
    assert _decide(up, YEAR_1407, (0, 0), Downgrade.NEVER) == Held(2, None)


def test_a_return_in_mid_window_takes_nothing_before_the_tier_runs_out() -> None:
    held = Held(2, YEAR_1406)
    assert _decide(held, YEAR_1405 + timedelta(days=30), (0, 1), Downgrade.WINDOW_END) == held


def test_days_of_grace_and_single_steps() -> None:
    held = Held(2, YEAR_1406)
    ten_days = YEAR_1406 + timedelta(days=10)
    kept = _decide(held, ten_days - MS, (0, 0), Downgrade.ONE_STEP, grace_days=10)
    assert kept == held
    step = _decide(held, ten_days, (0, 0), Downgrade.ONE_STEP, grace_days=10)
    assert step == Held(1, YEAR_1407)
    assert _decide(step, YEAR_1407 - MS, (0, 0), Downgrade.ONE_STEP) == step
    assert _decide(step, YEAR_1407, (0, 0), Downgrade.ONE_STEP) == Held(0, None)


def test_a_rolling_tier_is_lost_once_it_is_no_longer_earned_and_the_grace_is_over() -> None:
    def roll(held: Held, now: datetime, reached: int) -> Held:
        return decide(
            held,
            reached_now=reached,
            reached_before=reached,
            windows=windows_at(now, WindowKind.ROLLING, 30),
            downgrade=Downgrade.WINDOW_END,
            grace_days=5,
            now=now,
        )

    now = midnight(2026, 11, 22)
    assert roll(Held(2, None), now, 2) == Held(2, None)
    short = roll(Held(2, None), now, 0)
    assert short == Held(2, now)
    assert roll(short, now + timedelta(days=5) - MS, 0) == short
    assert roll(short, now + timedelta(days=2), 2) == Held(2, None)
    assert roll(short, now + timedelta(days=5), 0) == Held(0, None)
