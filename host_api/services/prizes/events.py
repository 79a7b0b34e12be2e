"""What the prizes service tells of."""

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.events.event_type import EventType
from host_api.services.prizes.schemas import AwardState, PrizeKind


class AwardChanged(BaseModel):
    """A prize was given to a member, or that has gone on."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "award_id": 9,
                "prize_id": 4,
                "member_id": 12,
                "kind": "units",
                "quantity": 1,
                "state": "given",
            }
        }
    )

    award_id: int
    prize_id: int
    member_id: int
    kind: PrizeKind
    quantity: int
    state: AwardState = Field(description="Where it stands now.")


PRIZE_AWARDED = EventType(
    "prize.awarded", AwardChanged, "A prize was given to a member", "جایزه‌ای به عضو داده شد"
)
PRIZE_FAILED = EventType("prize.failed", AwardChanged, "A prize could not be given", "جایزه داده نشد")
PRIZE_HANDED_OVER = EventType(
    "prize.handed_over", AwardChanged, "A prize was handed over", "جایزه‌ای تحویل داده شد"
)
PRIZE_EXPIRED = EventType("prize.expired", AwardChanged, "Nobody came for a prize", "مهلت دریافت جایزه گذشت")
