"""What is taken and given of affiliate links."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID
from host_api.core.short_code import ShortCode

LONGEST_WINDOW_DAYS = 90

_Title = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]
_Window = Annotated[int, Field(ge=1, le=LONGEST_WINDOW_DAYS)]
_Most = Annotated[int, Field(ge=1, le=100_000)]
Visitor = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9._~-]{8,64}$",
        description="What the club's page knows a browser by: random, and no person's name or number.",
    ),
]

_LINK: JsonDict = {
    "marketer_id": 2,
    "code": "NOWRUZ-SARA",
    "title": "Nowruz",
    "target_url": "https://club.example/join",
    "window_days": 30,
    "most_clicks_a_day": 10_000,
}


class AffiliateLinkCreate(BaseModel):
    """A link that a marketer gives away."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _LINK})

    marketer_id: int = Field(ge=1, le=LARGEST_ID)
    code: ShortCode
    title: _Title
    target_url: Annotated[str, Field(pattern=r"^https://[!-~]{3,290}$", description="Where a click leads.")]
    window_days: _Window = Field(default=30, description="So long after a click who joins is the marketer's.")
    most_clicks_a_day: _Most = Field(default=10_000, description="Further clicks of a day don't count.")


class AffiliateLinkUpdate(BaseModel):
    """What is to be different; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"is_active": False}})

    title: _Title | None = None
    window_days: _Window | None = None
    most_clicks_a_day: _Most | None = None
    is_active: bool | None = None


class AffiliateLinkRead(BaseModel):
    """A link."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {**_LINK, "id": 6, "is_active": True, "created_at": "2026-03-21T06:30:00Z"}
        }
    )

    id: int
    marketer_id: int
    code: str
    title: str
    target_url: str
    window_days: int
    most_clicks_a_day: int
    is_active: bool
    created_at: datetime


class AffiliateClickCreate(BaseModel):
    """A click, as the club's page tells it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"code": "NOWRUZ-SARA", "visitor": "c2f9b1d07e5a"}},
    )

    code: ShortCode
    visitor: Visitor


class AffiliateClickRead(BaseModel):
    """Where a click leads."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"target_url": "https://club.example/join", "is_counted": True}}
    )

    target_url: str
    is_counted: bool = Field(description="Whether it is the visitor's first of the day, within the bound.")


class AffiliateAttributionCreate(BaseModel):
    """A visitor has become a member."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"member_id": 31, "visitor": "c2f9b1d07e5a"}}
    )

    member_id: int = Field(ge=1, le=LARGEST_ID)
    visitor: Visitor


class AffiliateAttributionRead(BaseModel):
    """By which click a customer came."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 8,
                "link_id": 6,
                "member_id": 31,
                "clicked_at": "2026-03-21T06:30:00Z",
                "attributed_at": "2026-03-22T06:30:00Z",
            }
        }
    )

    id: int
    link_id: int
    member_id: int
    clicked_at: datetime
    attributed_at: datetime


class AffiliateDayRead(BaseModel):
    """A link's day."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 3,
                "link_id": 6,
                "day": "2026-03-21",
                "clicks": 120,
                "uncounted": 3,
                "attributions": 4,
            }
        }
    )

    id: int
    link_id: int
    day: date
    clicks: int = Field(description="Visitors who clicked.")
    uncounted: int = Field(description="Clicks beyond the bound of the day.")
    attributions: int = Field(description="Who joined on that day by an earlier click.")
