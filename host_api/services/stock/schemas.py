"""What stock takes and gives."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.path_ids import LARGEST_ID

Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Note = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
_NOT_BELOW: Final = "Below zero takes out."


class StockEntryKind(StrEnum):
    """Why a level changed."""

    RECEIPT = "receipt"
    WRITE_OFF = "write_off"
    SALE = "sale"
    GIFT = "gift"
    RETURN = "return"
    COUNT = "count"


class StockReceiptCreate(BaseModel):
    """Goods that came in."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"branch_id": 1, "product_id": 5, "quantity": 20, "note": "فاکتور ۱۲۰"}
        },
    )

    branch_id: Id
    product_id: Id
    quantity: int = Field(ge=1, le=LARGEST_AMOUNT)
    note: Note | None = Field(default=None, description="Such as the supplier's invoice.")


class StockWriteOffCreate(StockReceiptCreate):
    """Goods that are broken, lost or out of date."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"branch_id": 1, "product_id": 5, "quantity": 1, "note": "شکسته"}},
    )


class StockEntryRead(BaseModel):
    """A change of a level."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 31,
                "branch_id": 1,
                "product_id": 5,
                "kind": "receipt",
                "document_id": None,
                "change": 20,
                "level_after": 24,
                "note": "فاکتور ۱۲۰",
                "at": "2026-11-22T09:00:00Z",
                "by_name": "shop",
            }
        },
    )

    id: int
    branch_id: int
    product_id: int
    kind: StockEntryKind
    document_id: int | None = Field(description="Of the sale, return or count.")
    change: int = Field(description=_NOT_BELOW)
    level_after: int
    note: str | None
    at: datetime
    by_name: str


class StockLevelRead(BaseModel):
    """How much of a product a branch has."""

    model_config = ConfigDict(
        from_attributes=True, json_schema_extra={"example": {"branch_id": 1, "product_id": 5, "quantity": 24}}
    )

    branch_id: int
    product_id: int
    quantity: int


class StockRuleChange(BaseModel):
    """What holds for a branch."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"may_go_below_zero": True}})

    may_go_below_zero: bool = Field(description="Whether it may sell what its stock doesn't show.")


class StockRuleRead(BaseModel):
    """The same, and of which branch."""

    model_config = ConfigDict(json_schema_extra={"example": {"branch_id": 1, "may_go_below_zero": False}})

    branch_id: int
    may_go_below_zero: bool


class StockCountState(StrEnum):
    """Where a stocktaking stands."""

    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class StockCountCreate(BaseModel):
    """A new stocktaking."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"branch_id": 1}})

    branch_id: Id
    note: Note | None = None


class StockCounting(BaseModel):
    """How much there is of a product."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"product_id": 5, "counted": 23}})

    product_id: Id
    counted: int = Field(ge=0, le=LARGEST_AMOUNT)


class StockCountings(BaseModel):
    """What was counted; of a product counted again the later number holds."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"lines": [{"product_id": 5, "counted": 23}]}}
    )

    lines: list[StockCounting] = Field(min_length=1, max_length=200)


class StockCountLineRead(BaseModel):
    """A product's line of a stocktaking."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "product_id": 5,
                "counted": 23,
                "expected": 24,
                "difference": -1,
                "counted_at": "2026-11-22T09:00:00Z",
                "by_name": "shop",
            }
        }
    )

    product_id: int
    counted: int
    expected: int = Field(description="The level when it was counted: what is sold later changes nothing.")
    difference: int
    counted_at: datetime
    by_name: str


class StockCountRead(BaseModel):
    """A stocktaking."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 3,
                "branch_id": 1,
                "state": "open",
                "note": None,
                "opened_at": "2026-11-22T09:00:00Z",
                "opened_by_name": "shop",
                "ended_at": None,
                "ended_by_name": None,
            }
        },
        from_attributes=True,
    )

    id: int
    branch_id: int
    state: StockCountState
    note: str | None
    opened_at: datetime
    opened_by_name: str
    ended_at: datetime | None
    ended_by_name: str | None
