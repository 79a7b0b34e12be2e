"""What the campaigns service takes and gives."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from host_api.core.jalali import CalendarDate
from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID
from host_api.services.campaigns.journey import MOST_VARIANTS, Trigger, Variant
from host_api.services.campaigns.measuring import Verdict
from host_api.services.groups.query_schema import Query

_LARGEST_COST: Final = 10**12


class Goal(StrEnum):
    """What a campaign is for."""

    ACQUIRE = "acquire"
    RETAIN = "retain"
    WIN_BACK = "win_back"
    RAISE_SPENDING = "raise_spending"
    ACTIVATE = "activate"


class CampaignState(StrEnum):
    """Where a campaign stands; SUSPENDED did not pay, PAUSED waits for a person."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    SUSPENDED = "suspended"
    STOPPED = "stopped"


class PauseReason(StrEnum):
    """Why a campaign paused."""

    BY_HAND = "by_hand"
    BUDGET_EXHAUSTED = "budget_exhausted"
    POOL_EMPTY = "pool_empty"
    OFFER_NOT_OPEN = "offer_not_open"


class SuspendOn(StrEnum):
    """When a campaign doesn't pay: by the estimate, or when even the interval's best end doesn't."""

    ESTIMATE = "estimate"
    CERTAIN = "certain"


class CampaignEntryState(StrEnum):
    """Where a member is: on the way, in a wait, through, in the control group, or out of it."""

    ACTIVE = "active"
    WAITING = "waiting"
    DONE = "done"
    CONTROL = "control"
    LEFT = "left"


Title = Annotated[str, Field(min_length=1, max_length=100), kept_name(100)]
Variants = Annotated[list[Variant], Field(min_length=1, max_length=MOST_VARIANTS)]
Cost = Annotated[int, Field(ge=0, le=_LARGEST_COST)]

_STEPS: list[JsonDict] = [
    {
        "kind": "message",
        "text": "We miss you: 500 points are yours.",
        "text_fa": "دلمان برایتان تنگ شده: ۵۰۰ امتیاز هدیه گرفتید.",
    },
    {"kind": "points", "purse": 91, "units": 500, "valid_days": 30},
    {"kind": "wait", "hours": 240},
    {
        "kind": "condition",
        "query": {"f": "purchase_count", "op": ">=", "v": 1, "within": {"last_days": 10}},
        "then": "end",
    },
    {"kind": "offer", "offer_id": 4},
]
_EXAMPLE: JsonDict = {
    "title": "Come back",
    "title_fa": "بازگشت",
    "goal": "win_back",
    "audience": {"f": "tier", "op": "in", "v": ["silver", "gold"]},
    "trigger": {"kind": "win_back", "days": 60},
    "last_day": "1406-12-29",
    "control_percent": 10,
    "variants": [{"code": "points", "weight": 1, "steps": [*_STEPS]}],
    "budget_id": 2,
}


class _Parameters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    measure_days: int = Field(
        default=30, ge=1, le=366, description="A member's purchases of so many days from entering on count."
    )
    margin_percent: int = Field(
        default=10, ge=0, le=100, description="What the programme itself has of an amount sold."
    )
    message_cost: Cost = Field(default=0, description="Rial, of a message.")
    offer_cost: Cost = Field(default=0, description="Rial, of an offer put before a member.")
    code_cost: Cost = Field(default=0, description="Rial, of a code.")
    unit_cost: Cost = Field(default=0, description="Rial, of a unit of a purse.")
    suspend_after_days: int | None = Field(
        default=30, ge=1, le=366, description="From then on it is suspended when it doesn't pay; null never."
    )
    suspend_on: SuspendOn = SuspendOn.ESTIMATE
    least_return_percent: int = Field(
        default=100, ge=0, le=1000, description="It pays when its benefit is so much of its cost."
    )
    least_members: int = Field(
        default=100, ge=2, le=1_000_000, description="Of both arms, before anything is said or suspended."
    )


class CampaignCreate(_Parameters):
    """A new campaign, as a draft."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _EXAMPLE})

    title: Title
    title_fa: Title
    goal: Goal
    audience: Query | None = Field(default=None, description="Left out, everybody; asked as each enters.")
    trigger: Trigger
    last_day: CalendarDate = Field(description="The last day on which members enter.")
    control_percent: int = Field(default=10, ge=0, le=90)
    variants: Variants
    budget_id: int | None = Field(default=None, ge=1, le=LARGEST_ID, description="Of the units it gives.")

    @model_validator(mode="after")
    def _codes_differ(self) -> "CampaignCreate":
        _check_variants(self.variants)
        return self


class CampaignUpdate(BaseModel):
    """What is to change; what is left out stays. Of one that was started only the first eleven fields."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"last_day": "1406-06-31"}})

    title: Title | None = None
    title_fa: Title | None = None
    last_day: CalendarDate | None = None
    margin_percent: int | None = Field(default=None, ge=0, le=100)
    message_cost: Cost | None = None
    offer_cost: Cost | None = None
    code_cost: Cost | None = None
    unit_cost: Cost | None = None
    suspend_after_days: int | None = Field(default=None, ge=1, le=366)
    suspend_on: SuspendOn | None = None
    least_return_percent: int | None = Field(default=None, ge=0, le=1000)
    goal: Goal | None = None
    audience: Query | None = None
    trigger: Trigger | None = None
    control_percent: int | None = Field(default=None, ge=0, le=90)
    variants: Variants | None = None
    budget_id: int | None = Field(default=None, ge=1, le=LARGEST_ID)
    measure_days: int | None = Field(default=None, ge=1, le=366)
    least_members: int | None = Field(default=None, ge=2, le=1_000_000)

    @model_validator(mode="after")
    def _codes_differ(self) -> "CampaignUpdate":
        _check_variants(self.variants or [])
        return self


class CampaignRead(_Parameters):
    """A campaign."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                **_EXAMPLE,
                "id": 5,
                "state": "running",
                "paused_because": None,
                "last_day": "2028-03-19",
                "created_at": "2026-11-22T08:00:00Z",
                "changed_by": "نگار",
                "started_by": "امید",
                "started_at": "2026-11-22T09:00:00Z",
            }
        }
    )

    id: int
    state: CampaignState
    paused_because: PauseReason | None = None
    title: str
    title_fa: str
    goal: Goal
    audience: Query | None = None
    trigger: Trigger
    last_day: date
    control_percent: int
    variants: list[Variant]
    budget_id: int | None = None
    created_at: datetime
    changed_by: str
    started_by: str | None = Field(default=None, description="The second person.")
    started_at: datetime | None = None


class AudienceRead(BaseModel):
    """How many members an audience has now, and how they would be split."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"members": 1000, "arms": {"control": 98, "points": 902}}}
    )

    members: int
    arms: dict[str, int]


class CampaignEntryRead(BaseModel):
    """A member's way through a campaign."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "campaign_id": 5,
                "member_id": 12,
                "occasion": 1405,
                "arm": "points",
                "state": "active",
                "step": 2,
                "due_at": "2026-12-02T09:00:00Z",
                "entered_at": "2026-11-22T09:00:00Z",
            }
        }
    )

    campaign_id: int
    member_id: int
    occasion: int = Field(description="A Jalali year, a day as YYYYMMDD of the last purchase, or 0.")
    arm: str
    state: CampaignEntryState
    step: int = Field(description="The step it waits before, counted from 0.")
    due_at: datetime | None
    entered_at: datetime


_ARM: JsonDict = {
    "arm": "points",
    "members": 900,
    "buyers": 300,
    "purchases": 410,
    "amount": 900000000,
    "messages": 900,
    "offers": 0,
    "codes": 0,
    "units": 450000,
    "cost": 45900000,
}
_STEP: JsonDict = {"arm": "points", "step": 0, "kind": "message", "members": 900}


class CampaignArmRead(BaseModel):
    """What the members of an arm did and got."""

    model_config = ConfigDict(json_schema_extra={"example": _ARM})

    arm: str
    members: int
    buyers: int
    purchases: int
    amount: int = Field(description="Rial, within each member's days.")
    messages: int
    offers: int
    codes: int
    units: int
    cost: int = Field(description="Rial.")


class CampaignDifferenceRead(BaseModel):
    """How far the treated are from the control group."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "arm": None,
                "verdict": "higher",
                "statement": "Members bought more: with 95 % confidence 90,000 … 110,000 rial each.",
                "statement_fa": "عضوها بیشتر خریدند: با اطمینان ۹۵٪ هر یک ۹۰,۰۰۰ … ۱۱۰,۰۰۰ ریال.",
                "per_member": 100000,
                "per_member_low": 90000,
                "per_member_high": 110000,
                "per_mille": 1000,
                "buyers_per_mille": 120,
                "extra_amount": 90000000,
                "benefit": 9000000,
                "benefit_low": 8100000,
                "benefit_high": 9900000,
                "cost": 4500000,
                "net": 4500000,
            }
        }
    )

    arm: str | None = Field(description="The variant; null for all that were treated.")
    verdict: Verdict
    statement: str
    statement_fa: str
    per_member: int = Field(description="Rial: difference of the means.")
    per_member_low: int = Field(description="The lower end of the 95 % interval.")
    per_member_high: int
    per_mille: int | None = Field(description="Of the control's mean.")
    buyers_per_mille: int = Field(description="Difference of the shares of buyers, in thousandths.")
    extra_amount: int = Field(description="Rial sold more, by the estimate.")
    benefit: int = Field(description="What the programme has of it, by its margin.")
    benefit_low: int
    benefit_high: int
    cost: int
    net: int = Field(description="Benefit less cost.")


class CampaignResultsRead(BaseModel):
    """What a campaign brought."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "campaign_id": 5,
                "goal": "win_back",
                "measured_at": "2026-12-22T23:00:00Z",
                "entries": {"active": 3, "done": 897, "control": 100},
                "steps": [_STEP],
                "arms": [_ARM],
                "differences": [],
            }
        }
    )

    campaign_id: int
    goal: Goal
    measured_at: datetime | None = Field(description="The nightly job that counted; null before the first.")
    entries: dict[CampaignEntryState, int]
    steps: list["CampaignStepRead"]
    arms: list[CampaignArmRead]
    differences: list[CampaignDifferenceRead] = Field(description="Empty without a control group.")


class CampaignStepRead(BaseModel):
    """How many members a step has served."""

    model_config = ConfigDict(json_schema_extra={"example": _STEP})

    arm: str
    step: int
    kind: str
    members: int


class CampaignPolicyRead(BaseModel):
    """How often campaigns may write to a member, all of them together."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "most_a_day": 1,
                "most_a_week": 3,
                "quiet_from_hour": 22,
                "quiet_until_hour": 8,
                "version": 0,
            }
        }
    )

    most_a_day: int = Field(description="In a day of Tehran; a message above it waits.")
    most_a_week: int = Field(description="In seven days.")
    quiet_from_hour: int = Field(description="From this hour in Tehran messages wait.")
    quiet_until_hour: int = Field(description="Until this hour; the same as the first is no quiet at all.")
    version: int = Field(description="For `If-Match`; 0 where the programme has changed nothing.")


class CampaignPolicyUpdate(BaseModel):
    """What is to change; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"most_a_week": 2}})

    most_a_day: Annotated[int, Field(ge=1, le=20)] | None = None
    most_a_week: Annotated[int, Field(ge=1, le=100)] | None = None
    quiet_from_hour: Annotated[int, Field(ge=0, le=23)] | None = None
    quiet_until_hour: Annotated[int, Field(ge=0, le=23)] | None = None


def _check_variants(variants: list[Variant]) -> None:
    if len({variant.code for variant in variants}) != len(variants):
        raise ValueError("a variant's code stands twice")
