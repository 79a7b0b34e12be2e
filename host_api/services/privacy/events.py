"""What the privacy service tells of."""

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType


class MemberErased(BaseModel):
    """A member was erased: whoever keeps copies elsewhere is to erase them too."""

    model_config = ConfigDict(json_schema_extra={"example": {"request_id": 3, "member_id": 12}})

    request_id: int
    member_id: int


MEMBER_ERASED = EventType("member.erased", MemberErased, "A member was erased", "داده‌های عضوی پاک شد")
