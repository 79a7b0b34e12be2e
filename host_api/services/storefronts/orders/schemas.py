"""What orders at storefronts take and give. Amounts are rials."""

from datetime import datetime
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from host_api.core.path_ids import LARGEST_ID
from host_api.services.storefronts.fronts.schemas import MOST_OF_ONE
from host_api.services.storefronts.orders.states import StorefrontOrderState, StorefrontPayment

Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Delivery = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=3, max_length=300, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]
Tracking = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[!-~]+$")]


class StorefrontOrderCreate(BaseModel):
    """Some of one kind of goods for a member."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={
            "example": {
                "member_id": 20,
                "good_id": 9,
                "quantity": 2,
                "privilege_id": 6,
                "payment": "points",
                "delivery": "تهران، خیابان بهار، پلاک ۷",
            }
        },
    )

    member_id: Id
    good_id: Id
    quantity: int = Field(default=1, ge=1, le=MOST_OF_ONE)
    privilege_id: Id | None = Field(default=None, description="What the seller grants; one for an order.")
    payment: StorefrontPayment = StorefrontPayment.DIRECT
    delivery: Delivery | None = Field(default=None, description="Where it goes; kept sealed.")


class StorefrontDeliveryUpdate(BaseModel):
    """That an order was delivered or sent."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"tracking": "2104-771"}})

    tracking: Tracking | None = None


class StorefrontDeliveryRead(BaseModel):
    """Where an order goes."""

    model_config = ConfigDict(json_schema_extra={"example": {"delivery": "تهران، خیابان بهار، پلاک ۷"}})

    delivery: str


class StorefrontContactRead(BaseModel):
    """How to reach the seller of an order."""

    model_config = ConfigDict(json_schema_extra={"example": {"contact": "09120000000"}})

    contact: str | None


_ORDER: Final[JsonDict] = {
    "id": 17,
    "seller_id": 3,
    "storefront_id": 4,
    "good_id": 9,
    "privilege_id": 6,
    "member_id": 20,
    "quantity": 2,
    "unit_price_rials": 4_500_000,
    "discount_rials": 900_000,
    "total_rials": 8_100_000,
    "payment": "points",
    "bonus_units": 60,
    "bonus_rials": 60_000,
    "state": "placed",
    "deadline_at": "2026-03-27T06:30:00Z",
    "tracking": None,
    "ordered_by": "app",
    "placed_at": "2026-03-25T06:30:00Z",
    "confirmed_at": None,
    "delivered_at": None,
    "ended_at": None,
}


class StorefrontOrderRead(BaseModel):
    """An order."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"example": dict(_ORDER)})

    id: int
    seller_id: int
    storefront_id: int
    good_id: int
    privilege_id: int | None
    member_id: int
    quantity: int
    unit_price_rials: int
    discount_rials: int
    total_rials: int
    payment: StorefrontPayment
    bonus_units: int = Field(description="Points that the member gets once the order is completed.")
    bonus_rials: int = Field(description="What they cost the seller.")
    state: StorefrontOrderState
    deadline_at: datetime | None = Field(description="When the state ends by itself.")
    tracking: str | None
    ordered_by: str
    placed_at: datetime
    confirmed_at: datetime | None
    delivered_at: datetime | None
    ended_at: datetime | None
