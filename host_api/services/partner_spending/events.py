"""What spending at partners tells of."""

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType


class PartnerSpendingEvent(BaseModel):
    """A member spent points at a partner, or got them back."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "spending_id": 9,
                "partner_id": 2,
                "member_id": 12,
                "units": 200,
                "rials": 90_000,
            }
        }
    )

    spending_id: int
    partner_id: int
    member_id: int
    units: int
    rials: int


PARTNER_SPENDING_ACCEPTED = EventType(
    "partner_spending.accepted",
    PartnerSpendingEvent,
    "A member spent points at a partner",
    "عضوی نزد شریکی امتیاز خرج کرد",
)
PARTNER_SPENDING_RETURNED = EventType(
    "partner_spending.returned",
    PartnerSpendingEvent,
    "Points spent at a partner went back",
    "امتیاز خرج‌شده نزد شریکی برگشت",
)
