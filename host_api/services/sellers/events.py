"""What sellers tell of."""

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType
from host_api.services.sellers.states import SellerState


class SellerDecided(BaseModel):
    """Somebody may sell, or may not."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"seller_id": 3, "member_id": 12, "merchant_key": None, "state": "active"}
        }
    )

    seller_id: int
    member_id: int | None
    merchant_key: int | None
    state: SellerState


SELLER_DECIDED = EventType(
    "sellers.decided", SellerDecided, "A seller was let sell, or refused", "فروشنده‌ای پذیرفته یا رد شد"
)
