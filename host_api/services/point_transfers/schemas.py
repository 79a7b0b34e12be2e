"""What points between members takes and gives."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from host_api.core.iran.schema_types import MobileNumber
from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.path_ids import LARGEST_ID
from host_api.core.period_limits import PeriodLimits
from host_api.services.groups.audience import StoredAudience
from host_api.services.groups.query_schema import Query

Units = Annotated[int, Field(ge=1, le=LARGEST_AMOUNT)]
MemberId = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Reason = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=3, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]


class PointTransferState(StrEnum):
    """Where a gift stands.

    ASKED waits for the giver's code, and is EXPIRED when that comes too late; SENT waits for the switch.
    DONE moved the units, FAILED moved none, DOUBTFUL is for the next reconciliation. CANCELLING asks the
    switch to move them back; CANCELLED gave them back, or was taken back before anything moved.
    """

    ASKED = "asked"
    EXPIRED = "expired"
    SENT = "sent"
    DONE = "done"
    FAILED = "failed"
    DOUBTFUL = "doubtful"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"


class PointTransferPolicyCreate(BaseModel):
    """A further version of the policy."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "least_units": 10,
                "most_units": 1_000,
                "limits": {"day_count": 3, "month_units": 5_000},
                "least_left": 100,
                "waiting_days": 30,
            }
        },
    )

    valid_from: AwareDatetime | None = Field(default=None, description="Left out, from now on.")
    is_open: bool = Field(default=True, description="false: nobody can give any more.")
    purse: int = Field(default=91, ge=60, le=99, description="Account type; the rules let it be given away.")
    least_units: Units = 1
    most_units: Units = LARGEST_AMOUNT
    limits: PeriodLimits = Field(default_factory=PeriodLimits, description="Left out, none.")
    least_left: int = Field(
        default=0, ge=0, le=LARGEST_AMOUNT, description="So many units stay with the giver; points only."
    )
    waiting_days: int = Field(default=0, ge=0, le=3_650, description="So long a giver has been a member.")
    code_from_units: Units | None = Field(
        default=1, description="From so many units on the giver confirms with a code; null never."
    )
    audience: Query | None = Field(default=None, description="Who may give; null is every member.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.most_units < self.least_units:
            raise PydanticCustomError("units_out_of_order", "most_units is less than least_units")
        if self.least_left and self.purse != 91:
            raise PydanticCustomError("least_left_of_points", "least_left is of the points, account type 91")
        return self


class PointTransferPolicyRead(BaseModel):
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
                "least_units": 10,
                "most_units": 1_000,
                "limits": {"day_count": 3, "day_units": None, "month_count": None, "month_units": 5_000},
                "least_left": 100,
                "waiting_days": 30,
                "code_from_units": 1,
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
    least_left: int
    waiting_days: int
    code_from_units: int | None
    audience: StoredAudience


class PointTransferCreate(BaseModel):
    """A member's wish to give units to another, who is named by number or by mobile."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={"example": {"member_id": 12, "to_member_id": 13, "units": 100}},
    )

    member_id: MemberId = Field(description="Who gives.")
    to_member_id: MemberId | None = None
    to_mobile: MobileNumber | None = None
    units: Units

    @model_validator(mode="after")
    def _check_receiver(self) -> Self:
        if (self.to_member_id is None) == (self.to_mobile is None):
            raise PydanticCustomError("one_receiver", "Tell either to_member_id or to_mobile")
        return self


class PointTransferCodeTry(BaseModel):
    """The code that the giver was texted."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"code": "۱۲۳۴۵۶"}})

    code: str = Field(min_length=1, max_length=40, description="As typed, in digits of any script.")


class PointTransferCancellation(BaseModel):
    """Why units are moved back."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"reason": "به اشتباه داده شده"}})

    reason: Reason


class PointTransferRead(BaseModel):
    """A gift of units."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 5,
                "state": "done",
                "member_id": 12,
                "to_member_id": 13,
                "policy_id": 2,
                "purse": 91,
                "units": 100,
                "asked_by": "app",
                "asked_at": "2026-03-21T06:30:00Z",
                "confirm_until": "2026-03-21T06:45:00Z",
                "response_code": "00",
                "rrn": "000000000042",
                "finished_at": "2026-03-21T06:31:00Z",
                "cancelled_by": None,
                "cancel_reason": None,
                "cancel_rrn": None,
            }
        }
    )

    id: int
    state: PointTransferState
    member_id: int
    to_member_id: int
    policy_id: int
    purse: int
    units: int
    asked_by: str
    asked_at: datetime
    confirm_until: datetime = Field(description="Until then the code has to come.")
    response_code: str | None = Field(description="Field 39 of the switch's last answer.")
    rrn: str | None
    finished_at: datetime | None
    cancelled_by: str | None
    cancel_reason: str | None
    cancel_rrn: str | None


class StateSum(BaseModel):
    """Gifts in one state."""

    model_config = ConfigDict(json_schema_extra={"example": {"state": "done", "count": 4, "units": 400}})

    state: PointTransferState
    count: int
    units: int


class MemberSum(BaseModel):
    """What one member gave or got."""

    model_config = ConfigDict(json_schema_extra={"example": {"member_id": 12, "count": 4, "units": 400}})

    member_id: int
    count: int
    units: int


class PointTransferReport(BaseModel):
    """Sums over the gifts that were asked for in a time."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "by_state": [{"state": "done", "count": 4, "units": 400}],
                "givers": 2,
                "receivers": 3,
                "largest_givers": [{"member_id": 12, "count": 3, "units": 300}],
                "largest_receivers": [{"member_id": 13, "count": 2, "units": 200}],
            }
        }
    )

    by_state: list[StateSum]
    givers: int = Field(description="Members whose gifts are done.")
    receivers: int
    largest_givers: list[MemberSum] = Field(description="At most ten, by units that are done.")
    largest_receivers: list[MemberSum]
