"""What the merging service tells of."""

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType


class RecordsChange(BaseModel):
    """What belonged to one record belongs to another."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"act_id": 5, "from_member_id": 13, "to_member_id": 12}}
    )

    act_id: int
    from_member_id: int
    to_member_id: int


MEMBER_MERGED = EventType(
    "member.merged", RecordsChange, "A member's record went into another", "رکورد عضوی در دیگری ادغام شد"
)
MEMBER_SPLIT = EventType(
    "member.split", RecordsChange, "A member's record was divided", "رکورد عضوی تفکیک شد"
)
