"""What paid notices tell of."""

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType


class PaidNoticeDone(BaseModel):
    """A notice was sent and billed."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"notice_id": 5, "seller_id": 3, "queued": 119, "sent": 117, "billed_rials": 292_500}
        }
    )

    notice_id: int
    seller_id: int
    queued: int
    sent: int
    billed_rials: int


PAID_NOTICE_DONE = EventType(
    "paid_notices.done", PaidNoticeDone, "A paid notice was sent and billed", "اطلاع‌رسانی‌ای فرستاده و حساب شد"
)
