"""What the members service tells of."""

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.events.event_type import EventType
from host_api.services.members.schemas import MemberTier


class MemberJoined(BaseModel):
    """A person has joined the club."""

    model_config = ConfigDict(json_schema_extra={"example": {"member_id": 12, "tier": "initial"}})

    member_id: int
    tier: MemberTier = Field(description="The tier the member began with.")


MEMBER_JOINED = EventType("member.joined", MemberJoined, "A member joined", "عضوی پیوست")
