"""What vouchers take and give."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.ledger.movements import LARGEST_AMOUNT

TypedCode = Annotated[
    str,
    Field(
        min_length=3,
        max_length=60,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        description="As typed: spaces and case don't matter.",
    ),
]


class ShopVoucherState(StrEnum):
    """Where a voucher stands; one with nothing left is `used`."""

    ACTIVE = "active"
    USED = "used"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class VoucherShown(BaseModel):
    """The code of a voucher that a member shows."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"code": "7KQ2 MXW9 RTBH"}})

    code: TypedCode


class VoucherRedemptionCreate(BaseModel):
    """How much a counter takes of a voucher."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "code": "7KQ2 MXW9 RTBH",
                "amount": 500000,
                "reference": "bill-4711",
                "merchant_id": "SHOP01",
            }
        },
    )

    code: TypedCode
    amount: int = Field(ge=1, le=LARGEST_AMOUNT, description="Rial.")
    reference: str = Field(
        pattern=r"^[\x21-\x7e]{1,40}$",
        description="The counter's own, as the bill's number: asked again it takes nothing again.",
    )
    merchant_id: str | None = Field(default=None, pattern=r"^[A-Za-z0-9-]{1,15}$")


class VoucherRedemptionRead(BaseModel):
    """What a counter took of a voucher."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 6,
                "voucher_id": 3,
                "reference": "bill-4711",
                "merchant_id": "SHOP01",
                "amount": 500000,
                "remaining": 500000,
                "redeemed_by": "counter",
                "redeemed_at": "2026-11-25T09:00:00Z",
            }
        },
    )

    id: int
    voucher_id: int
    reference: str
    merchant_id: str | None
    amount: int
    remaining: int = Field(description="What was left afterwards.")
    redeemed_by: str
    redeemed_at: datetime


class ShopVoucherRead(BaseModel):
    """A voucher, without its code."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 3,
                "line_id": 21,
                "item_id": 5,
                "member_id": 12,
                "value": 1000000,
                "remaining": 500000,
                "state": "active",
                "valid_until": "2027-11-22T09:00:00Z",
                "issued_at": "2026-11-22T09:00:00Z",
            }
        }
    )

    id: int
    line_id: int
    item_id: int
    member_id: int
    value: int
    remaining: int
    state: ShopVoucherState
    valid_until: datetime
    issued_at: datetime


class OwnShopVoucherRead(ShopVoucherRead):
    """A voucher as its owner sees it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 3,
                "line_id": 21,
                "item_id": 5,
                "member_id": 12,
                "value": 1000000,
                "remaining": 500000,
                "state": "active",
                "valid_until": "2027-11-22T09:00:00Z",
                "issued_at": "2026-11-22T09:00:00Z",
                "code": "7KQ2MXW9RTBH",
            }
        }
    )

    code: str
