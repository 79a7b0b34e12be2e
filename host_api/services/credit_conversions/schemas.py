"""What the credit conversions service takes and gives."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from host_api.core.ledger.movements import LARGEST_AMOUNT


class RateState(StrEnum):
    """Where a rate stands; an approved one holds from its instant until the next one's."""

    ASKED = "asked"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class ConversionState(StrEnum):
    """Where a conversion stands.

    TAKING waits for the switch to take the units, GIVING to give the rials. RETURNING: the rials were
    refused, the units are on their way back; RETURNED: the member has them again, with their expiry. REFUSED
    took nothing. DOUBTFUL is for the next reconciliation.
    """

    TAKING = "taking"
    GIVING = "giving"
    DONE = "done"
    REFUSED = "refused"
    RETURNING = "returning"
    RETURNED = "returned"
    DOUBTFUL = "doubtful"


_Purse = Annotated[int, Field(ge=60, le=99)]
_Amount = Annotated[int, Field(ge=1, le=LARGEST_AMOUNT)]
_Reason = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=3, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]


class ConversionRateCreate(BaseModel):
    """A rate from an instant on."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "purse": 92,
                "give": 9,
                "per": 10,
                "units_min": 10000,
                "starts_at": "2026-04-01T00:00:00+03:30",
                "reason": "نرخ فصل بهار",
            }
        },
    )

    purse: _Purse = Field(default=92, description="What is converted: 92 card credit, 93 coins, …")
    to_purse: _Purse = Field(default=94, description="The purse of money that gets the rials.")
    give: int = Field(ge=0, le=LARGEST_AMOUNT, description="Rials; 0 ends conversion from then on.")
    per: _Amount = Field(default=1, description="For so many units. Fractions of a rial are not given.")
    units_min: _Amount = Field(default=1, description="The least that is converted at once.")
    step: _Amount = Field(default=1, description="Only multiples of so many units are converted.")
    starts_at: AwareDatetime = Field(description="From when; not before now once it is approved.")
    reason: _Reason

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.purse == self.to_purse:
            raise ValueError("a purse is not converted into itself")
        return self


class RateDecision(BaseModel):
    """What the second person says."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"note": "مصوبه ۱۲"}})

    note: _Reason | None = None


class ConversionRateRead(BaseModel):
    """A rate of the table."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 4,
                "purse": 92,
                "to_purse": 94,
                "give": 9,
                "per": 10,
                "units_min": 10000,
                "step": 1,
                "starts_at": "2026-03-31T20:30:00Z",
                "reason": "نرخ فصل بهار",
                "state": "approved",
                "is_in_force": True,
                "asked_by": "نگار",
                "asked_at": "2026-03-21T06:30:00Z",
                "decided_by": "امید",
                "decided_at": "2026-03-21T06:35:00Z",
                "note": None,
            }
        }
    )

    id: int
    purse: int
    to_purse: int
    give: int
    per: int
    units_min: int
    step: int
    starts_at: datetime
    reason: str
    state: RateState
    is_in_force: bool
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str | None


class ConversionCreate(BaseModel):
    """A member's wish to have units turned into rials."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"purse": 92, "units": 50000, "rials_min": 45000}}
    )

    purse: _Purse = 92
    units: _Amount
    rials_min: int = Field(
        default=0, ge=0, le=LARGEST_AMOUNT, description="What the member was told; less is refused."
    )


class ConversionRead(BaseModel):
    """A conversion, and what became of it."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 3,
                "member_id": 12,
                "rate_id": 4,
                "purse": 92,
                "to_purse": 94,
                "units": 50000,
                "rials": 45000,
                "state": "done",
                "response_code": "00",
                "debit_rrn": "000000000041",
                "credit_rrn": "000000000042",
                "asked_by_name": "app",
                "asked_at": "2026-04-02T06:30:00Z",
                "finished_at": "2026-04-02T06:30:01Z",
            }
        },
    )

    id: int
    member_id: int
    rate_id: int
    purse: int
    to_purse: int
    units: int
    rials: int
    state: ConversionState
    response_code: str | None = Field(description="Field 39 of the switch's last answer; 51 is too little.")
    debit_rrn: str | None
    credit_rrn: str | None
    asked_by_name: str
    asked_at: datetime
    finished_at: datetime | None
