"""What the webhooks service takes and gives."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from host_api.core.events.event_type import LONGEST_NAME
from host_api.core.outgoing.addresses import LONGEST_URL
from host_api.services.webhooks.models import DeliveryState, SwitchOffReason
from host_api.services.webhooks.outcome import AttemptError

MOST_HEADERS: Final = 10

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,60}", re.ASCII)
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,498}[\x21-\x7e])?", re.ASCII)
# What frames and signs a message is not the subscriber's to set.
_OWN_HEADERS = {
    *("host", "connection", "content-length", "content-type", "content-encoding", "transfer-encoding"),
    *("te", "trailer", "upgrade", "keep-alive", "proxy-authorization", "proxy-connection", "expect"),
    *("user-agent", "cookie", "accept-encoding"),
}


def _check_headers(headers: Mapping[str, str]) -> dict[str, str]:
    lowered = {name.lower() for name in headers}
    if len(lowered) != len(headers):
        raise PydanticCustomError("header_twice", "A header stands there twice")
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name) or not _VALUE.fullmatch(value):
            raise PydanticCustomError("header_text", "A header's name or value has letters it can't have")
        if name.lower() in _OWN_HEADERS or name.lower().startswith("webhook-"):
            raise PydanticCustomError("header_reserved", "This header is set by the host API itself")
    return dict(headers)


Url = Annotated[
    str,
    Field(
        min_length=8,
        max_length=LONGEST_URL,
        description="Where events are posted: https, at a public address. Redirects are not followed.",
    ),
]
Description = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
EventTypeNames = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]],
    Field(
        min_length=1,
        max_length=100,
        description='Names from `GET /v1/event-types`; `["*"]` for all, also those to come.',
    ),
    AfterValidator(lambda names: sorted(set(names))),
]
Headers = Annotated[
    dict[str, str],
    Field(
        max_length=MOST_HEADERS,
        description="Sent with every message, such as `Authorization`. Kept sealed and never shown again.",
    ),
    AfterValidator(_check_headers),
]


class WebhookCreate(BaseModel):
    """A new webhook."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "url": "https://shop.example/vafa-events",
                "description": "Stock system",
                "event_types": ["member.joined", "transaction.recorded"],
                "headers": {"X-Department": "stock"},
            }
        },
    )

    url: Url
    description: Description = ""
    event_types: EventTypeNames
    is_active: bool = True
    headers: Headers = {}


class WebhookUpdate(BaseModel):
    """What is to change; what is left out stays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"event_types": ["*"], "is_active": True}}
    )

    url: Url | None = None
    description: Description | None = None
    event_types: EventTypeNames | None = None
    is_active: bool | None = Field(
        default=None, description="True also forgets the failures for which it was switched off."
    )
    headers: Headers | None = Field(default=None, description="All of them anew.")


class WebhookRead(BaseModel):
    """A webhook."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 4,
                "url": "https://shop.example/vafa-events",
                "description": "Stock system",
                "event_types": ["member.joined", "transaction.recorded"],
                "is_active": True,
                "header_names": ["X-Department"],
                "created_at": "2026-03-21T06:30:00Z",
                "old_secret_until": None,
                "failures_in_row": 0,
                "failing_since": None,
                "switched_off_at": None,
                "switched_off_reason": None,
            }
        }
    )

    id: int
    url: str
    description: str
    event_types: list[str]
    is_active: bool
    header_names: list[str]
    created_at: datetime
    old_secret_until: datetime | None = Field(description="Until then two secrets sign each message.")
    failures_in_row: int = Field(description="Failed attempts since the last accepted one.")
    failing_since: datetime | None
    switched_off_at: datetime | None = Field(description="When its failures switched it off.")
    switched_off_reason: SwitchOffReason | None


_SECRET_EXAMPLE = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="  # noqa: S105  (no secret)


class WebhookIssued(WebhookRead):
    """A new webhook and its secret, which no other answer shows."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {**WebhookRead.model_json_schema()["example"], "secret": _SECRET_EXAMPLE}
        }
    )

    secret: str = Field(description="Signs the messages, by Standard Webhooks; keep it.")


class SecretCreate(BaseModel):
    """How a secret is replaced."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"overlap_hours": 24}})

    overlap_hours: int = Field(
        default=24, ge=0, le=168, description="So long the old secret signs too; 0 ends it at once."
    )


class SecretIssued(BaseModel):
    """The new secret, which no other answer shows."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"secret": _SECRET_EXAMPLE, "old_secret_until": "2026-03-22T06:30:00Z"}}
    )

    secret: str
    old_secret_until: datetime | None


class TrialIssued(BaseModel):
    """The event that was emitted as a test."""

    model_config = ConfigDict(json_schema_extra={"example": {"event_id": "evt_0f3c1a5be2d94c7781aa60b2"}})

    event_id: str = Field(description="Look for it in the webhook's attempts.")


class ReplayEvent(BaseModel):
    """One event again, whatever became of it before."""

    model_config = ConfigDict(extra="forbid")

    what: Literal["event"]
    event_id: str = Field(pattern=r"^evt_[0-9a-f]{24}$")


class ReplayPeriod(BaseModel):
    """All events of a period whose types the webhook asks for."""

    model_config = ConfigDict(extra="forbid")

    what: Literal["period"]
    begin: AwareDatetime = Field(alias="from", description="From this instant on.")
    end: AwareDatetime = Field(alias="to", description="Before this instant.")


class ReplayParked(BaseModel):
    """All deliveries that were given up."""

    model_config = ConfigDict(extra="forbid")

    what: Literal["parked"]


Replay = Annotated[ReplayEvent | ReplayPeriod | ReplayParked, Field(discriminator="what")]


class ReplayCreate(BaseModel):
    """What is to be delivered again."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"replay": {"what": "parked"}}})

    replay: Replay


class ReplayIssued(BaseModel):
    """How much is on its way again."""

    model_config = ConfigDict(json_schema_extra={"example": {"deliveries": 3}})

    deliveries: int


class DeliveryRead(BaseModel):
    """One event on its way to one webhook."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 70,
                "event_id": "evt_0f3c1a5be2d94c7781aa60b2",
                "event_type": "member.joined",
                "state": "waiting",
                "attempts": 2,
                "due_at": "2026-03-21T06:30:38Z",
                "finished_at": None,
            }
        }
    )

    id: int
    event_id: str
    event_type: str
    state: DeliveryState
    attempts: int
    due_at: datetime = Field(description="When the next attempt is due, where it waits.")
    finished_at: datetime | None


class AttemptRead(BaseModel):
    """One try of a delivery."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 311,
                "delivery_id": 70,
                "event_id": "evt_0f3c1a5be2d94c7781aa60b2",
                "number": 2,
                "at": "2026-03-21T06:30:06Z",
                "latency_ms": 84,
                "status": 500,
                "error": "status",
            }
        }
    )

    id: int
    delivery_id: int
    event_id: str
    number: int = Field(description="Counts the attempts of the delivery since it was last replayed.")
    at: datetime
    latency_ms: int
    status: int | None = Field(description="HTTP status of the answer; null where none came.")
    error: AttemptError | None = Field(description="null where the event was accepted.")
