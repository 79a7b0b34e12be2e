"""What the coalition tells of."""

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType


class ClubExchangeEvent(BaseModel):
    """A member's units have become units of another club, or came from one."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "exchange_id": 9,
                "club_id": 2,
                "member_id": 12,
                "is_outgoing": True,
                "own_units": 300,
                "partner_units": 200,
                "rials": 100_000,
            }
        }
    )

    exchange_id: int
    club_id: int
    member_id: int
    is_outgoing: bool
    own_units: int
    partner_units: int
    rials: int


CLUB_EXCHANGE_DONE = EventType(
    "coalition.exchanged",
    ClubExchangeEvent,
    "A member's units were exchanged with another club",
    "امتیاز عضوی با باشگاه دیگری مبادله شد",
)
