"""What is told of the block list."""

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.events.event_type import EventType
from host_api.services.member_classes.block_list.schemas import BlockListReason, BlockState


class BlockChange(BaseModel):
    """An entry has taken effect or ended."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"id": 4, "member_id": 12, "reason_code": "fraud", "state": "active"}}
    )

    id: int
    member_id: int | None = Field(description="null where somebody not yet a member is meant.")
    reason_code: BlockListReason
    state: BlockState


BLOCK_ENTERED = EventType(
    "block_list.entered", BlockChange, "Somebody is not permitted any more", "کسی غیرمجاز شد"
)
BLOCK_ENDED = EventType(
    "block_list.ended", BlockChange, "Somebody is permitted again", "ممنوعیت کسی پایان یافت"
)
