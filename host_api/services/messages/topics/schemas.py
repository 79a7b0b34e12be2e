"""What topics and the policy take and give."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from host_api.services.messages.states import Channel, Purpose

TOPIC_PATTERN: Final = r"^[a-z][a-z0-9_-]{1,31}$"
TopicCode = Annotated[str, Field(pattern=TOPIC_PATTERN, examples=["contests"])]
Title = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]
Most = Annotated[int | None, Field(default=None, ge=1, le=1_000)]
Minute = Annotated[int | None, Field(ge=0, le=1_439)]


class MessageTopicWrite(BaseModel):
    """What holds for messages of a topic."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "title": "Contests",
                "title_fa": "مسابقه‌ها",
                "purpose": "promotional",
                "is_automatic": True,
                "channels": ["sms", "inbox"],
                "day_most": 1,
                "week_most": 3,
            }
        },
    )

    title: Title
    title_fa: Title
    purpose: Purpose = Purpose.SERVICE
    is_automatic: bool = Field(default=True, description="false: messages wait until a person releases them.")
    channels: list[Channel] = Field(
        default=[Channel.SMS],
        min_length=1,
        max_length=4,
        description="A message goes by the first of these by which its member can be reached.",
    )
    day_most: Most = Field(default=None, description="So many a day to a member, by Tehran's clock.")
    week_most: Most = Field(default=None, description="So many in seven days.")


class MessageTopicRead(MessageTopicWrite):
    """A topic."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "code": "contests",
                "title": "Contests",
                "title_fa": "مسابقه‌ها",
                "purpose": "promotional",
                "is_automatic": True,
                "channels": ["sms", "inbox"],
                "day_most": 1,
                "week_most": 3,
            }
        }
    )

    code: TopicCode


class MessagePolicyWrite(BaseModel):
    """What holds for all topics."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "quiet_from_minute": 1_320,
                "quiet_until_minute": 480,
                "asks_consent": False,
                "promotional_day_most": 1,
                "promotional_week_most": 3,
                "most_parts": 4,
            }
        },
    )

    quiet_from_minute: Minute = Field(
        default=1_320,
        description="No promotion by SMS or e-mail from this minute of Tehran's day; null: always.",
    )
    quiet_until_minute: Minute = Field(
        default=480, description="… until this one; the same as the first: none."
    )
    asks_consent: bool = Field(default=False, description="Promotional messages only to those who said yes.")
    promotional_day_most: Most = Field(
        default=2, description="Of all promotional topics together, to a member."
    )
    promotional_week_most: Most = Field(default=6, description="The same in seven days.")
    most_parts: int = Field(
        default=4, ge=1, le=10, description="A template's text takes no more parts as SMS."
    )


class MessagePolicyRead(MessagePolicyWrite):
    """The policy in force."""
