"""What the groups service tells of."""

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.events.event_type import EventType
from host_api.core.short_code import ShortCode


class GroupComputed(BaseModel):
    """A group has been computed, and its members have changed."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"group_id": 3, "code": "regulars", "members": 1240}}
    )

    group_id: int
    code: ShortCode
    members: int = Field(description="How many it has now.")


class GroupDeleted(BaseModel):
    """A group is no more; its bit may be given to another."""

    model_config = ConfigDict(json_schema_extra={"example": {"group_id": 3, "code": "regulars"}})

    group_id: int
    code: ShortCode


GROUP_COMPUTED = EventType(
    "group.computed", GroupComputed, "A group's members changed", "عضوهای گروهی تغییر کرد"
)
GROUP_DELETED = EventType("group.deleted", GroupDeleted, "A group was deleted", "گروهی حذف شد")
