"""What storefronts tell of."""

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType
from host_api.services.storefronts.orders.states import StorefrontOrderState


class StorefrontOrderChanged(BaseModel):
    """An order stands elsewhere."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "order_id": 17,
                "seller_id": 3,
                "member_id": 20,
                "good_id": 9,
                "total_rials": 8_100_000,
                "state": "confirmed",
            }
        }
    )

    order_id: int
    seller_id: int
    member_id: int
    good_id: int
    total_rials: int
    state: StorefrontOrderState


STOREFRONT_ORDER_CHANGED = EventType(
    "storefronts.order_changed",
    StorefrontOrderChanged,
    "An order at a storefront changed its state",
    "وضعیت سفارشی در ویترین فروشندگان تغییر کرد",
)
