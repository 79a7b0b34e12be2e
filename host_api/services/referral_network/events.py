"""What the referral network tells of."""

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType


class MemberIntroduced(BaseModel):
    """A member has registered the referrer code of another."""

    model_config = ConfigDict(json_schema_extra={"example": {"member_id": 13, "introducer": 12}})

    member_id: int
    introducer: int


MEMBER_INTRODUCED = EventType(
    "member.introduced", MemberIntroduced, "A member was introduced by another", "عضوی را عضو دیگری معرفی کرد"
)
