"""What sales, gifts and returns take and give."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.path_ids import LARGEST_ID
from host_api.services.products.schemas import LARGEST_QUANTITY
from host_api.services.store_accounts.schemas import PaymentMethod
from host_api.services.store_accounts.till_documents import Reference, TillCode
from host_api.services.transaction_requests.schemas import RequestState, Text
from host_api.services.transactions.listing import RRN_PATTERN

MOST_LINES: Final = 100

Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Amount = Annotated[int, Field(ge=0, le=LARGEST_AMOUNT, description="Rial.")]
Quantity = Annotated[int, Field(ge=1, le=LARGEST_QUANTITY, description="Whole numbers of its unit.")]
Code = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        pattern=r"^[^\x00-\x1f\x7f-\x9f]+$",
        description="The member's card number, what a scanner read, or a phone number; it is not kept.",
    ),
]


class StoreSaleKind(StrEnum):
    """What went out: for money, or for nothing."""

    SALE = "sale"
    GIFT = "gift"


class SalePointsState(StrEnum):
    """What a sale earns. LINKED has earned at a terminal; SENT is with the switch; NONE earns nothing."""

    NONE = "none"
    LINKED = "linked"
    SENT = "sent"
    EARNED = "earned"
    REFUSED = "refused"
    DOUBTFUL = "doubtful"


class StorePayment(BaseModel):
    """Money in one way."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"method": "cash", "amount": 2750000}}
    )

    method: PaymentMethod
    amount: int = Field(ge=1, le=LARGEST_AMOUNT, description="Rial.")


class BasketLine(BaseModel):
    """A product of a sale."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"product": "TEA-500", "quantity": 1}}
    )

    product: str = Field(
        min_length=1, max_length=40, pattern=r"^[A-Za-z0-9._-]+$", description="Its code or bar code."
    )
    quantity: Quantity
    unit_price: int | None = Field(
        default=None,
        ge=0,
        le=LARGEST_AMOUNT,
        description="Rial for `price_quantity` of the unit, before tax; left out, the price of that time.",
    )
    discount: Amount = Field(default=0, description="Rial off the line, before tax.")


class GiftLine(BaseModel):
    """A product of a gift."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"product": "CUP", "quantity": 1}}
    )

    product: str = Field(
        min_length=1, max_length=40, pattern=r"^[A-Za-z0-9._-]+$", description="Its code or bar code."
    )
    quantity: Quantity


class _Outgoing(BaseModel):
    till: TillCode
    reference: Reference
    branch_id: Id
    member_id: Id | None = None
    code: Code | None = None
    at: AwareDatetime | None = Field(default=None, description="When it was; left out, now.")

    @model_validator(mode="after")
    def _one_customer(self) -> "_Outgoing":
        if self.member_id is not None and self.code is not None:
            raise ValueError("a customer is named by member_id or by code")
        return self


_SALE: Final[JsonDict] = {
    "till": "T1",
    "reference": "000123",
    "branch_id": 1,
    "member_id": 12,
    "lines": [{"product": "TEA-500", "quantity": 1}],
    "payments": [{"method": "cash", "amount": 2750000}],
}


class StoreSaleCreate(_Outgoing):
    """A sale."""

    model_config = ConfigDict(
        extra="forbid", hide_input_in_errors=True, json_schema_extra={"example": dict(_SALE)}
    )

    lines: list[BasketLine] = Field(min_length=1, max_length=MOST_LINES)
    payments: list[StorePayment] = Field(default_factory=list, max_length=8)
    debt: Amount = Field(default=0, description="What the member owes of it.")
    rrn: str | None = Field(
        default=None,
        pattern=RRN_PATTERN,
        description="Of the terminal's transaction with which it has earned; left out, it earns now.",
    )


class StoreGiftCreate(_Outgoing):
    """Something given for nothing."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={
            "example": {
                "till": "T1",
                "reference": "G-5",
                "branch_id": 1,
                "member_id": 12,
                "lines": [{"product": "CUP", "quantity": 1}],
            }
        },
    )

    lines: list[GiftLine] = Field(min_length=1, max_length=MOST_LINES)


class StoreSaleLineRead(BaseModel):
    """A product of a sale."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "number": 1,
                "product_id": 5,
                "quantity": 1,
                "returned": 0,
                "unit_price": 2500000,
                "discount": 0,
                "net": 2500000,
                "tax": 250000,
            }
        }
    )

    number: int
    product_id: int
    quantity: int
    returned: int = Field(description="How much of it came back.")
    unit_price: int
    discount: int
    net: int
    tax: int


class StoreSaleRead(BaseModel):
    """A sale or gift."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 9,
                "kind": "sale",
                "till": "T1",
                "reference": "000123",
                "merchant": 1,
                "branch_id": 1,
                "member_id": 12,
                "lines": [
                    {
                        "number": 1,
                        "product_id": 5,
                        "quantity": 1,
                        "returned": 0,
                        "unit_price": 2500000,
                        "discount": 0,
                        "net": 2500000,
                        "tax": 250000,
                    }
                ],
                "net": 2500000,
                "tax": 250000,
                "total": 2750000,
                "payments": [{"method": "cash", "amount": 2750000}],
                "debt": 0,
                "at": "2026-11-22T09:00:00Z",
                "registered_at": "2026-11-22T09:00:00Z",
                "by_name": "shop",
                "points_state": "earned",
                "points": 275,
                "club_discount": None,
                "rrn": "000000000017",
                "response_code": "00",
            }
        }
    )

    id: int
    kind: StoreSaleKind
    till: str
    reference: str
    merchant: int
    branch_id: int
    member_id: int | None
    lines: list[StoreSaleLineRead]
    net: int
    tax: int
    total: int
    payments: list[StorePayment]
    debt: int
    at: datetime
    registered_at: datetime
    by_name: str
    points_state: SalePointsState
    points: int | None = Field(description="What the switch gave for it; null where a terminal has earned.")
    club_discount: int | None = Field(
        description="Rial that a rule of the club takes off: the till gives them back or asks for less."
    )
    rrn: str | None
    response_code: str | None


class ReturnedLine(BaseModel):
    """How much of a line comes back."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"number": 1, "quantity": 1}})

    number: int = Field(ge=1, le=MOST_LINES, description="Of the sale's line.")
    quantity: Quantity


class StoreReturnCreate(BaseModel):
    """Goods that come back, whole or in part."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "till": "T1",
                "reference": "R-7",
                "sale_id": 9,
                "lines": [{"number": 1, "quantity": 1}],
                "refunds": [{"method": "cash", "amount": 2750000}],
                "reason": "رنگ دیگری خواست",
            }
        },
    )

    till: TillCode
    reference: Reference
    sale_id: Id | None = None
    sale_reference: Reference | None = Field(default=None, description="The same till's reference of it.")
    lines: list[ReturnedLine] = Field(min_length=1, max_length=MOST_LINES)
    refunds: list[StorePayment] = Field(default_factory=list, max_length=8)
    debt: Amount = Field(default=0, description="What the member owes less.")
    at: AwareDatetime | None = Field(default=None, description="When it was; left out, now.")
    reason: Text
    rrn: str | None = Field(
        default=None,
        pattern=RRN_PATTERN,
        description="Of the terminal's own return, where the points went back with it.",
    )

    @model_validator(mode="after")
    def _agrees(self) -> "StoreReturnCreate":
        if (self.sale_id is None) == (self.sale_reference is None):
            raise ValueError("a sale is named by sale_id or by sale_reference")
        if len({line.number for line in self.lines}) != len(self.lines):
            raise ValueError("a line comes back once in a document")
        return self


class StoreReturnLineRead(BaseModel):
    """How much of a line came back, and what it was."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"number": 1, "quantity": 1, "net": 2500000, "tax": 250000}}
    )

    number: int
    quantity: int
    net: int
    tax: int


class StoreReturnRead(BaseModel):
    """A return."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 3,
                "till": "T1",
                "reference": "R-7",
                "sale_id": 9,
                "lines": [{"number": 1, "quantity": 1, "net": 2500000, "tax": 250000}],
                "net": 2500000,
                "tax": 250000,
                "total": 2750000,
                "refunds": [{"method": "cash", "amount": 2750000}],
                "debt": 0,
                "at": "2026-11-22T09:00:00Z",
                "registered_at": "2026-11-22T09:00:00Z",
                "by_name": "shop",
                "reason": "رنگ دیگری خواست",
                "rrn": None,
                "points_request_id": 5,
                "points_request_state": "done",
            }
        }
    )

    id: int
    till: str
    reference: str
    sale_id: int
    lines: list[StoreReturnLineRead]
    net: int
    tax: int
    total: int
    refunds: list[StorePayment]
    debt: int
    at: datetime
    registered_at: datetime
    by_name: str
    reason: str | None
    rrn: str | None
    points_request_id: int | None = Field(
        description="Under `/v1/transaction-requests`; null where the sale earned nothing."
    )
    points_request_state: RequestState | None = Field(
        description="`asked` waits for a second person; `failed` and `rejected` can be asked again."
    )
