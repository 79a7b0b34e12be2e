"""The smallest parts of a rule document: texts, names, whole numbers, periods. All of them have bounds."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictInt

from switch.rules.packing.bounds import (
    AMOUNT_MAX,
    DAYS_MAX,
    NAME_CHARACTERS_MAX,
    OWNER_MAX,
    PRIORITY_MAX,
    REFERENCE_CHARACTERS_MAX,
    TEXT_BYTES_MAX,
    VALUE_CHARACTERS_MAX,
    VERSION_MAX,
)

# No control characters: texts go to receipts and displays.
_PRINTABLE: Final = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
_NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"

Weekday = Literal["SAT", "SUN", "MON", "TUE", "WED", "THU", "FRI"]
WEEKDAYS: tuple[Weekday, ...] = ("SAT", "SUN", "MON", "TUE", "WED", "THU", "FRI")


class Part(BaseModel):
    """Unknown keys are refused: a half understood rule must not grant."""

    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True)


def _fits(text: str) -> str:
    if len(text.encode("utf-8")) > TEXT_BYTES_MAX:
        raise ValueError(f"longer than {TEXT_BYTES_MAX} bytes of UTF-8")
    return text


OptionalText = Annotated[str, Field(max_length=TEXT_BYTES_MAX, pattern=_PRINTABLE), AfterValidator(_fits)]
RequiredText = Annotated[
    str, Field(min_length=1, max_length=TEXT_BYTES_MAX, pattern=_PRINTABLE), AfterValidator(_fits)
]


class Text(Part):
    """A text for people in both languages of the club."""

    fa: RequiredText
    en: RequiredText


class MemberText(Part):
    """What the member reads on the receipt; an empty one is no fault, but a lint tells of it."""

    fa: OptionalText = ""
    en: OptionalText = ""


Amount = Annotated[StrictInt, Field(ge=1, le=AMOUNT_MAX)]
AmountOrZero = Annotated[StrictInt, Field(ge=0, le=AMOUNT_MAX)]
Priority = Annotated[StrictInt, Field(ge=0, le=PRIORITY_MAX)]
Version = Annotated[StrictInt, Field(ge=1, le=VERSION_MAX)]
Owner = Annotated[StrictInt, Field(ge=1, le=OWNER_MAX)]
Days = Annotated[StrictInt, Field(ge=0, le=DAYS_MAX)]
Bit = Annotated[StrictInt, Field(ge=0, le=255)]

RuleId = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{0,15}$")]
Name = Annotated[str, Field(max_length=NAME_CHARACTERS_MAX, pattern=_NAME)]
PurseName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,23}$")]
TierName = Annotated[str, Field(min_length=1, max_length=16, pattern=_PRINTABLE)]
# A value that a fact is compared with.
FactText = Annotated[str, Field(min_length=1, max_length=VALUE_CHARACTERS_MAX, pattern=_PRINTABLE)]
Reference = Annotated[str, Field(min_length=1, max_length=REFERENCE_CHARACTERS_MAX, pattern=_PRINTABLE)]

# Written dates and times; whether the date exists is checked with the calendar at hand.
Moment = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?)?$",
        description="a date, or a date and a time; without an offset it is local time; jalali below 1700",
    ),
]
DateOrRange = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(\.\.[0-9]{4}-[0-9]{2}-[0-9]{2})?$",
        description="a date, or first..last; jalali below 1700",
    ),
]
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
ClockUntil = Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
Period = Annotated[str, Field(pattern=r"^P[1-9][0-9]{0,3}[DMY]$")]
