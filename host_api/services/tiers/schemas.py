"""What the tiers service takes and gives."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from host_api.core.name_type import kept_name
from host_api.services.members.schemas import LOWEST_TIER, TierName

MOST_TIERS = 12
LARGEST_AMOUNT = 10**15

Title = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]
Text = Annotated[str, Field(min_length=1, max_length=500), kept_name(500)]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$", examples=["#d4af37"])]
Rank = Annotated[int, Field(ge=1, le=1000, description="Higher is better; no two tiers have the same.")]


class Match(StrEnum):
    """How many of a tier's criteria have to be met."""

    ALL = "all"
    ANY = "any"


class CriterionKind(StrEnum):
    """What a criterion counts: all but the last within the window."""

    PURCHASE_AMOUNT = "purchase_amount"
    PURCHASE_COUNT = "purchase_count"
    TIER_POINTS = "tier_points"
    MEMBER_DAYS = "member_days"


class WindowKind(StrEnum):
    """The period in which a tier is earned: of the Jalali calendar, or the last days."""

    YEAR = "year"
    HALF = "half"
    QUARTER = "quarter"
    ROLLING = "rolling"


class Downgrade(StrEnum):
    """What becomes of a tier that is no longer earned."""

    NEVER = "never"
    WINDOW_END = "window_end"
    ONE_STEP = "one_step"


class BenefitKind(StrEnum):
    """What kind of thing a benefit is."""

    SERVICE = "service"
    DISCOUNT = "discount"
    POINTS = "points"
    GIFT = "gift"
    ACCESS = "access"


class Criterion(BaseModel):
    """Something that a member must have reached."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"kind": "purchase_amount", "at_least": 500000000}}
    )

    kind: CriterionKind
    at_least: int = Field(ge=1, le=LARGEST_AMOUNT, description="Rial, purchases, units or days.")


class TierBenefit(BaseModel):
    """What a tier gives, for members to read; rules and staff see to it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "title": "Free delivery",
                "title_fa": "ارسال رایگان",
                "text": "Every order is delivered free of charge.",
                "text_fa": "همهٔ سفارش‌ها رایگان فرستاده می‌شود.",
                "kind": "service",
                "value": None,
            }
        },
    )

    title: Title
    title_fa: Title
    text: Text
    text_fa: Text
    kind: BenefitKind
    value: Annotated[str, Field(min_length=1, max_length=40), kept_name(40)] | None = Field(
        default=None, description="How much, as it is shown: `20 %`."
    )


def _twice(criteria: list[Criterion] | None) -> bool:
    return criteria is not None and len({entry.kind for entry in criteria}) != len(criteria)


Criteria = Annotated[list[Criterion], Field(max_length=len(CriterionKind))]
Benefits = Annotated[list[TierBenefit], Field(max_length=30)]


_TIER_EXAMPLE: JsonDict = {
    "code": "gold",
    "title": "Gold",
    "title_fa": "طلایی",
    "rank": 20,
    "colour": "#d4af37",
    "match": "any",
    "criteria": [{"kind": "purchase_amount", "at_least": 500000000}],
    "benefits": [],
}


class TierCreate(BaseModel):
    """A new tier."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _TIER_EXAMPLE})

    code: TierName
    title: Title
    title_fa: Title
    rank: Rank
    colour: Colour = "#808080"
    match: Match = Match.ALL
    criteria: Criteria = Field(default=[], description="None: the tier is only given by hand.")
    benefits: Benefits = Field(default=[])

    @model_validator(mode="after")
    def _each_kind_once(self) -> "TierCreate":
        if _twice(self.criteria):
            raise ValueError("a kind of criterion stands twice")
        return self


class TierUpdate(BaseModel):
    """What is to change of a tier; what is left out stays."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"criteria": [{"kind": "purchase_amount", "at_least": 600000000}]},
        },
    )

    title: Title | None = None
    title_fa: Title | None = None
    rank: Rank | None = None
    colour: Colour | None = None
    match: Match | None = None
    criteria: Criteria | None = None
    benefits: Benefits | None = None

    @model_validator(mode="after")
    def _each_kind_once(self) -> "TierUpdate":
        if _twice(self.criteria):
            raise ValueError("a kind of criterion stands twice")
        return self


class TierRead(BaseModel):
    """A tier."""

    model_config = ConfigDict(json_schema_extra={"example": {**_TIER_EXAMPLE, "is_by_hand": False}})

    code: str
    title: str
    title_fa: str
    rank: int
    colour: str
    match: Match
    criteria: list[Criterion]
    benefits: list[TierBenefit]
    is_by_hand: bool = Field(description="No criteria lead here: it is only given by hand.")


class TierPolicyUpdate(BaseModel):
    """What is to change of the policy; what is left out stays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"window": "quarter", "downgrade": "one_step"}}
    )

    window: WindowKind | None = None
    rolling_days: int | None = Field(default=None, ge=1, le=3660)
    downgrade: Downgrade | None = None
    grace_days: int | None = Field(default=None, ge=0, le=366)
    purse: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_]{0,23}$")
    steps_alone: int | None = Field(default=None, ge=0, le=MOST_TIERS)


class TierPolicyRead(BaseModel):
    """How members are evaluated."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "window": "year",
                "rolling_days": 365,
                "downgrade": "window_end",
                "grace_days": 0,
                "purse": "tier_points",
                "steps_alone": 1,
            }
        }
    )

    window: WindowKind
    rolling_days: int = Field(description="Length of a rolling window, days in Tehran, today among them.")
    downgrade: Downgrade
    grace_days: int = Field(description="So long a tier is kept after it has run out.")
    purse: str = Field(description="Whose units count as tier points.")
    steps_alone: int = Field(description="More steps up by hand than these need a second person.")


class TierSetRead(BaseModel):
    """All tiers, the lowest first, and the policy."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "tiers": [TierRead.model_json_schema()["example"]],
                "policy": TierPolicyRead.model_json_schema()["example"],
            }
        }
    )

    tiers: list[TierRead]
    policy: TierPolicyRead


class Progress(BaseModel):
    """How far a member has come with one criterion of the next tier."""

    kind: CriterionKind
    wanted: int
    reached: int
    missing: int


_NEXT_EXAMPLE: JsonDict = {
    "code": "gold",
    "title": "Gold",
    "title_fa": "طلایی",
    "match": "any",
    "criteria": [
        {"kind": "purchase_amount", "wanted": 500000000, "reached": 320000000, "missing": 180000000}
    ],
    "until": "2027-03-20T20:30:00Z",
}


class NextTierRead(BaseModel):
    """The next tier that can be earned."""

    model_config = ConfigDict(json_schema_extra={"example": _NEXT_EXAMPLE})

    code: str
    title: str
    title_fa: str
    match: Match = Field(description="Whether all criteria are needed, or any one.")
    criteria: list[Progress]
    until: datetime | None = Field(description="When the window ends; null for a rolling one.")


class MemberTierRead(BaseModel):
    """A member's tier, and the way to the next."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "member_id": 12,
                "tier": "silver",
                "title": "Silver",
                "title_fa": "نقره‌ای",
                "colour": "#c0c0c0",
                "since": "2026-03-21T20:50:00Z",
                "valid_until": "2027-03-20T20:30:00Z",
                "assignment_id": None,
                "benefits": [],
                "next": _NEXT_EXAMPLE,
            }
        }
    )

    member_id: int
    tier: str
    title: str | None = Field(description="null for a tier that is none of the set.")
    title_fa: str | None
    colour: str | None
    since: datetime
    valid_until: datetime | None = Field(description="null as long as nothing ends it.")
    assignment_id: int | None = Field(description="The assignment by hand that holds it.")
    benefits: list[TierBenefit]
    next: NextTierRead | None


class Cause(StrEnum):
    """Why a tier changed."""

    EVALUATION = "evaluation"
    ASSIGNMENT = "assignment"
    ASSIGNMENT_ENDED = "assignment_ended"
    ELSEWHERE = "elsewhere"


class TierChangeRead(BaseModel):
    """A change of a member's tier."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 31,
                "member_id": 12,
                "from_tier": LOWEST_TIER,
                "to_tier": "silver",
                "cause": "evaluation",
                "assignment_id": None,
                "at": "2026-03-21T20:50:00Z",
            }
        }
    )

    id: int
    member_id: int
    from_tier: str
    to_tier: str
    cause: Cause = Field(description="`elsewhere`: in the member's own record, or by an import.")
    assignment_id: int | None
    at: datetime
