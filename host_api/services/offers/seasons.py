"""On which days an offer holds: its first to last day, and within them its seasons and days of the week."""

from datetime import date
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from host_api.core.jalali import date_to_jalali, days_in_month

_DAY: Final = r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"


class Weekday(StrEnum):
    """Days of the week, from Saturday."""

    SATURDAY = "SAT"
    SUNDAY = "SUN"
    MONDAY = "MON"
    TUESDAY = "TUE"
    WEDNESDAY = "WED"
    THURSDAY = "THU"
    FRIDAY = "FRI"


# As `date.weekday` counts.
_BY_NUMBER: Final = (
    Weekday.MONDAY,
    Weekday.TUESDAY,
    Weekday.WEDNESDAY,
    Weekday.THURSDAY,
    Weekday.FRIDAY,
    Weekday.SATURDAY,
    Weekday.SUNDAY,
)


class Season(BaseModel):
    """Days of each Jalali year, both ends among them; it may run over the end of the year."""

    model_config = ConfigDict(
        extra="forbid", populate_by_name=True, json_schema_extra={"example": {"from": "12-20", "to": "01-13"}}
    )

    begin: str = Field(alias="from", pattern=_DAY, description="Jalali month and day.")
    end: str = Field(alias="to", pattern=_DAY, description="30 Esfand is 29 Esfand in years without it.")

    @model_validator(mode="after")
    def _are_days(self) -> "Season":
        for text in (self.begin, self.end):
            month, day = _parts(text)
            # 1403 is a leap year: its Esfand has 30 days.
            if day > days_in_month(1403, month):
                raise ValueError("there is no such day in a Jalali year")
        return self


_SEASONS: Final = TypeAdapter(list[Season])


def holds_on(day: date, *, first: date, last: date, seasons: object = (), weekdays: object = ()) -> bool:
    """Whether an offer holds on a day in Tehran.

    Parameters:
        seasons: as they are kept; none is all of the year. So are `weekdays`.
    """
    if not first <= day <= last:
        return False
    if weekdays and isinstance(weekdays, list | tuple) and _BY_NUMBER[day.weekday()].value not in weekdays:
        return False
    kept = _SEASONS.validate_python(list(seasons) if isinstance(seasons, list | tuple) else [])
    return not kept or any(_is_in(season, day) for season in kept)


def _is_in(season: Season, day: date) -> bool:
    year, month, number = date_to_jalali(day)
    begin, end = (_in_year(text, year) for text in (season.begin, season.end))
    here = (month, number)
    return begin <= here <= end if begin <= end else here >= begin or here <= end


def _in_year(text: str, year: int) -> tuple[int, int]:
    month, day = _parts(text)
    return month, min(day, days_in_month(year, month))


def _parts(text: str) -> tuple[int, int]:
    month, _, day = text.partition("-")
    return int(month), int(day)
