"""What consent and suppression take and give."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from host_api.services.messages.states import Channel

Address = Annotated[str, Field(min_length=3, max_length=120, pattern=r"^[^\s\x00-\x20\x7f-\x9f]+$")]


class SuppressionSource(StrEnum):
    """Who wanted it: the receiver by a text message, or a person in the office."""

    SMS = "sms"
    PERSON = "person"


class MessageConsentWrite(BaseModel):
    """Whether a member wants promotional messages on a channel."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"is_allowed": False}})

    is_allowed: bool


class MessageConsentRead(BaseModel):
    """What a member has said for a channel."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "member_id": 12,
                "channel": "sms",
                "is_allowed": False,
                "changed_at": "2026-03-21T06:30:00Z",
                "changed_by": "app",
            }
        }
    )

    member_id: int
    channel: Channel
    is_allowed: bool
    changed_at: datetime | None = Field(description="null: the member has said nothing, the policy decides.")
    changed_by: str | None


class MessageConsents(BaseModel):
    """What a member has said, for each channel."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [
                    {
                        "member_id": 12,
                        "channel": "sms",
                        "is_allowed": True,
                        "changed_at": None,
                        "changed_by": None,
                    }
                ]
            }
        }
    )

    items: list[MessageConsentRead]


class SuppressionCreate(BaseModel):
    """A number or address that wants nothing."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={"example": {"channel": "sms", "address": "09123456789"}},
    )

    channel: Channel
    address: Address


class SuppressionRead(BaseModel):
    """A number or address that wants nothing."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 4,
                "channel": "sms",
                "address": "+989123456789",
                "source": "sms",
                "since": "2026-03-21T06:30:00Z",
            }
        }
    )

    id: int
    channel: Channel
    address: str
    source: SuppressionSource
    since: datetime
