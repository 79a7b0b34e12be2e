"""What the festivals service takes and gives of festivals, and what members see."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict

from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID
from host_api.services.draws.moment import MOMENT_TOLD, Moment
from host_api.services.groups.query_schema import Query

LARGEST_SCORE: Final = 10**12
_MOST_MERCHANTS: Final = 200

Title = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]
Reason = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=3, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]
MerchantCode = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,15}$")]


class FestivalIndicatorKind(StrEnum):
    """What a festival counts of a member within its time.

    PURCHASE_AMOUNT is in rial paid with money, less returns; MERCHANTS, BRANCHES and DAYS are distinct ones
    where and when the member bought, VISITS days at a branch, INTRODUCED new members introduced.
    """

    PURCHASE_AMOUNT = "purchase_amount"
    PURCHASE_COUNT = "purchase_count"
    MERCHANTS = "merchants"
    BRANCHES = "branches"
    DAYS = "days"
    VISITS = "visits"
    INTRODUCED = "introduced"


class FestivalCategoryBy(StrEnum):
    """What makes categories, each with places of its own: something of a member's record, or the city of the
    branch where the member has bought last in the festival (members' own cities are kept sealed)."""

    TIER = "tier"
    GROUP = "group"
    ORGANISATION = "organisation"
    CLUB_LEVEL = "club_level"
    BRANCH_CITY = "branch_city"


class FestivalState(StrEnum):
    """Where a festival stands, by the clock."""

    PLANNED = "planned"
    OPEN = "open"
    OVER = "over"
    CANCELLED = "cancelled"


class FestivalIndicator(BaseModel):
    """For each full `per` of what is counted the score grows by `points`, up to `most`."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"kind": "purchase_amount", "per": 100000, "points": 1}}
    )

    kind: FestivalIndicatorKind
    per: int = Field(default=1, ge=1, le=10**15)
    points: int = Field(default=1, ge=1, le=1_000_000)
    most: int = Field(default=10**9, ge=1, le=10**9, description="The most that it gives a member.")


class _Wanted(BaseModel):
    title: Title
    title_fa: Title
    indicators: list[FestivalIndicator] = Field(min_length=1, max_length=len(FestivalIndicatorKind))
    merchant_ids: list[MerchantCode] = Field(
        default=[],
        max_length=_MOST_MERCHANTS,
        description="Purchases at these merchants only; none: anywhere.",
    )
    audience: Query | None = Field(
        default=None, description="Who may take part, as doctors or colleagues; null: every active member."
    )
    category_by: FestivalCategoryBy | None = Field(default=None, description="Null: no categories.")
    refresh_minutes: int = Field(
        default=60, ge=5, le=1440, description="How often the leaderboard is made anew while it runs."
    )


_EXAMPLE: JsonDict = {
    "title": "Spring festival",
    "title_fa": "جشنوارهٔ بهار",
    "indicators": [
        {"kind": "purchase_amount", "per": 100000, "points": 1, "most": 100000},
        {"kind": "branches", "per": 1, "points": 50, "most": 1000},
    ],
    "merchant_ids": [],
    "audience": None,
    "category_by": "tier",
    "refresh_minutes": 60,
    "starts_at": "2026-03-21T00:00:00+03:30",
    "ends_at": "2026-06-22T00:00:00+03:30",
}


class FestivalCreate(_Wanted):
    """A new festival."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _EXAMPLE})

    starts_at: Moment = Field(description=f"Counts from this instant on. {MOMENT_TOLD}")
    ends_at: Moment = Field(description="Counts before this instant.")

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise ValueError("it ends before it starts")
        kinds = [indicator.kind for indicator in self.indicators]
        if len(set(kinds)) != len(kinds):
            raise ValueError("an indicator stands twice")
        if any(indicator.most < indicator.points for indicator in self.indicators):
            raise ValueError("an indicator that gives less at most than at once")
        return self


class FestivalUpdate(BaseModel):
    """What is to change of a festival; what members rely on can't."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"refresh_minutes": 30}})

    title: Title | None = None
    title_fa: Title | None = None
    refresh_minutes: int | None = Field(default=None, ge=5, le=1440)


class FestivalCancel(BaseModel):
    """Why it is given up; members are told."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"reason": "به سال بعد افتاد"}})

    reason: Reason


class FestivalRead(_Wanted):
    """A festival."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                **_EXAMPLE,
                "id": 4,
                "state": "open",
                "starts_at": "2026-03-20T20:30:00Z",
                "ends_at": "2026-06-21T20:30:00Z",
                "members": 48210,
                "counted_until": "2026-04-02T10:00:00Z",
                "created_by": "نگار",
                "created_at": "2026-03-01T09:00:00Z",
                "cancelled_at": None,
                "cancel_reason": None,
            }
        }
    )

    id: int
    state: FestivalState
    starts_at: datetime
    ends_at: datetime
    members: int = Field(description="How many take part.")
    counted_until: datetime | None = Field(description="The leaderboard is of the time until then.")
    created_by: str
    created_at: datetime
    cancelled_at: datetime | None
    cancel_reason: str | None


class FestivalMemberCreate(BaseModel):
    """A member takes part."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"member_id": 12}})

    member_id: int = Field(ge=1, le=LARGEST_ID)


_PLACE_EXAMPLE: JsonDict = {"place": 17, "category_place": 3, "score": 5200, "name": "س… ر…"}


class FestivalPlaceRead(BaseModel):
    """A line of the leaderboard."""

    model_config = ConfigDict(json_schema_extra={"example": _PLACE_EXAMPLE})

    place: int | None = Field(description="Null until it is counted for the first time.")
    category_place: int | None
    score: int
    name: str = Field(description="Initials only.")


class MyFestival(BaseModel):
    """Where a member stands, between their neighbours."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "festival_id": 4,
                "member_id": 12,
                "joined_at": "2026-03-22T09:00:00Z",
                "category": "gold",
                "mine": _PLACE_EXAMPLE,
                "above": [{"place": 16, "category_place": 2, "score": 5260, "name": "ع…"}],
                "below": [{"place": 18, "category_place": 4, "score": 5180, "name": "م…"}],
                "counted_until": "2026-04-02T10:00:00Z",
            }
        }
    )

    festival_id: int
    member_id: int
    joined_at: datetime
    category: str
    mine: FestivalPlaceRead
    above: list[FestivalPlaceRead] = Field(description="Those just ahead, the best first.")
    below: list[FestivalPlaceRead] = Field(description="Those just behind.")
    counted_until: datetime | None


class FestivalBoardRead(BaseModel):
    """The top of the leaderboard."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "festival_id": 4,
                "category": None,
                "places": [_PLACE_EXAMPLE],
                "counted_from": "2026-03-20T20:30:00Z",
                "counted_until": "2026-04-02T10:00:00Z",
            }
        }
    )

    festival_id: int
    category: str | None
    places: list[FestivalPlaceRead]
    counted_from: datetime | None
    counted_until: datetime | None
