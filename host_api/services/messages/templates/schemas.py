"""What templates take and give."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from host_api.core.short_code import ShortCode
from host_api.services.messages.gateways.sms_parts import Alphabet
from host_api.services.messages.templates.wording import VARIABLE_PATTERN
from host_api.services.messages.topics.schemas import TopicCode

Wording = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=2_000, pattern=r"^[^\x00-\x09\x0b-\x1f\x7f-\x9f]+$"
    ),
]
Subject = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=100, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")
]
VariableName = Annotated[str, Field(pattern=VARIABLE_PATTERN, max_length=32)]


class MessageTemplateWords(BaseModel):
    """What a template says, in both languages."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "subject": "You won",
                "subject_fa": "برنده شدید",
                "text": "{name}, you won {units} points.",
                "text_fa": "{name} عزیز، {units} امتیاز برنده شدید.",
                "variables": ["units"],
            }
        },
    )

    subject: Subject = Field(default="", description="Of e-mails and inbox messages.")
    subject_fa: Subject = ""
    text: Wording = Field(
        description="With variables in braces: `{name}`, `{member_id}`, `{tier}`, `{club}`, your own."
    )
    text_fa: Wording
    variables: list[VariableName] = Field(
        default=[],
        max_length=20,
        description="Those of your own; a trigger gives fields of its event's payload.",
    )


class MessageTemplateCreate(MessageTemplateWords):
    """A template and its first version."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "code": "won",
                "topic": "contests",
                "subject": "You won",
                "subject_fa": "برنده شدید",
                "text": "{name}, you won {units} points.",
                "text_fa": "{name} عزیز، {units} امتیاز برنده شدید.",
                "variables": ["units"],
            }
        },
    )

    code: ShortCode
    topic: TopicCode


class TextSize(BaseModel):
    """What a text takes as SMS, with values of 12 letters."""

    model_config = ConfigDict(json_schema_extra={"example": {"alphabet": "ucs2", "units": 61, "parts": 1}})

    alphabet: Alphabet
    units: int = Field(description="Septets, or UTF-16 units.")
    parts: int


class MessageTemplateRead(MessageTemplateWords):
    """A template in the version that is in force, or in an earlier one."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 3,
                "code": "won",
                "topic": "contests",
                "version_id": 5,
                "number": 2,
                "subject": "You won",
                "subject_fa": "برنده شدید",
                "text": "{name}, you won {units} points.",
                "text_fa": "{name} عزیز، {units} امتیاز برنده شدید.",
                "variables": ["units"],
                "size": {"alphabet": "gsm7", "units": 41, "parts": 1},
                "size_fa": {"alphabet": "ucs2", "units": 45, "parts": 1},
                "created_at": "2026-03-21T06:30:00Z",
                "created_by": "نگار",
            }
        }
    )

    id: int
    code: str
    topic: str
    version_id: int
    number: int
    size: TextSize
    size_fa: TextSize
    created_at: datetime
    created_by: str
