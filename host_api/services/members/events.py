"""What the members service tells of."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.events.event_type import EventType
from host_api.core.jalali import Calendar
from host_api.services.members.schemas import JoinedVia, MemberStatus, TierName
from host_api.services.members.special_days.schemas import KIND_PATTERN


class MemberJoined(BaseModel):
    """A person has joined the club."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"member_id": 12, "tier": "initial", "joined_via": "app"}}
    )

    member_id: int
    tier: TierName = Field(description="The tier the member began with.")
    joined_via: JoinedVia = Field(default=JoinedVia.OFFICE, description="The way of joining.")


class MemberStatusChanged(BaseModel):
    """A member was blocked, or is free again."""

    model_config = ConfigDict(json_schema_extra={"example": {"member_id": 12, "status": "blocked"}})

    member_id: int
    status: MemberStatus


class MemberSpecialDay(BaseModel):
    """A day of a member comes round today."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"member_id": 12, "kind": "birthday", "day": "2026-11-22", "calendar": "jalali"}
        }
    )

    member_id: int
    kind: Annotated[str, Field(pattern=KIND_PATTERN)]
    day: date = Field(description="The day in Tehran on which it is kept this year.")
    calendar: Calendar


MEMBER_JOINED = EventType("member.joined", MemberJoined, "A member joined", "عضوی پیوست")
MEMBER_STATUS_CHANGED = EventType(
    "member.status_changed", MemberStatusChanged, "A member was blocked or freed", "وضعیت عضوی تغییر کرد"
)
MEMBER_SPECIAL_DAY = EventType(
    "member.special_day", MemberSpecialDay, "A member's special day", "روز ویژهٔ عضوی رسید"
)
