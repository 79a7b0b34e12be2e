"""What the guests service tells of."""

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType


class GuestConverted(BaseModel):
    """A guest has become a member."""

    model_config = ConfigDict(json_schema_extra={"example": {"guest_id": 7, "member_id": 12}})

    guest_id: int
    member_id: int


class GuestMerged(BaseModel):
    """A record of a guest has gone into another."""

    model_config = ConfigDict(json_schema_extra={"example": {"guest_id": 7, "other_id": 8}})

    guest_id: int
    other_id: int


GUEST_CONVERTED = EventType("guest.converted", GuestConverted, "A guest became a member", "مهمانی عضو شد")
GUEST_MERGED = EventType("guest.merged", GuestMerged, "Two guests were merged", "دو مهمان ادغام شدند")
