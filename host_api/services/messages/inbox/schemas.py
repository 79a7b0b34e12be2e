"""What inboxes take and give."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.path_ids import LARGEST_ID
from host_api.services.messages.templates.schemas import Subject, Wording


class InboxWrite(BaseModel):
    """A message into an inbox, or from a member to the club."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={"example": {"subject": "ساعت کار", "text": "جمعه‌ها باز هستید؟"}},
    )

    subject: Subject = ""
    text: Wording


class InboxReading(BaseModel):
    """Up to which message a member, or the club, has read."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"up_to_id": 7}})

    up_to_id: int = Field(ge=1, le=LARGEST_ID)


class InboxMessageRead(BaseModel):
    """A message of an inbox."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 7,
                "member_id": 12,
                "is_from_member": True,
                "topic": "inbox",
                "subject": "ساعت کار",
                "text": "جمعه‌ها باز هستید؟",
                "created_at": "2026-03-21T06:30:00Z",
                "read_at": None,
            }
        }
    )

    id: int
    member_id: int
    is_from_member: bool
    topic: str
    subject: str
    text: str
    created_at: datetime
    read_at: datetime | None
