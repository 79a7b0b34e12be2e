"""What orders take and give."""

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from host_api.core.iran.schema_types import MobileNumber, PostalCode
from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID
from host_api.services.shop.catalogue.schemas import MOST_OF_ONE, ItemKind
from host_api.services.shop.order.states import (
    GivingBackCause,
    GivingBackState,
    OrderLineState,
    ShopOrderState,
)

MOST_LINES: Final = 20

Quantity = Annotated[int, Field(ge=1, le=MOST_OF_ONE)]
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class LineWanted(BaseModel):
    """So many of an item."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"item_id": 5, "quantity": 2, "slot_id": None}}
    )

    item_id: Id
    quantity: Quantity = 1
    slot_id: Id | None = Field(default=None, description="Of a reservation: the time.")


class OrderDelivery(BaseModel):
    """To whom goods are sent."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={
            "example": {
                "name": "سارا محمدی",
                "mobile": "09121234567",
                "postal_code": "1193653471",
                "address": "تهران، خیابان آزادی، پلاک ۱۲",
            }
        },
    )

    name: Annotated[str, Field(min_length=1, max_length=100), kept_name(100)]
    mobile: MobileNumber
    postal_code: PostalCode
    address: Annotated[str, Field(min_length=5, max_length=300), kept_name(300)]


class ShopOrderCreate(BaseModel):
    """An order of a member: of these lines, or of the cart."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"member_id": 12, "lines": [{"item_id": 5, "quantity": 2}], "delivery": None}
        },
    )

    member_id: Id
    lines: list[LineWanted] | None = Field(
        default=None,
        min_length=1,
        max_length=MOST_LINES,
        description="Left out, what is in the member's cart, which is empty then.",
    )
    delivery: OrderDelivery | None = Field(
        default=None, description="To whom goods are sent; left out, the member comes for them."
    )

    @model_validator(mode="after")
    def _each_once(self) -> "ShopOrderCreate":
        wanted = [(line.item_id, line.slot_id) for line in self.lines or ()]
        if len(set(wanted)) != len(wanted):
            raise ValueError("each item stands in one line")
        return self


_LINE: Final[JsonDict] = {
    "id": 21,
    "order_id": 8,
    "item_id": 5,
    "slot_id": None,
    "member_id": 12,
    "kind": "goods",
    "quantity": 2,
    "unit_price": 500,
    "purse": 91,
    "state": "sent",
    "returned": 0,
    "return_until": None,
    "tracking": "210001234567",
    "response_code": "00",
    "rrn": "000000000042",
    "ordered_at": "2026-11-22T09:00:00Z",
    "accepted_at": "2026-11-22T09:00:01Z",
    "delivered_at": None,
}


class LineRead(BaseModel):
    """A line of an order, and where it stands."""

    model_config = ConfigDict(json_schema_extra={"example": dict(_LINE)})

    id: int
    order_id: int
    item_id: int
    slot_id: int | None
    member_id: int
    kind: ItemKind
    quantity: int
    unit_price: int
    purse: int
    state: OrderLineState
    returned: int = Field(description="How many are no longer the member's.")
    return_until: datetime | None = Field(description="Once delivered, until when it may be returned.")
    tracking: str | None
    response_code: str | None = Field(description="Field 39 of the switch's answer to the debit.")
    rrn: str | None
    ordered_at: datetime
    accepted_at: datetime | None
    delivered_at: datetime | None


class ShopOrderRead(BaseModel):
    """An order with its lines."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 8,
                "member_id": 12,
                "state": "accepted",
                "lines": [dict(_LINE)],
                "is_to_be_sent": False,
                "ordered_by": "app",
                "ordered_at": "2026-11-22T09:00:00Z",
                "decided_at": "2026-11-22T09:00:01Z",
            }
        }
    )

    id: int
    member_id: int
    state: ShopOrderState
    lines: list[LineRead]
    is_to_be_sent: bool = Field(description="Whether it was said to whom; else the member comes.")
    ordered_by: str
    ordered_at: datetime
    decided_at: datetime | None


class LineProgress(BaseModel):
    """Where a line stands now."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"state": "sent", "tracking": "210001234567"}}
    )

    state: Literal["preparing", "sent", "ready", "delivered", "no_show"]
    tracking: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9-]{3,40}$", description="Of what is sent: the carrier's number."
    )

    @model_validator(mode="after")
    def _tracking_is_of_what_is_sent(self) -> "LineProgress":
        if self.tracking is not None and self.state != "sent":
            raise ValueError("tracking is of what is sent")
        return self


class LineReturnCreate(BaseModel):
    """What a member brings back."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"quantity": 1, "is_restocked": True}}
    )

    quantity: Quantity = 1
    is_restocked: bool = Field(default=True, description="Whether it can be sold again.")


class GivingBackRead(BaseModel):
    """Units of a line that go back to the member, with the expiry that they had."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 2,
                "line_id": 21,
                "member_id": 12,
                "cause": "return",
                "quantity": 1,
                "units": 500,
                "is_restocked": True,
                "state": "done",
                "response_code": "00",
                "rrn": "000000000057",
                "asked_by": "counter",
                "asked_at": "2026-11-25T09:00:00Z",
                "finished_at": "2026-11-25T09:00:01Z",
            }
        },
    )

    id: int
    line_id: int
    member_id: int
    cause: GivingBackCause
    quantity: int
    units: int
    is_restocked: bool
    state: GivingBackState
    response_code: str | None
    rrn: str | None
    asked_by: str
    asked_at: datetime
    finished_at: datetime | None
