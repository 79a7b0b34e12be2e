"""What the messages service tells of."""

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.events.event_type import EventType
from host_api.services.messages.topics.schemas import TOPIC_PATTERN


class MessageReady(BaseModel):
    """A message to a member whose topic goes by webhook; whoever may, reads its text by its id."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"message_id": 31, "member_id": 12, "topic": "contests"}}
    )

    message_id: int
    member_id: int
    topic: str = Field(pattern=TOPIC_PATTERN)


class InboxWritten(BaseModel):
    """A member has written to the club."""

    model_config = ConfigDict(json_schema_extra={"example": {"inbox_message_id": 7, "member_id": 12}})

    inbox_message_id: int
    member_id: int


MESSAGE_READY = EventType(
    "message.ready", MessageReady, "A message is ready for a webhook", "پیامی برای وب‌هوک آماده است"
)
INBOX_WRITTEN = EventType("inbox.written", InboxWritten, "A member wrote to the club", "عضوی به باشگاه نوشت")
EVENT_TYPES = (MESSAGE_READY, INBOX_WRITTEN)
