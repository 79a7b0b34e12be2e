"""What triggers take and give."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.events.event_type import LONGEST_NAME, NAME_PATTERN
from host_api.core.short_code import ShortCode
from host_api.services.groups.audience import StoredAudience
from host_api.services.groups.query_schema import Query
from host_api.services.messages.broadcasts.schemas import Value

EventName = Annotated[str, Field(pattern=NAME_PATTERN, max_length=LONGEST_NAME, examples=["contest.won"])]


class MessageTriggerCreate(BaseModel):
    """A template that goes to the member of each event of a type."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"event_type": "contest.won", "template": "won", "conditions": {}, "delay_minutes": 0}
        },
    )

    event_type: EventName
    template: ShortCode
    conditions: dict[str, bool | Value] = Field(
        default={}, max_length=10, description="Fields of the payload that must have these values."
    )
    audience: Query | None = Field(default=None, description="Which members; null: all.")
    delay_minutes: int = Field(default=0, ge=0, le=43_200, description="How long after the event it is sent.")


class MessageTriggerUpdate(BaseModel):
    """Whether a trigger acts; while it does not, events pass by."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"is_active": False}})

    is_active: bool


class MessageTriggerRead(BaseModel):
    """A trigger."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 2,
                "event_type": "contest.won",
                "template_id": 3,
                "conditions": {},
                "audience": None,
                "delay_minutes": 0,
                "is_active": True,
                "created_at": "2026-03-21T06:30:00Z",
            }
        }
    )

    id: int
    event_type: str
    template_id: int
    conditions: dict[str, bool | int | str]
    audience: StoredAudience
    delay_minutes: int
    is_active: bool
    created_at: datetime
