"""From when an earning can be spent and when it expires, by date and calendar."""

import pytest

from switch.rules.local_time import LocalClock
from switch.rules.outcome import NEVER_S
from switch.rules.table import Calendar, Expiry, ExpiryModel, PendingKind, PeriodEnd, PeriodUnit
from switch.rules.terms import terms_of
from tests.switch.rules.tables import EFFECT, NEVER, at

G, J = Calendar.GREGORIAN, Calendar.JALALI
TODAY = at("2026-05-05T00:00", "UTC") // 86_400  # a Tuesday, 15 Ordibehesht 1405


def rolling(count: int, unit: PeriodUnit, end: PeriodEnd) -> Expiry:
    """An expiry so long after the earning."""
    return Expiry(ExpiryModel.ROLLING, count, unit, end, 0)


@pytest.mark.parametrize(
    ("kind", "days", "available"),
    [
        (PendingKind.NONE, 0, 0),
        (PendingKind.AFTER, 1, at("2026-05-06T00:00")),
        (PendingKind.AFTER, 14, at("2026-05-19T00:00")),
        (PendingKind.ON_ACTION, 0, NEVER_S),
    ],
)
def test_pending(kind: PendingKind, days: int, available: int) -> None:
    """Pending earnings become spendable at a local midnight, or when somebody releases them."""
    effect = EFFECT._replace(pending=kind, pending_days=days)
    assert terms_of(effect, TODAY, LocalClock("Asia/Tehran"), J) == (available, NEVER_S)


@pytest.mark.parametrize(
    ("calendar", "count", "unit", "end", "midnight"),
    [
        (J, 0, PeriodUnit.DAY, PeriodEnd.DAY, "2026-05-06T00:00"),
        (J, 30, PeriodUnit.DAY, PeriodEnd.DAY, "2026-06-05T00:00"),
        # To the end of Friday, 8 May; by the other calendar of Sunday, 10 May.
        (J, 0, PeriodUnit.DAY, PeriodEnd.WEEK, "2026-05-09T00:00"),
        (G, 0, PeriodUnit.DAY, PeriodEnd.WEEK, "2026-05-11T00:00"),
        # 15 Ordibehesht 1406 is 5 May 2027; the month's last day 31 Ordibehesht is 21 May.
        (J, 12, PeriodUnit.MONTH, PeriodEnd.DAY, "2027-05-06T00:00"),
        (J, 12, PeriodUnit.MONTH, PeriodEnd.MONTH, "2027-05-22T00:00"),
        (J, 1, PeriodUnit.YEAR, PeriodEnd.QUARTER, "2027-06-22T00:00"),
        # 1405 and 1406 have 365 days: the years end on 20 March 2027 and 2028-03-19.
        (J, 0, PeriodUnit.YEAR, PeriodEnd.YEAR, "2027-03-21T00:00"),
        (J, 1, PeriodUnit.YEAR, PeriodEnd.YEAR, "2028-03-20T00:00"),
        (G, 1, PeriodUnit.MONTH, PeriodEnd.DAY, "2026-06-06T00:00"),
        (G, 1, PeriodUnit.MONTH, PeriodEnd.MONTH, "2026-07-01T00:00"),
        (G, 0, PeriodUnit.DAY, PeriodEnd.QUARTER, "2026-07-01T00:00"),
        (G, 0, PeriodUnit.DAY, PeriodEnd.YEAR, "2027-01-01T00:00"),
    ],
)
def test_rolling_expiry(
    calendar: Calendar, count: int, unit: PeriodUnit, end: PeriodEnd, midnight: str
) -> None:
    """It can be spent all through the last day."""
    effect = EFFECT._replace(expiry=rolling(count, unit, end))
    assert terms_of(effect, TODAY, LocalClock("Asia/Tehran"), calendar) == (0, at(midnight))


def test_leap_day_of_esfand() -> None:
    """Earned on 30 Esfand 1403, a year later ends with 29 Esfand 1404, which is 20 March 2026."""
    effect = EFFECT._replace(expiry=rolling(1, PeriodUnit.YEAR, PeriodEnd.DAY))
    today = at("2025-03-20T00:00", "UTC") // 86_400
    assert terms_of(effect, today, LocalClock("Asia/Tehran"), J)[1] == at("2026-03-21T00:00")


def test_expiry_over_a_change_of_the_clock() -> None:
    """In Berlin 30 days after 1 March end at a midnight of summer time: 22:00 UTC."""
    effect = EFFECT._replace(expiry=rolling(30, PeriodUnit.DAY, PeriodEnd.DAY))
    today = at("2026-03-01T00:00", "UTC") // 86_400
    assert terms_of(effect, today, LocalClock("Europe/Berlin"), G)[1] == at("2026-03-31T22:00", "UTC")


def test_fixed_and_no_expiry() -> None:
    """A given second, or never."""
    clock = LocalClock("Asia/Tehran")
    assert terms_of(EFFECT._replace(expiry=NEVER), TODAY, clock, J) == (0, NEVER_S)
    until = NEVER._replace(model=ExpiryModel.FIXED, until_s=1_800_000_000)
    assert terms_of(EFFECT._replace(expiry=until), TODAY, clock, J) == (0, 1_800_000_000)
