"""What the achievements service tells of."""

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType
from host_api.core.short_code import ShortCode


class AchievementReached(BaseModel):
    """A member has reached a level."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"award_id": 7, "member_id": 12, "achievement": "five-a-month", "level": 1}
        }
    )

    award_id: int
    member_id: int
    achievement: ShortCode
    level: int


ACHIEVEMENT_REACHED = EventType(
    "achievement.reached", AchievementReached, "A level was reached", "پله‌ای به دست آمد"
)
