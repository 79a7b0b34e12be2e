"""Keys and values of counters: whose, in which window, until when they are kept."""

import pytest

from switch.rules.caps import Cap, CapOf, CapPer, CapWindow, WindowKind
from switch.rules.counting import budget_key, key_of, subject_of, value_of
from switch.rules.facts import Subject
from switch.rules.local_time import LocalClock
from switch.rules.outcome import NEVER_DROPPED, CounterKey
from switch.rules.table import Calendar
from tests.switch.rules.tables import Counters, at

G, J = Calendar.GREGORIAN, Calendar.JALALI
SUBJECT = Subject(1, 2, 3, 4, 5, 6, 7)
NOW = LocalClock("Asia/Tehran").at(at("2026-05-05T12:40"))  # a Tuesday, 15 Ordibehesht 1405
DAY_0 = at("2026-05-05T00:00", "UTC") // 86_400


def counting(per: CapPer, kind: WindowKind, days: int = 0) -> Cap:
    """A cap for its counter."""
    return Cap("R-1/0", CapOf.USES, per, CapWindow(kind, days), 1, True)


@pytest.mark.parametrize(
    ("per", "kind", "number"),
    [
        (CapPer.MEMBER, 2, 1),
        (CapPer.CARD, 3, 2),
        (CapPer.HOUSEHOLD, 4, 3),
        (CapPer.MERCHANT, 5, 4),
        (CapPer.BRANCH, 6, 5),
        (CapPer.TERMINAL, 7, 6),
        (CapPer.OPERATOR, 8, 7),
        (CapPer.GLOBAL, 9, 0),
    ],
)
def test_subjects(per: CapPer, kind: int, number: int) -> None:
    """The kind stands above 56 bits of number."""
    assert subject_of(per, SUBJECT) == (kind << 56) + number


def test_a_member_without_household_counts_alone() -> None:
    """On the member's own key."""
    assert subject_of(CapPer.HOUSEHOLD, SUBJECT._replace(household=0)) == (2 << 56) + 1


@pytest.mark.parametrize(
    ("calendar", "kind", "window", "drop_day"),
    [
        (J, WindowKind.HOUR, DAY_0 * 24 + 12, DAY_0 + 46),
        (J, WindowKind.DAY, DAY_0, DAY_0 + 46),
        # Saturday 2 May to Friday 8 May; Monday 4 May to Sunday 10 May.
        (J, WindowKind.WEEK, DAY_0 - 3, DAY_0 + 3 + 46),
        (G, WindowKind.WEEK, DAY_0 - 1, DAY_0 + 5 + 46),
        # Ordibehesht: 21 April to 21 May.
        (J, WindowKind.MONTH, DAY_0 - 14, DAY_0 + 16 + 46),
        (G, WindowKind.MONTH, DAY_0 - 4, DAY_0 + 26 + 46),
        # 1405: 21 March 2026 to 20 March 2027.
        (J, WindowKind.YEAR, DAY_0 - 45, DAY_0 + 319 + 46),
        (G, WindowKind.YEAR, DAY_0 - 124, DAY_0 + 240 + 46),
        (J, WindowKind.LIFETIME, 0, NEVER_DROPPED),
    ],
)
def test_windows(calendar: Calendar, kind: WindowKind, window: int, drop_day: int) -> None:
    """First day of the window, and its last day + 1 + 45."""
    key = key_of(counting(CapPer.MEMBER, kind), SUBJECT, NOW, calendar)
    assert key == CounterKey("R-1/0", (2 << 56) + 1, window, drop_day)


def test_the_day_is_that_of_the_local_clock() -> None:
    """20:29 and 20:30 UTC are 23:59 and 00:00 in Tehran."""
    clock = LocalClock("Asia/Tehran")
    cap = counting(CapPer.GLOBAL, WindowKind.DAY)
    windows = [
        key_of(cap, SUBJECT, clock.at(at(f"2026-05-05T{minute}", "UTC")), J).window
        for minute in ("20:29", "20:30")
    ]
    assert windows == [DAY_0, DAY_0 + 1]


def test_rolling_sums_the_last_days_today_among_them() -> None:
    """Of 3 days: today and two before; what was counted on the day before these no longer matters."""
    cap = counting(CapPer.MEMBER, WindowKind.ROLLING, 3)

    def key(day: int) -> CounterKey:
        return CounterKey("R-1/0", (2 << 56) + 1, day, day + 3 + 45)

    counters = Counters({key(DAY_0 - 3): 1000, key(DAY_0 - 2): 100, key(DAY_0): 1, key(DAY_0 + 1): 5000})
    assert value_of(counters, cap, SUBJECT, NOW, J) == 101
    assert key_of(cap, SUBJECT, NOW, J) == key(DAY_0)


def test_a_transaction_has_counted_nothing_before() -> None:
    """Whatever the view says."""
    cap = counting(CapPer.TRANSACTION, WindowKind.LIFETIME)
    counters = Counters({key_of(cap, SUBJECT, NOW, J): 5})
    assert value_of(counters, cap, SUBJECT, NOW, J) == 0


def test_a_budget_is_everybodys_for_ever() -> None:
    """GLOBAL and LIFETIME."""
    assert budget_key("budget:B-1") == CounterKey("budget:B-1", 9 << 56, 0, NEVER_DROPPED)
