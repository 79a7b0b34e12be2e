"""What the messages service takes and gives."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class MessageLanguage(StrEnum):
    """Languages that members are written to in."""

    PERSIAN = "fa"
    ENGLISH = "en"


class MemberLanguageWrite(BaseModel):
    """The language that a member chooses."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"language": "en"}})

    language: MessageLanguage


class MemberLanguageRead(BaseModel):
    """The language that a member is written to in."""

    model_config = ConfigDict(json_schema_extra={"example": {"member_id": 12, "language": "fa"}})

    member_id: int
    language: MessageLanguage


class WaitingTextRead(BaseModel):
    """A text message to be sent."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 3,
                "topic": "joining",
                "receiver": "+989123456789",
                "text": "کد عضویت: ۱۲۳۴۵۶",
                "expires_at": "2026-03-21T06:32:00Z",
            }
        }
    )

    id: int
    topic: str = Field(description="What it is about: the name of the service that has something to tell.")
    receiver: str
    text: str
    expires_at: datetime = Field(description="Later it is of no use.")
