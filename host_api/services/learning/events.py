"""What the learning service tells of."""

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType
from host_api.services.learning.purchases.schemas import LearningKind


class LearningPurchaseEvent(BaseModel):
    """A member has a report, book or course, has it no longer, or has gone through a course."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"purchase_id": 8, "kind": "course", "subject_id": 5, "member_id": 12, "price": 300}
        }
    )

    purchase_id: int
    kind: LearningKind
    subject_id: int
    member_id: int
    price: int


LEARNING_BEGUN = EventType(
    "learning.begun",
    LearningPurchaseEvent,
    "A member got a report, book or course",
    "عضوی گزارش، کتاب یا دوره‌ای گرفت",
)
LEARNING_RETURNED = EventType(
    "learning.returned",
    LearningPurchaseEvent,
    "A member gave a report, book or course back",
    "عضوی گزارش، کتاب یا دوره‌ای را پس داد",
)
LEARNING_COMPLETED = EventType(
    "learning.completed", LearningPurchaseEvent, "A member went through a course", "عضوی دوره‌ای را گذراند"
)
EVENT_TYPES = (LEARNING_BEGUN, LEARNING_RETURNED, LEARNING_COMPLETED)
