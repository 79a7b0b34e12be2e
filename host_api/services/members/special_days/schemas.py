"""What is taken and given of special days."""

from datetime import date
from typing import Annotated, Final

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from host_api.core.jalali import Calendar, CalendarDate

BIRTHDAY: Final = "birthday"
KIND_PATTERN: Final = r"^[a-z][a-z0-9_-]{0,31}$"

KindInPath = Annotated[
    str,
    Path(
        pattern=KIND_PATTERN,
        description="`birthday`, `wedding_anniversary`, or an occasion of the club's own.",
        examples=["wedding_anniversary"],
    ),
]


class SpecialDayWrite(BaseModel):
    """A day that comes round each year."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={"example": {"day": "1391/12/30", "calendar": "jalali"}},
    )

    day: CalendarDate
    calendar: Calendar = Field(
        default=Calendar.JALALI, description="The calendar in which the day comes round."
    )


class SpecialDayRead(BaseModel):
    """A special day of a member."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"kind": "wedding_anniversary", "day": "2013-03-20", "calendar": "jalali"}
        }
    )

    kind: str
    day: date
    calendar: Calendar
