"""Dates as people in Iran write and read them. Inside, a date is a `date`; only the edge knows Jalali.

The Solar Hijri calendar is Iran's by the law of 11 Farvardin 1304 (1925): six months of 31 days, five of 30,
and Esfand with 29, or 30 in a leap year. The arithmetic is persiantools'.
"""

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final, Literal

from persiantools.jdatetime import JalaliDate
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from host_api.core.persian_text import fold_digits, persian_digits
from host_api.core.tehran_time import TEHRAN

# The arithmetic is right for these years, and no Jalali year among them can be taken for a Gregorian one.
FIRST_JALALI_YEAR: Final = 1200
LAST_JALALI_YEAR: Final = 1498
FIRST_DATE: Final = date(1821, 3, 21)
LAST_DATE: Final = date(2120, 3, 20)

_LONGEST_WRITTEN: Final = 32
_DIGIT: Final = r"[0-9\u06f0-\u06f9\u0660-\u0669]"
_MARKS: Final = r"[ \u200e\u200f\u061c\u2066-\u2069\u202a-\u202e]*"
_PATTERN: Final = f"^{_MARKS}{_DIGIT}{{4}}[-/.]{_DIGIT}{{1,2}}[-/.]{_DIGIT}{{1,2}}{_MARKS}$"
_WRITTEN: Final = re.compile(rf"{_MARKS}([0-9]{{4}})([-/.])([0-9]{{1,2}})\2([0-9]{{1,2}}){_MARKS}")

Language = Literal["en", "fa"]


class Calendar(StrEnum):
    """How dates are shown."""

    JALALI = "jalali"
    GREGORIAN = "gregorian"


class DateFaultReason(StrEnum):
    """What is wrong with a date."""

    FORM = "form"
    YEAR = "year"
    DAY = "day"


_MESSAGES: Final = {
    DateFaultReason.FORM: (
        "Not a date; write it like 2026-11-16 or 1405-08-25",
        "تاریخ خوانده نمی‌شود؛ مانند ۱۴۰۵/۰۸/۲۵ بنویسید.",
    ),
    DateFaultReason.YEAR: (
        "The year must be between 1200 and 1498 (Jalali) or 1821 and 2120 (Gregorian)",
        "سال باید میان ۱۲۰۰ و ۱۴۹۸ (شمسی) یا ۱۸۲۱ و ۲۱۲۰ (میلادی) باشد.",
    ),
    DateFaultReason.DAY: ("There is no such day in this year", "چنین روزی در این سال نیست."),
}


class DateFault(Exception):  # noqa: N818  (a fault is the field's word)
    """A text isn't a date. Neither text nor `repr` holds it: it may be somebody's birthday."""

    def __init__(self, reason: DateFaultReason) -> None:
        super().__init__(reason.value)
        self.reason = reason

    @property
    def message(self) -> str:
        """The fault in English."""
        return _MESSAGES[self.reason][0]

    @property
    def message_fa(self) -> str:
        """The fault in Persian."""
        return _MESSAGES[self.reason][1]


def parse_date(text: str) -> date:
    """The day in `text`: year, month, day, parted by ``-``, ``/`` or ``.``, in digits of any script.

    A year up to 1498 is Jalali, one from 1821 on is Gregorian (ISO 8601).

    Raises:
        DateFault
    """
    match = _WRITTEN.fullmatch(fold_digits(text)) if len(text) <= _LONGEST_WRITTEN else None
    if match is None:
        raise DateFault(DateFaultReason.FORM)
    year, month, day = int(match[1]), int(match[3]), int(match[4])
    if FIRST_JALALI_YEAR <= year <= LAST_JALALI_YEAR:
        return jalali_to_date(year, month, day)
    if not FIRST_DATE.year <= year <= LAST_DATE.year:
        raise DateFault(DateFaultReason.YEAR)
    try:
        gregorian = date(year, month, day)
    except ValueError:
        raise DateFault(DateFaultReason.DAY) from None
    if not FIRST_DATE <= gregorian <= LAST_DATE:
        raise DateFault(DateFaultReason.YEAR)
    return gregorian


def jalali_to_date(year: int, month: int, day: int) -> date:
    """A Jalali date as a `date`.

    Raises:
        DateFault: the year is out of range, or there is no such day in it.
    """
    if not FIRST_JALALI_YEAR <= year <= LAST_JALALI_YEAR:
        raise DateFault(DateFaultReason.YEAR)
    if not 1 <= month <= 12 or not 1 <= day <= days_in_month(year, month):
        raise DateFault(DateFaultReason.DAY)
    return JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call]


def date_to_jalali(day: date) -> tuple[int, int, int]:
    """Jalali year, month and day of `day`.

    Raises:
        DateFault: it is out of range.
    """
    if not FIRST_DATE <= day <= LAST_DATE:
        raise DateFault(DateFaultReason.YEAR)
    jalali = JalaliDate(day)  # type: ignore[no-untyped-call]
    return jalali.year, jalali.month, jalali.day


def days_in_month(year: int, month: int) -> int:
    """Days of a Jalali month, 1 to 12."""
    return JalaliDate.days_in_month(month, year)


def is_leap_year(year: int) -> bool:
    """Whether Esfand of a Jalali year has 30 days."""
    return JalaliDate.is_leap(year)


def calendar_for(wanted: Calendar | None, language: Language) -> Calendar:
    """The calendar of an answer: what the caller asked for, else Jalali for who reads Persian."""
    return wanted or (Calendar.JALALI if language == "fa" else Calendar.GREGORIAN)


def format_date(day: date, calendar: Calendar, language: Language = "en") -> str:
    """`day` in digits, which `parse_date` reads back: ``1405-08-25``, ``۱۴۰۵/۰۸/۲۵`` or ``2026-11-16``.

    Raises:
        DateFault: it is out of range.
    """
    year, month, number = (
        date_to_jalali(day) if calendar is Calendar.JALALI else (day.year, day.month, day.day)
    )
    if language == "fa":
        return persian_digits(f"{year:04d}/{month:02d}/{number:02d}")
    return f"{year:04d}-{month:02d}-{number:02d}"


def format_long_date(day: date, language: Language = "fa") -> str:
    """`day` in words in the Jalali calendar: ``دوشنبه ۲۵ آبان ۱۴۰۵`` or ``Monday 25 Aban 1405``.

    Raises:
        DateFault: it is out of range.
    """
    year, month, number = date_to_jalali(day)
    names = JalaliDate(year, month, number, language)  # type: ignore[no-untyped-call]
    weekday = names.strftime("%A") if language == "fa" else f"{day:%A}"
    words = f"{weekday} {number} {names.strftime('%B')} {year}"
    return persian_digits(words) if language == "fa" else words


def format_instant(instant: datetime, calendar: Calendar, language: Language = "en") -> str:
    """An aware instant as the clock in Tehran shows it, to the minute: ``1405-08-25 14:30``.

    Raises:
        DateFault: it is out of range.
    """
    local = instant.astimezone(TEHRAN)
    text = f"{format_date(local.date(), calendar, language)} {local:%H:%M}"
    return persian_digits(text) if language == "fa" else text


class _WrittenDate:
    """Annotation of a date field that takes both calendars and gives ISO 8601."""

    def __get_pydantic_core_schema__(self, source: type[date], handler: GetCoreSchemaHandler) -> CoreSchema:
        """A date, read by `parse_date` where it comes as text."""
        return core_schema.no_info_before_validator_function(_read, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Text of either calendar coming in, an ISO date going out."""
        if handler.mode == "serialization":
            return handler(schema) | {"description": "ISO 8601 date.", "examples": ["2026-11-16"]}
        return {
            "type": "string",
            "description": "Date in ISO 8601 or in the Jalali calendar, in digits of any script.",
            "pattern": _PATTERN,
            "maxLength": _LONGEST_WRITTEN,
            "examples": ["2026-11-16", "1405-08-25", "۱۴۰۵/۰۸/۲۵"],
        }


def _read(value: object) -> date:
    try:
        if isinstance(value, date) and not isinstance(value, datetime):
            date_to_jalali(value)
            return value
        if not isinstance(value, str):
            raise DateFault(DateFaultReason.FORM)
        return parse_date(value)
    except DateFault as fault:
        context = {"reason": fault.reason.value, "message_fa": fault.message_fa}
        raise PydanticCustomError("calendar_date", fault.message, context) from None


CalendarDate = Annotated[date, _WrittenDate()]
