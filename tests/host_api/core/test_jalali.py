"""The Jalali calendar at the edge: leap years and days of the almanac, reading, showing, schemas."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from host_api.core.jalali import (
    FIRST_DATE,
    FIRST_JALALI_YEAR,
    LAST_DATE,
    LAST_JALALI_YEAR,
    Calendar,
    CalendarDate,
    DateFault,
    DateFaultReason,
    calendar_for,
    date_to_jalali,
    days_in_month,
    format_date,
    format_instant,
    format_long_date,
    is_leap_year,
    jalali_to_date,
    parse_date,
)

# Leap years of the official calendar (Calendar Centre, Institute of Geophysics, University of Tehran).
LEAP_YEARS = {
    *(1304, 1309, 1313, 1317, 1321, 1325, 1329, 1333, 1337, 1342, 1346, 1350, 1354, 1358, 1362, 1366, 1370),
    *(1375, 1379, 1383, 1387, 1391, 1395, 1399, 1403, 1408, 1412, 1416, 1420, 1424, 1428, 1432, 1436, 1441),
    *(1445, 1449, 1453, 1457, 1461, 1465, 1469, 1474, 1478, 1482, 1486, 1490, 1494, 1498),
}

# Days that both calendars are on record for.
KNOWN_DAYS = [
    ((1304, 1, 11), date(1925, 3, 31)),
    ((1357, 11, 22), date(1979, 2, 11)),
    ((1375, 12, 30), date(1997, 3, 20)),
    ((1399, 12, 30), date(2021, 3, 20)),
    ((1400, 1, 1), date(2021, 3, 21)),
    ((1403, 1, 1), date(2024, 3, 20)),
    ((1403, 12, 30), date(2025, 3, 20)),
    ((1404, 1, 1), date(2025, 3, 21)),
    ((1405, 8, 25), date(2026, 11, 16)),
    ((1200, 1, 1), FIRST_DATE),
    ((1498, 12, 30), LAST_DATE),
]

days = st.dates(FIRST_DATE, LAST_DATE)


def test_leap_years_are_those_of_the_almanac() -> None:
    assert {year for year in range(1304, LAST_JALALI_YEAR + 1) if is_leap_year(year)} == LEAP_YEARS


def test_every_month_has_its_length_and_follows_the_one_before() -> None:
    day = FIRST_DATE
    for year in range(FIRST_JALALI_YEAR, LAST_JALALI_YEAR + 1):
        lengths = [31] * 6 + [30] * 5 + [30 if is_leap_year(year) else 29]
        for month, length in enumerate(lengths, start=1):
            assert days_in_month(year, month) == length
            assert jalali_to_date(year, month, 1) == day
            day += timedelta(days=length)
    assert day == LAST_DATE + timedelta(days=1)


@pytest.mark.parametrize(("jalali", "gregorian"), KNOWN_DAYS, ids=[str(day) for _, day in KNOWN_DAYS])
def test_known_days(jalali: tuple[int, int, int], gregorian: date) -> None:
    assert jalali_to_date(*jalali) == gregorian
    assert date_to_jalali(gregorian) == jalali


@given(days, st.sampled_from(list(Calendar)), st.sampled_from(["en", "fa"]))
def test_what_is_shown_is_read_back(day: date, calendar: Calendar, language: str) -> None:
    assert parse_date(format_date(day, calendar, "fa" if language == "fa" else "en")) == day


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-16",
        "1405-08-25",
        "۱۴۰۵/۰۸/۲۵",
        "١٤٠٥/٨/٢٥",
        "1405.8.25",
        "\u200e1405/08/25 ",
        "2026/11/16",
        "۲۰۲۶-۱۱-۱۶",
    ],
)
def test_one_day_in_many_writings(written: str) -> None:
    assert parse_date(written) == date(2026, 11, 16)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", DateFaultReason.FORM),
        ("1405-08", DateFaultReason.FORM),
        ("1405-08/25", DateFaultReason.FORM),
        ("05-08-25", DateFaultReason.FORM),
        ("1405-08-25T00:00", DateFaultReason.FORM),
        ("1405-08-25" + " " * 30, DateFaultReason.FORM),
        ("1405-08-25\n", DateFaultReason.FORM),
        ("1199-01-01", DateFaultReason.YEAR),
        ("1499-01-01", DateFaultReason.YEAR),
        ("1821-03-20", DateFaultReason.YEAR),
        ("2120-03-21", DateFaultReason.YEAR),
        ("0000-00-00", DateFaultReason.YEAR),
        ("1404-12-30", DateFaultReason.DAY),
        ("1405-07-31", DateFaultReason.DAY),
        ("1405-13-01", DateFaultReason.DAY),
        ("1405-00-01", DateFaultReason.DAY),
        ("1405-01-00", DateFaultReason.DAY),
        ("2026-02-29", DateFaultReason.DAY),
    ],
)
def test_what_is_wrong_is_told(written: str, reason: DateFaultReason) -> None:
    with pytest.raises(DateFault) as caught:
        parse_date(written)
    assert caught.value.reason is reason
    assert caught.value.message and caught.value.message_fa
    assert repr(caught.value) == f"DateFault({reason.value!r})"


@given(st.text(max_size=40) | st.from_regex(r"[0-9۰-۹]{4}[-/][0-9۰-۹]{1,2}[-/][0-9۰-۹]{1,2}", fullmatch=True))
def test_no_text_raises_anything_else(text: str) -> None:
    try:
        day = parse_date(text)
    except DateFault:
        return
    assert FIRST_DATE <= day <= LAST_DATE


def test_days_out_of_range_are_not_shown_wrong() -> None:
    with pytest.raises(DateFault):
        format_date(LAST_DATE + timedelta(days=1), Calendar.JALALI)
    with pytest.raises(DateFault):
        format_long_date(FIRST_DATE - timedelta(days=1))
    with pytest.raises(DateFault):
        jalali_to_date(1499, 1, 1)


def test_dates_are_shown_as_the_reader_wants() -> None:
    day = date(2026, 11, 16)
    assert format_date(day, Calendar.JALALI) == "1405-08-25"
    assert format_date(day, Calendar.JALALI, "fa") == "۱۴۰۵/۰۸/۲۵"
    assert format_date(day, Calendar.GREGORIAN) == "2026-11-16"
    assert format_long_date(day) == "دوشنبه ۲۵ آبان ۱۴۰۵"
    assert format_long_date(day, "en") == "Monday 25 Aban 1405"


def test_instants_are_shown_by_the_clock_of_tehran() -> None:
    before_midnight = datetime(2026, 11, 16, 20, 29, 59, tzinfo=UTC)
    assert format_instant(before_midnight, Calendar.JALALI) == "1405-08-25 23:59"
    assert format_instant(before_midnight + timedelta(seconds=1), Calendar.JALALI, "fa") == "۱۴۰۵/۰۸/۲۶ ۰۰:۰۰"
    summer_of_2021 = datetime(2021, 6, 1, 12, tzinfo=UTC)
    assert format_instant(summer_of_2021, Calendar.GREGORIAN) == "2021-06-01 16:30"


def test_the_calendar_follows_the_parameter_then_the_language() -> None:
    assert calendar_for(None, "fa") is Calendar.JALALI
    assert calendar_for(None, "en") is Calendar.GREGORIAN
    assert calendar_for(Calendar.GREGORIAN, "fa") is Calendar.GREGORIAN
    assert calendar_for(Calendar.JALALI, "en") is Calendar.JALALI


class TestField:
    adapter: TypeAdapter[date] = TypeAdapter(CalendarDate)

    def test_it_takes_both_calendars_and_gives_iso(self) -> None:
        for written in ("2026-11-16", "1405-08-25", "۱۴۰۵/۰۸/۲۵"):
            assert self.adapter.validate_python(written) == date(2026, 11, 16)
            assert self.adapter.validate_json(f'"{written}"') == date(2026, 11, 16)
        assert self.adapter.validate_python(date(2026, 11, 16)) == date(2026, 11, 16)
        assert self.adapter.dump_json(date(2026, 11, 16)) == b'"2026-11-16"'

    @pytest.mark.parametrize(
        "value", [1405, 0, None, "tomorrow", date(1700, 1, 1), datetime(2026, 11, 16, tzinfo=UTC)], ids=str
    )
    def test_it_takes_nothing_else(self, value: object) -> None:
        with pytest.raises(ValidationError) as caught:
            self.adapter.validate_python(value)
        (error,) = caught.value.errors()
        assert error["type"] == "calendar_date"
        assert error["ctx"]["message_fa"]

    def test_its_examples_fit_its_schema(self) -> None:
        schema = self.adapter.json_schema(mode="validation")
        for example in schema["examples"]:
            assert re.search(schema["pattern"], example)
            assert self.adapter.validate_python(example) == date(2026, 11, 16)
        assert self.adapter.json_schema(mode="serialization")["format"] == "date"

    @given(st.from_regex(r"[ \u200e]?[0-9۰-۹]{4}[-/.][0-9۰-۹]{1,2}[-/.][0-9۰-۹]{1,2}[ ]?", fullmatch=True))
    def test_whatever_it_takes_matches_its_pattern(self, text: str) -> None:
        try:
            parse_date(text)
        except DateFault:
            return
        assert re.search(self.adapter.json_schema(mode="validation")["pattern"], text)
