"""What is taken and given of achievements."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, model_validator
from pydantic.config import JsonDict

from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID
from host_api.core.short_code import ShortCode
from host_api.services.groups.query_schema import Query

PURCHASE: Final = "purchase"
MOST_LEVELS: Final = 20
LARGEST_VALUE: Final = 10**15

Title = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]
Text = Annotated[str, Field(min_length=1, max_length=500), kept_name(500)]


class Measure(StrEnum):
    """How many; how much; how many different ones; how many days, weeks or months in a row."""

    COUNT = "count"
    SUM = "sum"
    DISTINCT = "distinct"
    STREAK = "streak"


class Window(StrEnum):
    """In which time it is counted, on the calendar of Tehran; of a streak what follows one another.

    `rolling` is the last `window_days` days, `lifetime` all since the beginning of the achievement.
    """

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    ROLLING = "rolling"
    LIFETIME = "lifetime"


class PrizeOutcome(StrEnum):
    """Whether a level had a prize; `gone`: its stock was empty, and it is tried again each night."""

    NONE = "none"
    GIVEN = "given"
    GONE = "gone"


_IN_A_ROW: Final = (Window.DAY, Window.WEEK, Window.MONTH)
_LEVEL: JsonDict = {"at_least": 5, "title": "Regular", "title_fa": "همیشگی", "prize_id": 3}
_EXAMPLE: JsonDict = {
    "code": "five-a-month",
    "title": "Five purchases a month",
    "title_fa": "پنج خرید در ماه",
    "text": "Buy five times in a month.",
    "text_fa": "در یک ماه پنج بار خرید کنید.",
    "badge": "star",
    "measure": "count",
    "counted": "purchase",
    "window": "month",
    "levels": [_LEVEL],
}


class AchievementLevel(BaseModel):
    """Something to reach."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _LEVEL})

    at_least: int = Field(ge=1, le=LARGEST_VALUE)
    title: Title
    title_fa: Title
    prize_id: int | None = Field(default=None, ge=1, le=LARGEST_ID, description="Given once it is reached.")
    quantity: int = Field(default=1, ge=1, le=100, description="So many of the prize.")


class AchievementCreate(BaseModel):
    """A new achievement."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _EXAMPLE})

    code: ShortCode
    title: Title
    title_fa: Title
    text: Text
    text_fa: Text
    badge: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$", description="Its picture.")
    measure: Measure
    counted: str = Field(
        default=PURCHASE,
        pattern=r"^(purchase|enrol|review|referral|visit|survey|trade|festival|birthday|custom:[a-z0-9][a-z0-9_-]{0,8})$",
        description="`purchase`, or the code of a type of events.",
    )
    distinct_by: str | None = Field(
        default=None,
        pattern=r"^[a-z][a-z0-9_]{0,15}$",
        description="What has to differ: `merchant` or `branch` of purchases, an attribute of events.",
    )
    least_amount: int = Field(
        default=0,
        ge=0,
        le=LARGEST_VALUE,
        description="Only purchases of so much, or events with this metric.",
    )
    merchant_ids: list[Annotated[str, Field(pattern=r"^[A-Z0-9]{1,15}$")]] = Field(
        default=[], max_length=100, description="Only purchases there; empty for anywhere."
    )
    window: Window
    window_days: int | None = Field(default=None, ge=1, le=3660, description="Of a rolling window.")
    grace: int = Field(
        default=0, ge=0, le=30, description="So many days, weeks or months may be missed in a streak at once."
    )
    is_repeated: bool = Field(
        default=False, description="Of a streak: whether a new one, after a break, is rewarded again."
    )
    levels: list[AchievementLevel] = Field(
        min_length=1, max_length=MOST_LEVELS, description="Each higher than the last."
    )
    audience: Query | None = Field(default=None, description="Whose it is; null for every member.")
    starts_at: AwareDatetime | None = Field(
        default=None, description="Nothing before it counts; now where it is left out."
    )
    ends_at: AwareDatetime | None = Field(default=None, description="Nothing from it on counts.")

    @model_validator(mode="after")
    def _agrees(self) -> "AchievementCreate":
        marks = [level.at_least for level in self.levels]
        if marks != sorted(set(marks)):
            raise ValueError("each level is higher than the one before")
        if (self.measure is Measure.DISTINCT) != (self.distinct_by is not None):
            raise ValueError("distinct_by is for distinct, and needed there")
        if self.counted == PURCHASE and self.distinct_by not in (None, "merchant", "branch"):
            raise ValueError("purchases differ by merchant or branch")
        if self.counted != PURCHASE and self.merchant_ids:
            raise ValueError("merchant_ids is for purchases")
        if (self.window is Window.ROLLING) != (self.window_days is not None):
            raise ValueError("window_days is for a rolling window, and needed there")
        if self.measure is Measure.STREAK and self.window not in _IN_A_ROW:
            raise ValueError("a streak is of days, weeks or months")
        if self.measure is not Measure.STREAK and (self.grace or self.is_repeated):
            raise ValueError("grace and is_repeated are for streaks")
        if self.starts_at is not None and self.ends_at is not None and self.starts_at >= self.ends_at:
            raise ValueError("it ends after it begins")
        return self


class AchievementUpdate(BaseModel):
    """What is to be different; what is counted and the levels stay: nobody loses what they reached."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"is_active": False}})

    title: Title | None = None
    title_fa: Title | None = None
    text: Text | None = None
    text_fa: Text | None = None
    badge: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")
    is_active: bool | None = Field(default=None, description="Whether anything is reached.")
    ends_at: AwareDatetime | None = None
    audience: Query | None = Field(default=None, description="Null makes it every member's.")


class AchievementRead(BaseModel):
    """An achievement."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                **_EXAMPLE,
                "id": 2,
                "distinct_by": None,
                "least_amount": 0,
                "merchant_ids": [],
                "window_days": None,
                "grace": 0,
                "is_repeated": False,
                "audience": None,
                "is_active": True,
                "starts_at": "2026-03-21T06:30:00Z",
                "ends_at": None,
                "created_at": "2026-03-21T06:30:00Z",
            }
        }
    )

    id: int
    code: str
    title: str
    title_fa: str
    text: str
    text_fa: str
    badge: str | None
    measure: Measure
    counted: str
    distinct_by: str | None
    least_amount: int
    merchant_ids: list[str]
    window: Window
    window_days: int | None
    grace: int
    is_repeated: bool
    levels: list[AchievementLevel]
    audience: dict[str, JsonValue] | None
    is_active: bool
    starts_at: datetime
    ends_at: datetime | None
    created_at: datetime


class LevelAwardRead(BaseModel):
    """A level that a member has reached."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 7,
                "achievement_id": 2,
                "member_id": 12,
                "level": 1,
                "period": "1405-01",
                "value": 5,
                "reached_at": "2026-03-29T10:00:00Z",
                "awarded_at": "2026-03-29T21:40:00Z",
                "prize": "given",
                "prize_award_id": 19,
            }
        }
    )

    id: int
    achievement_id: int
    member_id: int
    level: int = Field(description="From 1.")
    period: str = Field(description="Jalali year, month, day or first day of a week; `all` for once.")
    value: int
    reached_at: datetime
    awarded_at: datetime
    prize: PrizeOutcome
    prize_award_id: int | None


class ProgressRead(BaseModel):
    """Where a member stands in an achievement."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "achievement_id": 2,
                "code": "five-a-month",
                "title": "Five purchases a month",
                "title_fa": "پنج خرید در ماه",
                "badge": "star",
                "period": "1405-01",
                "value": 3,
                "level": 0,
                "next_at_least": 5,
                "awards": [],
            }
        }
    )

    achievement_id: int
    code: str
    title: str
    title_fa: str
    badge: str | None
    period: str = Field(description="What the value is of.")
    value: int
    level: int = Field(description="By the value, 0 for none yet.")
    next_at_least: int | None = Field(description="The next level; null after the last.")
    awards: list[LevelAwardRead] = Field(
        description="What was reached, also in earlier periods; the latest first."
    )


class MemberProgress(BaseModel):
    """Where a member stands in all achievements that are theirs."""

    model_config = ConfigDict(json_schema_extra={"example": {"member_id": 12, "achievements": []}})

    member_id: int
    achievements: list[ProgressRead]
