"""What is told of credit users."""

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType
from host_api.services.member_classes.credit_users.schemas import CreditState


class CreditChange(BaseModel):
    """A member's credit has begun or ended."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"id": 2, "member_id": 12, "ceiling": 50000000, "state": "active"}}
    )

    id: int
    member_id: int
    ceiling: int
    state: CreditState


CREDIT_GRANTED = EventType(
    "credit_user.granted", CreditChange, "A member was given credit", "عضوی اعتباری شد"
)
CREDIT_ENDED = EventType(
    "credit_user.ended", CreditChange, "A member's credit ended", "اعتبار عضوی پایان یافت"
)
