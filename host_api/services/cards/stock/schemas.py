"""What orders, stocks and counts take and give."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.money import Rials
from host_api.services.cards.products.schemas import ProductCode
from host_api.services.cards.schemas import GivenNumber, Key, Note

LARGEST_ORDER: Final = 100_000
LARGEST_COUNT: Final = 1000
_MOST_AT_ONCE: Final = 1000


class OrderState(StrEnum):
    """Where an order stands."""

    MAKING = "making"
    ORDERED = "ordered"
    RECEIVING = "receiving"
    RECEIVED = "received"


class OrderCreate(BaseModel):
    """An order of cards; their numbers are made at once."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"card_type": "LOYALTY", "quantity": 1000, "unit_cost": 45000}},
    )

    card_type: ProductCode
    quantity: int = Field(ge=1, le=LARGEST_ORDER)
    branch_id: Key | None = Field(
        default=None, description="In whose stock they will lie; null, the club's own."
    )
    unit_cost: Rials = 0
    note: Note | None = None


class OrderRead(BaseModel):
    """An order of cards."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 4,
                "product_id": 1,
                "branch_id": None,
                "quantity": 1000,
                "unit_cost": 45000,
                "note": None,
                "expires_on": "2029-03-31",
                "state": "ordered",
                "made": 1000,
                "received": 0,
                "job_run_id": 17,
                "created_at": "2026-03-21T06:30:00Z",
            }
        },
    )

    id: int
    product_id: int
    branch_id: int | None
    quantity: int
    unit_cost: int
    note: str | None
    expires_on: date | None
    state: OrderState = Field(
        description="`making`: numbers are made; `ordered`; `receiving`; `received`: all are in stock, and "
        "the switch gets their records."
    )
    made: int
    received: int
    job_run_id: int | None = Field(description="Its last run under `/v1/jobs`.")
    created_at: datetime


class StockRead(BaseModel):
    """How many cards of a product are at a place, by state."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "card_type": "LOYALTY",
                "branch_id": 3,
                "ordered": 0,
                "in_stock": 240,
                "issued": 760,
                "destroyed": 2,
            }
        }
    )

    card_type: str
    branch_id: int | None = Field(description="null for the club's own stock.")
    ordered: int
    in_stock: int
    issued: int = Field(description="Given out here, whatever became of them since.")
    destroyed: int


class AllotmentCreate(BaseModel):
    """Cards that are to lie in another stock."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"card_type": "LOYALTY", "to_branch_id": 3, "quantity": 100}},
    )

    card_type: ProductCode
    from_branch_id: Key | None = Field(default=None, description="null for the club's own stock.")
    to_branch_id: Key | None = Field(default=None, description="null for the club's own stock.")
    quantity: int = Field(ge=1, le=_MOST_AT_ONCE)


class AllotmentRead(BaseModel):
    """Cards that went to another stock."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 9,
                "product_id": 1,
                "from_branch_id": None,
                "to_branch_id": 3,
                "quantity": 100,
                "first_card_id": 401,
                "last_card_id": 500,
                "at": "2026-03-21T06:30:00Z",
            }
        },
    )

    id: int
    product_id: int
    from_branch_id: int | None
    to_branch_id: int | None
    quantity: int
    first_card_id: int
    last_card_id: int
    at: datetime


class CountCreate(BaseModel):
    """The cards of a product that were found at a place, by their numbers."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={
            "example": {"card_type": "LOYALTY", "branch_id": 3, "numbers": ["9364120000000007"]}
        },
    )

    card_type: ProductCode
    branch_id: Key | None = None
    numbers: Annotated[list[GivenNumber], Field(max_length=LARGEST_COUNT)]


class CountRead(BaseModel):
    """A count and its differences."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 2,
                "product_id": 1,
                "branch_id": 3,
                "expected": 100,
                "counted": 99,
                "missing": [431],
                "misplaced": [],
                "unknown": 0,
                "at": "2026-03-21T06:30:00Z",
                "counted_by": "sara",
                "settled_at": None,
            }
        },
    )

    id: int
    product_id: int
    branch_id: int | None
    expected: int = Field(description="Cards in stock here by the books.")
    counted: int
    missing: list[int] = Field(description="Ids of cards that should be here and were not found.")
    misplaced: list[int] = Field(
        description="Ids of cards found here that the books have elsewhere or otherwise."
    )
    unknown: int = Field(description="Numbers that no card has.")
    at: datetime
    counted_by: str
    settled_at: datetime | None = Field(description="When missing cards were written off.")
