"""What the festivals service tells of."""

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType


class FestivalJoined(BaseModel):
    """A member takes part in a festival, or no longer does."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"festival_id": 4, "member_id": 12, "is_in": True}}
    )

    festival_id: int
    member_id: int
    is_in: bool


class FestivalAwarded(BaseModel):
    """A member is awarded in a festival."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"festival_id": 4, "award": 1, "rank": 3, "member_id": 12, "prize_id": 7}
        }
    )

    festival_id: int
    award: int
    rank: int
    member_id: int
    prize_id: int | None


class FestivalSettled(BaseModel):
    """The winners of an award are known."""

    model_config = ConfigDict(json_schema_extra={"example": {"festival_id": 4, "award": 1, "winners": 10}})

    festival_id: int
    award: int
    winners: int


FESTIVAL_JOINED = EventType(
    "festival.joined",
    FestivalJoined,
    "A member joined or left a festival",
    "عضوی به جشنواره پیوست یا از آن رفت",
)
FESTIVAL_AWARDED = EventType(
    "festival.awarded", FestivalAwarded, "A member is awarded in a festival", "عضوی در جشنواره جایزه گرفت"
)
FESTIVAL_SETTLED = EventType(
    "festival.settled", FestivalSettled, "An award of a festival is settled", "جایزهٔ جشنواره‌ای تسویه شد"
)
