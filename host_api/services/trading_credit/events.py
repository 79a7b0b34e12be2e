"""What trading credit tells the broker."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType


class CreditLineEvent(BaseModel):
    """A line counts from now on, or no longer."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"line_id": 4, "member_id": 12, "rials": 5_000_000, "valid_until": None}
        }
    )

    line_id: int
    member_id: int
    rials: int
    valid_until: datetime | None


CREDIT_GRANTED = EventType(
    "trading_credit.granted", CreditLineEvent, "A member bought trading credit", "عضوی اعتبار معاملاتی خرید"
)
CREDIT_REVERSED = EventType(
    "trading_credit.reversed", CreditLineEvent, "Trading credit was taken back", "اعتبار معاملاتی پس گرفته شد"
)
