"""Local time and calendars: clock changes, week, month, quarter and year bounds, Jalali month ends."""

from datetime import date

import pytest

from switch.rules.local_time import LocalClock, day_after, local_day, month_of, quarter_of, week_of, year_of
from switch.rules.table import Calendar, PeriodUnit
from tests.switch.rules.tables import at

G, J = Calendar.GREGORIAN, Calendar.JALALI


def day(text: str) -> int:
    """Days since the epoch of a Gregorian date."""
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def test_a_minute_of_tehran() -> None:
    """2026-03-21T00:00Z is 03:30 on the first day of 1405, a Saturday."""
    time = LocalClock("Asia/Tehran").at(at("2026-03-21T00:00", "UTC"))
    assert (time.offset_s, time.minute) == (12_600, 210)
    assert time.hour == (day("2026-03-21") * 24) + 3
    assert time.day == (day("2026-03-21"), 1, 20260321, 3, 21, 14050101, 1, 1)


@pytest.mark.parametrize(
    ("text", "weekday"), [("2026-05-02", 1), ("2026-05-03", 2), ("2026-05-08", 7), ("1970-01-01", 6)]
)
def test_weekdays_count_from_saturday(text: str, weekday: int) -> None:
    """Saturday is 1, Friday 7."""
    assert local_day(day(text)).weekday == weekday


@pytest.mark.parametrize(
    ("zone", "utc", "minute"),
    [
        ("Europe/Berlin", "2026-03-29T00:59", 119),  # 01:59, then the clock jumps
        ("Europe/Berlin", "2026-03-29T01:00", 180),
        ("Europe/Berlin", "2026-10-25T00:59", 179),  # 02:59 for the first time
        ("Europe/Berlin", "2026-10-25T01:00", 120),
        ("Asia/Kathmandu", "2026-01-01T00:00", 345),
        ("Asia/Tehran", "2022-03-21T20:29", 1439),  # Tehran skipped its midnight of 1 Farvardin 1401 + 1
        ("Asia/Tehran", "2022-03-21T20:30", 60),
        ("America/New_York", "2026-01-01T00:00", 1140),
    ],
)
def test_clock_changes(zone: str, utc: str, minute: int) -> None:
    """The minute of the local day on both sides of a change of the clock."""
    clock = LocalClock(zone)
    assert clock.at(at(utc, "UTC")).minute == minute
    assert clock.at(at(utc, "UTC") + 59).minute == minute  # remembered


def test_a_skipped_midnight_begins_the_day_at_the_change() -> None:
    """2022-03-22 began in Tehran at 01:00, which is 20:30 UTC of the day before."""
    clock = LocalClock("Asia/Tehran")
    assert clock.midnight_s(day("2022-03-22")) == at("2022-03-21T20:30", "UTC")
    assert clock.midnight_s(day("2022-03-23")) == at("2022-03-22T19:30", "UTC")


def test_a_repeated_midnight_begins_the_day_the_first_time() -> None:
    """Havana sets its clock from 01:00 back to 00:00."""
    assert LocalClock("America/Havana").midnight_s(day("2026-11-01")) == at("2026-11-01T04:00", "UTC")


def test_an_offset_with_seconds() -> None:
    """Monrovia was 44 minutes and 30 seconds behind until 1972; a local minute begins within one of UTC."""
    clock = LocalClock("Africa/Monrovia")
    assert [clock.at(44 * 60 + second).minute for second in (29, 30)] == [1439, 0]


@pytest.mark.parametrize(
    ("calendar", "text", "first", "last"),
    [
        (J, "2026-05-02", "2026-05-02", "2026-05-08"),
        (J, "2026-05-08", "2026-05-02", "2026-05-08"),
        (G, "2026-05-03", "2026-04-27", "2026-05-03"),
        (G, "2026-05-04", "2026-05-04", "2026-05-10"),
    ],
)
def test_weeks(calendar: Calendar, text: str, first: str, last: str) -> None:
    """Saturday to Friday, or Monday to Sunday."""
    assert week_of(day(text), calendar) == (day(first), day(last))


@pytest.mark.parametrize(
    ("calendar", "text", "month", "quarter", "year"),
    [
        # Esfand of 1403 (leap) has 30 days, of 1404 it has 29.
        (
            J,
            "2025-03-20",
            ("2025-02-19", "2025-03-20"),
            ("2024-12-21", "2025-03-20"),
            ("2024-03-20", "2025-03-20"),
        ),
        (
            J,
            "2026-03-20",
            ("2026-02-20", "2026-03-20"),
            ("2025-12-22", "2026-03-20"),
            ("2025-03-21", "2026-03-20"),
        ),
        # 15 Ordibehesht 1405: months of 31 days.
        (
            J,
            "2026-05-05",
            ("2026-04-21", "2026-05-21"),
            ("2026-03-21", "2026-06-21"),
            ("2026-03-21", "2027-03-20"),
        ),
        (
            G,
            "2028-02-10",
            ("2028-02-01", "2028-02-29"),
            ("2028-01-01", "2028-03-31"),
            ("2028-01-01", "2028-12-31"),
        ),
        (
            G,
            "2026-12-31",
            ("2026-12-01", "2026-12-31"),
            ("2026-10-01", "2026-12-31"),
            ("2026-01-01", "2026-12-31"),
        ),
    ],
)
def test_months_quarters_years(
    calendar: Calendar, text: str, month: tuple[str, str], quarter: tuple[str, str], year: tuple[str, str]
) -> None:
    """First and last day of each period."""
    ordinal = day(text)
    assert month_of(ordinal, calendar) == (day(month[0]), day(month[1]))
    assert quarter_of(ordinal, calendar) == (day(quarter[0]), day(quarter[1]))
    assert year_of(ordinal, calendar) == (day(year[0]), day(year[1]))


@pytest.mark.parametrize(
    ("calendar", "text", "count", "unit", "later"),
    [
        (G, "2026-01-31", 1, PeriodUnit.MONTH, "2026-02-28"),
        (G, "2028-01-31", 1, PeriodUnit.MONTH, "2028-02-29"),
        (G, "2026-10-31", 14, PeriodUnit.MONTH, "2027-12-31"),
        (G, "2028-02-29", 1, PeriodUnit.YEAR, "2029-02-28"),
        (G, "2026-12-31", 1, PeriodUnit.DAY, "2027-01-01"),
        # 31 Shahrivar 1405 + 1 month: Mehr has 30 days.
        (J, "2026-09-22", 1, PeriodUnit.MONTH, "2026-10-22"),
        # 30 Esfand 1403 + 1 year: Esfand 1404 has 29 days.
        (J, "2025-03-20", 1, PeriodUnit.YEAR, "2026-03-20"),
        # 30 Bahman 1404 + 1 month: 29 Esfand 1404.
        (J, "2026-02-19", 1, PeriodUnit.MONTH, "2026-03-20"),
        # 15 Esfand 1404 + 1 month: 15 Farvardin 1405.
        (J, "2026-03-06", 1, PeriodUnit.MONTH, "2026-04-04"),
    ],
)
def test_adding_periods(calendar: Calendar, text: str, count: int, unit: PeriodUnit, later: str) -> None:
    """A day that the month lacks becomes the month's last."""
    assert day_after(day(text), count, unit, calendar) == day(later)
