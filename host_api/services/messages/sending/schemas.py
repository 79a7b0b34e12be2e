"""What the log of messages gives."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.path_ids import LARGEST_ID
from host_api.services.messages.states import Channel, MessageState
from host_api.services.messages.topics.schemas import TopicCode


class MessageRead(BaseModel):
    """A message of the log, without its text."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 31,
                "member_id": 12,
                "topic": "contests",
                "channel": "sms",
                "state": "delivered",
                "broadcast_id": None,
                "gateway_id": 1,
                "attempts": 1,
                "parts": 1,
                "cost_rials": 1_200,
                "failure": None,
                "created_at": "2026-03-21T06:30:00Z",
                "due_at": None,
                "sent_at": "2026-03-21T06:31:00Z",
                "delivered_at": "2026-03-21T06:32:00Z",
            }
        }
    )

    id: int
    member_id: int | None = Field(description="null: an applicant's number.")
    topic: str
    channel: Channel
    state: MessageState
    broadcast_id: int | None
    gateway_id: int | None
    attempts: int
    parts: int | None
    cost_rials: int | None
    failure: str | None = Field(
        description="Why it was not sent, or not yet: a gateway's code, or the club's rule."
    )
    created_at: datetime
    due_at: datetime | None = Field(
        description="When it is tried; of a sent one, when its receipt is asked for."
    )
    sent_at: datetime | None
    delivered_at: datetime | None


class MessageText(BaseModel):
    """What a message says, for whoever delivers it by a webhook."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"id": 31, "member_id": 12, "subject": "برنده شدید", "text": "۵۰ امتیاز"}
        }
    )

    id: int
    member_id: int
    subject: str
    text: str


class HeldRelease(BaseModel):
    """Messages of a topic that wait for a person."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"topic": "contests", "up_to_id": 900, "is_to_be_sent": True}},
    )

    topic: TopicCode
    up_to_id: int = Field(
        ge=1, le=LARGEST_ID, description="Those up to this one, as the person has seen them."
    )
    is_to_be_sent: bool = Field(default=True, description="false: they are dropped.")


class HeldReleased(BaseModel):
    """How many messages were released or dropped."""

    model_config = ConfigDict(json_schema_extra={"example": {"messages": 120}})

    messages: int


class MessageReportRow(BaseModel):
    """A channel's messages of a topic in one state, queued in the period."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "channel": "sms",
                "topic": "contests",
                "state": "delivered",
                "messages": 120,
                "parts": 131,
                "cost_rials": 157_200,
            }
        }
    )

    channel: Channel
    topic: str
    state: MessageState
    messages: int
    parts: int
    cost_rials: int


class MessageReport(BaseModel):
    """What was sent in a period, and what it cost."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "first": "2026-03-21",
                "last": "2026-04-20",
                "rows": [
                    {
                        "channel": "sms",
                        "topic": "contests",
                        "state": "delivered",
                        "messages": 120,
                        "parts": 131,
                        "cost_rials": 157_200,
                    }
                ],
                "messages": 120,
                "cost_rials": 157_200,
            }
        }
    )

    first: date
    last: date
    rows: list[MessageReportRow]
    messages: int
    cost_rials: int
