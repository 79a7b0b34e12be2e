"""What trading credit takes and gives."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.path_ids import LARGEST_ID
from host_api.core.period_limits import PeriodLimits
from host_api.services.groups.audience import StoredAudience
from host_api.services.groups.query_schema import Query

Units = Annotated[int, Field(ge=1, le=LARGEST_AMOUNT)]
Reason = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=3, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]


class CreditLineState(StrEnum):
    """Where a line stands.

    DEBITING waits for the switch; REFUSED moved nothing; DOUBTFUL is for the next reconciliation. GRANTED
    counts at the broker. RETURNING counts no more, and gives the units back; UNRETURNED could not, and wants
    a person.
    """

    DEBITING = "debiting"
    REFUSED = "refused"
    DOUBTFUL = "doubtful"
    GRANTED = "granted"
    RETURNING = "returning"
    RETURNED = "returned"
    UNRETURNED = "unreturned"


class TradingCreditPolicyCreate(BaseModel):
    """A further version of the policy."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "least_units": 100,
                "limits": {"month_units": 100_000},
                "rate_units": 1,
                "rate_rials": 10_000,
                "valid_days": 90,
            }
        },
    )

    valid_from: AwareDatetime | None = Field(default=None, description="Left out, from now on.")
    is_open: bool = Field(default=True, description="false: nobody can buy any more.")
    purse: int = Field(default=91, ge=60, le=99, description="Account type of the purse.")
    least_units: Units = 1
    most_units: Units = LARGEST_AMOUNT
    limits: PeriodLimits = Field(default_factory=PeriodLimits, description="Left out, none.")
    rate_units: Units = Field(default=1, description="So many units …")
    rate_rials: Units = Field(description="… buy so many rials of credit; a part of a rial is the club's.")
    valid_days: int | None = Field(default=None, ge=1, le=3_660, description="null: without an end.")
    audience: Query | None = Field(default=None, description="Who may buy; null is every member.")

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.most_units < self.least_units:
            raise PydanticCustomError("units_out_of_order", "most_units is less than least_units")
        return self


class TradingCreditPolicyRead(BaseModel):
    """A version of the policy."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 2,
                "valid_from": "2026-03-21T06:30:00Z",
                "created_at": "2026-03-21T06:30:00Z",
                "created_by": "نگار",
                "is_open": True,
                "purse": 91,
                "least_units": 100,
                "most_units": 50_000,
                "limits": {"day_count": None, "day_units": None, "month_count": None, "month_units": 100_000},
                "rate_units": 1,
                "rate_rials": 10_000,
                "valid_days": 90,
                "audience": None,
            }
        }
    )

    id: int
    valid_from: datetime
    created_at: datetime
    created_by: str
    is_open: bool
    purse: int
    least_units: int
    most_units: int
    limits: PeriodLimits
    rate_units: int
    rate_rials: int
    valid_days: int | None
    audience: StoredAudience


class CreditLineCreate(BaseModel):
    """A member's wish for credit."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"member_id": 12, "units": 500}})

    member_id: int = Field(ge=1, le=LARGEST_ID)
    units: Units


class CreditLineReversal(BaseModel):
    """Why a line is taken back."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"reason": "به درخواست کارگزار"}})

    reason: Reason


class CreditLineRead(BaseModel):
    """Credit that a member has bought."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 4,
                "member_id": 12,
                "state": "granted",
                "policy_id": 2,
                "purse": 91,
                "units": 500,
                "rials": 5_000_000,
                "asked_by": "app",
                "asked_at": "2026-03-21T06:30:00Z",
                "response_code": "00",
                "debit_rrn": "000000000042",
                "granted_at": "2026-03-21T06:30:01Z",
                "valid_until": "2026-06-19T06:30:01Z",
                "reversed_at": None,
                "reversed_by": None,
                "reason": None,
                "return_rrn": None,
            }
        }
    )

    id: int
    member_id: int
    state: CreditLineState
    policy_id: int
    purse: int
    units: int
    rials: int
    asked_by: str
    asked_at: datetime
    response_code: str | None = Field(description="Field 39 of the switch's last answer; 51: too few units.")
    debit_rrn: str | None
    granted_at: datetime | None
    valid_until: datetime | None
    reversed_at: datetime | None
    reversed_by: str | None
    reason: str | None
    return_rrn: str | None
