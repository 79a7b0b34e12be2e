"""What sellers' endpoints take and give. Amounts are rials."""

from datetime import datetime
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict

from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.path_ids import LARGEST_ID
from host_api.services.sellers.states import (
    SellerLineKind,
    SellerMovementKind,
    SellerMovementState,
    SellerSettlementState,
    SellerState,
    SellerStatus,
)

Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Rials = Annotated[int, Field(ge=1, le=LARGEST_AMOUNT)]
CreditLimit = Annotated[
    int, Field(ge=0, le=LARGEST_AMOUNT, description="What the seller may owe at most, with what is held.")
]
PointRials = Annotated[
    int, Field(ge=1, le=1_000_000_000, description="What a point is worth between seller and club.")
]
CommissionBp = Annotated[
    int,
    Field(ge=0, le=10_000, description="What the club keeps of payments from members' purses, in 1/10,000."),
]

_TERMS: Final[JsonDict] = {"credit_limit_rials": 20_000_000, "point_rials": 1_000, "commission_bp": 200}


class SellerCreate(BaseModel):
    """Somebody who wants to sell."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"member_id": 12}})

    member_id: Id | None = None
    merchant_key: Id | None = Field(default=None, description="`id` of a merchant.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.member_id is None) == (self.merchant_key is None):
            raise ValueError("name a member or a merchant")
        return self


class SellerApproval(BaseModel):
    """The terms under which somebody may sell."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": dict(_TERMS)})

    credit_limit_rials: CreditLimit = 0
    point_rials: PointRials = 1_000
    commission_bp: CommissionBp = 0


class SellerUpdate(BaseModel):
    """What is to be different; it holds for what begins from then on."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"status": "suspended"}})

    status: SellerStatus | None = None
    credit_limit_rials: CreditLimit | None = None
    point_rials: PointRials | None = None
    commission_bp: CommissionBp | None = None


class SellerRead(BaseModel):
    """A seller."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 3,
                "member_id": 12,
                "merchant_key": None,
                "state": "active",
                **_TERMS,
                "owed_rials": 150_000,
                "held_rials": 30_000,
                "asked_by": "app",
                "asked_at": "2026-03-21T06:30:00Z",
                "decided_by": "نگار",
                "decided_at": "2026-03-21T07:00:00Z",
            }
        }
    )

    id: int
    member_id: int | None
    merchant_key: int | None
    state: SellerState
    credit_limit_rials: int
    point_rials: int
    commission_bp: int
    owed_rials: int = Field(description="What the seller owes; negative where the club owes.")
    held_rials: int = Field(description="What orders and notices on their way may cost the seller.")
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None


class SellerLineRead(BaseModel):
    """A line of a seller's account."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 8,
                "seller_id": 3,
                "kind": "bonus",
                "service": "storefronts",
                "reference": "bonus-17",
                "rials": 30_000,
                "owed_after_rials": 180_000,
                "at": "2026-03-25T06:30:00Z",
            }
        },
    )

    id: int
    seller_id: int
    kind: SellerLineKind
    service: str
    reference: str
    rials: int = Field(description="Plus is owed by the seller.")
    owed_after_rials: int
    at: datetime


class SellerSum(BaseModel):
    """All lines of a kind."""

    model_config = ConfigDict(json_schema_extra={"example": {"kind": "bonus", "lines": 4, "rials": 120_000}})

    kind: SellerLineKind
    lines: int
    rials: int


class SellerStatement(BaseModel):
    """A seller's account for some days: what was owed before, the sums of its lines, what is owed after."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "seller_id": 3,
                "begin": "2026-03-20T20:30:00Z",
                "end": "2026-04-20T20:30:00Z",
                "opening_rials": 0,
                "sums": [{"kind": "bonus", "lines": 4, "rials": 120_000}],
                "closing_rials": 120_000,
            }
        }
    )

    seller_id: int
    begin: datetime
    end: datetime
    opening_rials: int
    sums: list[SellerSum]
    closing_rials: int


class SellerMovementRead(BaseModel):
    """Units from a member's purse for what a seller sells, or into it at a seller's cost."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 5,
                "seller_id": 3,
                "member_id": 20,
                "kind": "payment",
                "service": "storefronts",
                "reference": "pay-17",
                "purse": 91,
                "units": 450,
                "rials": 450_000,
                "commission_rials": 9_000,
                "state": "done",
                "returned_units": 0,
                "asked_at": "2026-03-25T06:30:00Z",
                "response_code": "00",
                "rrn": "608400000017",
                "return_rrn": None,
            }
        },
    )

    id: int
    seller_id: int
    member_id: int
    kind: SellerMovementKind
    service: str
    reference: str
    purse: int
    units: int
    rials: int
    commission_rials: int
    state: SellerMovementState
    returned_units: int
    asked_at: datetime
    response_code: str | None
    rrn: str | None
    return_rrn: str | None


class SellerSettlementCreate(BaseModel):
    """Money that was paid outside the club."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"seller_id": 3, "rials": 120_000, "bank_reference": "1405-1-7781"}},
    )

    seller_id: Id
    rials: Annotated[
        int,
        Field(
            ge=-LARGEST_AMOUNT,
            le=LARGEST_AMOUNT,
            description="Plus: the seller has paid the club. Minus: the club has paid the seller.",
        ),
    ]
    bank_reference: Annotated[
        str, StringConstraints(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$")
    ]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.rials:
            raise ValueError("something was paid")
        return self


class SellerSettlementRead(BaseModel):
    """A settlement, confirmed or not."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 1,
                "seller_id": 3,
                "rials": 120_000,
                "bank_reference": "1405-1-7781",
                "state": "asked",
                "asked_by": "نگار",
                "asked_at": "2026-04-21T06:30:00Z",
                "decided_by": None,
                "decided_at": None,
            }
        }
    )

    id: int
    seller_id: int
    rials: int
    bank_reference: str
    state: SellerSettlementState
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
