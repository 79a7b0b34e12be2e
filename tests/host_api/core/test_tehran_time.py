"""Days, months and years in Tehran: they meet without a gap, with and without summer time."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_api.core.jalali import DateFault, date_to_jalali, is_leap_year
from host_api.core.jalali_periods import month_period, this_month, this_year, year_period
from host_api.core.tehran_time import period_of_days, start_of_day, tehran_date, today

# Since 1370 the clock was never put on or back but at midnight.
instants = st.integers(670_000_000, 4_700_000_000).map(lambda at_s: datetime.fromtimestamp(at_s, UTC))


@pytest.mark.parametrize(
    ("day", "start", "hours"),
    [
        (date(2021, 3, 21), datetime(2021, 3, 20, 20, 30, tzinfo=UTC), 24),
        (date(2021, 3, 22), datetime(2021, 3, 21, 20, 30, tzinfo=UTC), 23),  # 2 Farvardin began at 01:00
        (date(2021, 3, 23), datetime(2021, 3, 22, 19, 30, tzinfo=UTC), 24),
        (date(2021, 9, 21), datetime(2021, 9, 20, 19, 30, tzinfo=UTC), 25),  # 30 Shahrivar had 23:00 twice
        (date(2021, 9, 22), datetime(2021, 9, 21, 20, 30, tzinfo=UTC), 24),
        (date(2022, 9, 21), datetime(2022, 9, 20, 19, 30, tzinfo=UTC), 25),  # the last time
        (date(2023, 3, 22), datetime(2023, 3, 21, 20, 30, tzinfo=UTC), 24),
        (date(2026, 6, 1), datetime(2026, 5, 31, 20, 30, tzinfo=UTC), 24),
    ],
    ids=str,
)
def test_days_around_summer_time(day: date, start: datetime, hours: int) -> None:
    period = period_of_days(day, day)
    assert period.start == start
    assert period.end - period.start == timedelta(hours=hours)


@given(instants)
def test_an_instant_lies_in_its_day_its_month_and_its_year(now: datetime) -> None:
    for period in (today(now), this_month(now), this_year(now)):
        assert now in period
        assert period.start in period
        assert period.end not in period
        assert period.start.tzinfo is UTC and period.end.tzinfo is UTC


@given(st.integers(1371, 1497), st.integers(1, 12))
def test_months_meet_without_a_gap_and_fill_the_year(year: int, month: int) -> None:
    following = month_period(year, month + 1) if month < 12 else month_period(year + 1, 1)
    assert month_period(year, month).end == following.start
    assert year_period(year).start == month_period(year, 1).start
    assert year_period(year).end == month_period(year, 12).end == year_period(year + 1).start
    assert (year_period(year).end - year_period(year).start).days == (366 if is_leap_year(year) else 365)


def test_the_new_year_begins_at_midnight_in_tehran() -> None:
    nowruz = datetime(2026, 3, 20, 20, 30, tzinfo=UTC)
    assert year_period(1405).start == nowruz
    assert date_to_jalali(tehran_date(nowruz)) == (1405, 1, 1)
    assert date_to_jalali(tehran_date(nowruz - timedelta(microseconds=1))) == (1404, 12, 29)
    assert this_month(nowruz - timedelta(microseconds=1)) == month_period(1404, 12)


def test_a_span_of_days_holds_its_first_and_its_last() -> None:
    span = period_of_days(date(2026, 3, 21), date(2026, 3, 22))
    assert span.end - span.start == timedelta(days=2)
    with pytest.raises(ValueError, match="before the first"):
        period_of_days(date(2026, 3, 22), date(2026, 3, 21))


def test_what_is_no_instant_or_no_month_is_refused() -> None:
    with pytest.raises(ValueError, match="without an offset"):
        today(datetime(2026, 3, 21))  # noqa: DTZ001
    with pytest.raises(DateFault):
        month_period(1405, 13)
    with pytest.raises(DateFault):
        year_period(1499)
    assert start_of_day(date(2026, 3, 21)).utcoffset() == timedelta(0)
