"""What a policy of the network says."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.path_ids import LARGEST_ID
from host_api.services.referral_network.words import Decider, Text

DEEPEST: Final = 20
# A policy that says otherwise would give more than was spent.
_LARGEST_RATE: Final = 10_000
_LARGEST_FIXED: Final = 1_000_000_000
_LONGEST_DAYS: Final = 36_500

Days = Annotated[int, Field(ge=1, le=_LONGEST_DAYS)]
Units = Annotated[int, Field(ge=0, le=_LARGEST_FIXED)]


class IncomeBasis(StrEnum):
    """What rates are of: the points that the purchase earned, or the money that was paid, in rial."""

    EARNED_POINTS = "earned_points"
    PAID_AMOUNT = "paid_amount"


class NetworkPayoutTime(StrEnum):
    """When incomes are paid: with the purchase, or summed up after a day or a Jalali month."""

    IMMEDIATE = "immediate"
    DAILY = "daily"
    MONTHLY = "monthly"


class IncomeCapPeriod(StrEnum):
    """What a cap counts in, on the clock and calendar of Tehran."""

    DAY = "day"
    MONTH = "month"


class NetworkIntroductionTime(StrEnum):
    """When the fixed points of an introduction are earned."""

    REGISTRATION = "registration"
    FIRST_PURCHASE = "first_purchase"


class IncomeShare(BaseModel):
    """A rate, or a fixed number of units for each purchase."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"rate": 500}})

    rate: int | None = Field(default=None, ge=1, le=_LARGEST_RATE, description="Basis points: 500 is 5 %.")
    fixed: int | None = Field(default=None, ge=1, le=_LARGEST_FIXED, description="Units of the purse.")

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        if (self.rate is None) == (self.fixed is None):
            raise PydanticCustomError("rate_or_fixed", "A share is either a rate or a fixed number of units")
        return self


class NetworkLevelRule(BaseModel):
    """What a purchase gives both sides on one level of introducers."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"introducer": {"rate": 500}, "introduced": {"rate": 200}}},
    )

    introducer: IncomeShare | None = Field(default=None, description="For the introducer on this level.")
    introduced: IncomeShare | None = Field(
        default=None, description="For the buyer, where there is an introducer on this level."
    )
    valid_days: Days | None = Field(
        default=None,
        description="How long after their introduction a member counts for this level; null is for ever.",
    )


class IntroductionUnits(BaseModel):
    """Units for the introducer and for the introduced."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"introducer": 50, "introduced": 20}}
    )

    introducer: Units = 0
    introduced: Units = 0


class NetworkPolicyContent(BaseModel):
    """All parameters of the network."""

    model_config = ConfigDict(extra="forbid")

    purse: int = Field(default=91, ge=60, le=99, description="Account type of the purse that incomes go to.")
    basis: IncomeBasis = IncomeBasis.EARNED_POINTS
    basis_purse: str = Field(
        default="points",
        pattern=r"^[a-z][a-z0-9_-]{0,31}$",
        description="Purse whose earned units rates are of, as the rules name it.",
    )
    depth: int = Field(default=3, ge=1, le=DEEPEST, description="How many levels up are paid.")
    levels: list[NetworkLevelRule] = Field(
        default=[],
        max_length=DEEPEST,
        description="From the nearest introducer on; missing ones give nothing.",
    )
    own_sales: IncomeShare | None = Field(
        default=None, description="For the buyer of each purchase of a network member."
    )
    code_points: IntroductionUnits = Field(
        default_factory=IntroductionUnits, description="For registering a referrer's code."
    )
    introduction_points: IntroductionUnits = Field(
        default_factory=IntroductionUnits, description="A fixed sum for an introduction."
    )
    introduction_on: NetworkIntroductionTime = NetworkIntroductionTime.FIRST_PURCHASE
    register_within_days: Days | None = Field(
        default=30, description="How long after joining a code can be registered; null is for ever."
    )
    branches_max: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="Branches of a member that count at a time; null is any.",
    )
    branch_days: Days | None = Field(default=None, description="How long a branch counts; null is for ever.")
    payout: NetworkPayoutTime = NetworkPayoutTime.DAILY
    payout_least: int = Field(
        default=1, ge=1, le=_LARGEST_FIXED, description="Less than this waits for more."
    )
    budget_id: int | None = Field(
        default=None,
        ge=1,
        le=LARGEST_ID,
        description="Budget that payouts come out of; when it is exhausted they wait. Null is none.",
    )
    cap: int | None = Field(
        default=None, ge=1, le=LARGEST_AMOUNT, description="Most units that a member is granted in a period."
    )
    cap_period: IncomeCapPeriod = IncomeCapPeriod.MONTH

    @model_validator(mode="after")
    def _check_depth(self) -> Self:
        if len(self.levels) > self.depth:
            raise PydanticCustomError("levels_beyond_depth", "There are more levels than the depth allows")
        return self


_EXAMPLE: Final[dict[str, JsonValue]] = {
    "depth": 2,
    "levels": [{"introducer": {"rate": 500}, "introduced": {"rate": 200}}, {"introducer": {"rate": 200}}],
    "code_points": {"introducer": 50, "introduced": 20},
    "branches_max": 100,
    "branch_days": 365,
}


class NetworkPolicyCreate(NetworkPolicyContent):
    """A policy that is to follow the one in force, once a second person approves it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _EXAMPLE})

    in_force_from: AwareDatetime | None = Field(
        default=None, description="Never before its approval; left out, from then on."
    )


class NetworkPolicyState(StrEnum):
    """Where a policy stands; of the approved ones the latest that has begun is in force."""

    ASKED = "asked"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class NetworkPolicyRead(BaseModel):
    """A version of the policy."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 3,
                "state": "approved",
                "in_force_from": "2026-03-21T06:35:00Z",
                "content": _EXAMPLE,
                "asked_by": "نگار",
                "asked_at": "2026-03-21T06:30:00Z",
                "decided_by": "امید",
                "decided_at": "2026-03-21T06:35:00Z",
                "note": None,
            }
        }
    )

    id: int
    state: NetworkPolicyState
    in_force_from: datetime
    content: NetworkPolicyContent
    asked_by: str
    asked_at: datetime
    decided_by: Decider
    decided_at: datetime | None
    note: Text | None
