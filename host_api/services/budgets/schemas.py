"""What the budgets service takes and gives."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from host_api.core.ledger.movements import LARGEST_AMOUNT


class BudgetChangeKind(StrEnum):
    """Which way a budget changes."""

    TOP_UP = "top_up"
    CUT = "cut"


class BudgetChangeState(StrEnum):
    """Where a change stands."""

    ASKED = "asked"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class BudgetEntryKind(StrEnum):
    """What happened to a budget: it grew or shrank, or units were promised, given, or set free again."""

    TOP_UP = "top_up"
    CUT = "cut"
    RESERVE = "reserve"
    CONSUME = "consume"
    RELEASE = "release"


Text = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=3, max_length=100, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]
Reason = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=3, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]
Units = Annotated[
    int, Field(ge=1, le=LARGEST_AMOUNT, description="Units of the purse; of money purses rial.")
]
_Warning = Annotated[
    int,
    Field(ge=1, le=100, description="An event tells once so many percent are promised or given."),
]


class BudgetCreate(BaseModel):
    """A new budget: it is empty until a second person approves its units."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"title": "هدیهٔ نوروز", "owner": "بازاریابی", "purse": 92, "units": 500000000}
        },
    )

    title: Text
    owner: Text = Field(description="Who answers for it.")
    purse: int = Field(ge=60, le=99, description="Account type of the purse that its units are of.")
    units: Units
    starts_at: AwareDatetime | None = Field(default=None, description="From when; now by default.")
    ends_at: AwareDatetime | None = Field(default=None, description="Until when; for ever by default.")
    warning_percent: _Warning = 80

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.starts_at is not None and self.ends_at is not None and self.ends_at <= self.starts_at:
            raise ValueError("a budget ends after it has begun")
        return self


class BudgetUpdate(BaseModel):
    """What may be changed by one person alone; what is left out stays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"owner": "روابط عمومی", "warning_percent": 90}}
    )

    title: Text = ""
    owner: Text = ""
    ends_at: AwareDatetime | None = None
    warning_percent: _Warning = 80
    is_closed: bool = Field(default=False, description="Nothing new is promised while it is closed.")


class BudgetRead(BaseModel):
    """A budget and what is in it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 1,
                "title": "هدیهٔ نوروز",
                "owner": "بازاریابی",
                "purse": 92,
                "starts_at": "2026-03-01T00:00:00Z",
                "ends_at": None,
                "warning_percent": 80,
                "is_closed": False,
                "units": 500000000,
                "reserved": 20000000,
                "consumed": 180000000,
                "free": 300000000,
                "warned_at": None,
                "created_by": "نگار",
                "created_at": "2026-02-20T08:00:00Z",
            }
        }
    )

    id: int
    title: str
    owner: str
    purse: int
    starts_at: datetime
    ends_at: datetime | None
    warning_percent: int
    is_closed: bool
    units: int = Field(description="In all.")
    reserved: int = Field(description="Promised: set aside for what is under way.")
    consumed: int = Field(description="Given.")
    free: int = Field(description="What is left to be promised.")
    warned_at: datetime | None
    created_by: str
    created_at: datetime


class BudgetChangeCreate(BaseModel):
    """More or less for a budget."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"kind": "top_up", "units": 100000000, "reason": "تمدید جشنواره"}},
    )

    kind: BudgetChangeKind
    units: Units
    reason: Reason


class BudgetChangeDecision(BaseModel):
    """What the second person says."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"note": "طبق مصوبه"}})

    note: Reason | None = None


class BudgetChangeRead(BaseModel):
    """A change of a budget's units."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 3,
                "budget_id": 1,
                "kind": "top_up",
                "units": 100000000,
                "reason": "تمدید جشنواره",
                "state": "approved",
                "asked_by": "نگار",
                "asked_at": "2026-03-21T06:30:00Z",
                "decided_by": "امید",
                "decided_at": "2026-03-21T06:35:00Z",
                "note": None,
            }
        }
    )

    id: int
    budget_id: int
    kind: BudgetChangeKind
    units: int
    reason: str
    state: BudgetChangeState
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str | None


class BudgetEntryRead(BaseModel):
    """A step in a budget's history."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 9,
                "kind": "reserve",
                "units": 50000,
                "service": "contests",
                "reference": "12",
                "units_after": 500000000,
                "reserved_after": 50000,
                "consumed_after": 0,
                "at": "2026-03-21T06:40:00Z",
            }
        }
    )

    id: int
    kind: BudgetEntryKind
    units: int
    service: str = Field(description="Which service it was for.")
    reference: str = Field(description="That service's own; of a change its id.")
    units_after: int
    reserved_after: int
    consumed_after: int
    at: datetime
