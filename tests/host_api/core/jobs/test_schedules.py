"""Due times by Tehran's clock and the Jalali calendar."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_api.core.jalali import date_to_jalali, days_in_month
from host_api.core.jobs.schedules import DailyAt, Every, MonthlyOn, Schedule, describe
from host_api.core.tehran_time import TEHRAN


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _due(schedule: Schedule, after: str, count: int) -> list[str]:
    """The next due times as the clock in Tehran shows them."""
    now, found = _at(after), []
    for _ in range(count):
        now = schedule.next_due(now)
        found.append(f"{now.astimezone(TEHRAN):%Y-%m-%d %H:%M}")
    return found


def test_intervals_fall_on_the_same_times_for_everybody() -> None:
    schedule = Every(timedelta(minutes=5))
    assert schedule.next_due(_at("2026-11-22T09:03:20.5Z")) == _at("2026-11-22T09:05Z")
    assert schedule.next_due(_at("2026-11-22T09:05Z")) == _at("2026-11-22T09:10Z")


def test_a_day_begins_in_tehran() -> None:
    schedule = DailyAt(time(0, 0))
    assert schedule.next_due(_at("2026-11-22T20:29:59Z")) == _at("2026-11-22T20:30Z")
    assert schedule.next_due(_at("2026-11-22T20:30Z")) == _at("2026-11-23T20:30Z")


def test_a_year_of_days_has_no_summer_time() -> None:
    schedule, now = DailyAt(time(2, 30)), _at("2026-01-01T00:00Z")
    for _ in range(365):
        due = schedule.next_due(now)
        assert (due.hour, due.minute) == (23, 0)
        now = due
    assert now == _at("2026-12-31T23:00Z")


def test_days_of_summer_time_have_one_due_time_each() -> None:
    # 1400 was the last year with it: forward after 1 Farvardin, back after 30 Shahrivar.
    assert _due(DailyAt(time(0, 30)), "2021-03-20T12:00Z", 3) == [
        "2021-03-21 00:30",
        "2021-03-22 01:30",  # 00:30 was left out that night
        "2021-03-23 00:30",
    ]
    assert _due(DailyAt(time(23, 30)), "2021-09-20T12:00Z", 3) == [
        "2021-09-20 23:30",
        "2021-09-21 23:30",
        "2021-09-22 23:30",
    ]


def test_the_last_day_of_each_jalali_month() -> None:
    found = _due(MonthlyOn(31, time(4, 0)), "2026-03-21T12:00Z", 12)
    days = [date_to_jalali(datetime.fromisoformat(text).date()) for text in found]
    assert days == [(1405, month, days_in_month(1405, month)) for month in range(1, 13)]
    assert [day for _, _, day in days] == [31] * 6 + [30] * 5 + [29]
    assert {text[-5:] for text in found} == {"04:00"}


def test_esfand_of_a_leap_year_has_thirty_days() -> None:
    assert _due(MonthlyOn(30, time(4, 0)), "2025-03-19T12:00Z", 1) == ["2025-03-20 04:00"]  # 1403-12-30
    assert _due(MonthlyOn(30, time(4, 0)), "2026-03-18T12:00Z", 1) == ["2026-03-20 04:00"]  # 1404-12-29


def test_a_month_begins_on_its_first_day() -> None:
    assert _due(MonthlyOn(1, time(0, 0)), "2026-03-20T20:29Z", 2) == ["2026-03-21 00:00", "2026-04-21 00:00"]


_SCHEDULES = (
    Every(timedelta(seconds=7)),
    Every(timedelta(days=1)),
    DailyAt(time(0, 0)),
    DailyAt(time(23, 59)),
    MonthlyOn(1, time(0, 0)),
    MonthlyOn(29, time(12, 0)),
    MonthlyOn(31, time(23, 59)),
)


@given(
    st.sampled_from(_SCHEDULES),
    st.integers(631_152_000, 4_102_444_800).map(lambda at_s: datetime.fromtimestamp(at_s, UTC)),
)
def test_the_next_due_time_is_the_first_one_later(schedule: Schedule, now: datetime) -> None:
    due = schedule.next_due(now)
    assert now < due <= now + timedelta(days=32)
    assert schedule.next_due(due - timedelta(seconds=1)) == due
    assert schedule.next_due(now + (due - now) / 2) == due


@pytest.mark.parametrize(
    "make",
    [
        lambda: Every(timedelta(milliseconds=1500)),
        lambda: Every(timedelta(0)),
        lambda: Every(timedelta(days=2)),
        lambda: DailyAt(time(3, 0, 1)),
        lambda: DailyAt(time(3, 0, tzinfo=UTC)),
        lambda: MonthlyOn(0, time(3, 0)),
        lambda: MonthlyOn(32, time(3, 0)),
    ],
    ids=["fraction", "nothing", "two days", "seconds", "zone", "day 0", "day 32"],
)
def test_schedules_that_mean_nothing_are_refused(make: "object") -> None:
    assert callable(make)
    with pytest.raises(ValueError, match=r"interval|time|month"):
        make()


def test_schedules_are_shown_as_text() -> None:
    assert [describe(schedule) for schedule in _SCHEDULES[1:5:3]] == ["every 86400 s", "monthly 1 00:00"]
    assert describe(DailyAt(time(3, 10))) == "daily 03:10"
