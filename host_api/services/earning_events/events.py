"""What is told of events that earn."""

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType
from host_api.services.earning_events.reviews.schemas import ReviewState
from host_api.services.earning_events.types.schemas import EventCode


class EarningEventEarned(BaseModel):
    """The switch has taken an event; the rules decided what it gave."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"event_id": 31, "event": "custom:boarding", "member_id": 12, "points": 1250}
        }
    )

    event_id: int
    event: EventCode
    member_id: int
    points: int


class ReviewDecided(BaseModel):
    """A text of a member was approved, rejected or withdrawn."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"review_id": 4, "member_id": 12, "state": "approved"}}
    )

    review_id: int
    member_id: int
    state: ReviewState


EARNING_EVENT_EARNED = EventType(
    "earning_event.earned", EarningEventEarned, "An event has earned", "رویدادی امتیاز آورد"
)
REVIEW_DECIDED = EventType(
    "review.decided", ReviewDecided, "A text was approved or not", "دربارهٔ نظری تصمیم گرفته شد"
)
