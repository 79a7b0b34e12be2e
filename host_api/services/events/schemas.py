"""What the events service gives."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class EventSubject(BaseModel):
    """What an event is about."""

    kind: str = Field(description="Kind of record, such as `member`.")
    id: str = Field(description="Its id, as the API's addresses have it.")


class EventRead(BaseModel):
    """One event, the same as webhooks get it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "evt_0f3c1a5be2d94c7781aa60b2",
                "type": "member.joined",
                "version": 1,
                "sequence": 41,
                "timestamp": "2026-03-21T06:30:00Z",
                "subject": {"kind": "member", "id": "12"},
                "data": {"member_id": 12, "tier": "initial"},
            }
        }
    )

    id: str = Field(description="Unique; also the header `webhook-id`. An event seen before is a repeat.")
    type: str = Field(description="One of `GET /v1/event-types`.")
    version: int = Field(description="Of the payload.")
    sequence: int = Field(description="Counts up by one within the programme; the order of events.")
    timestamp: datetime = Field(description="When it was written down.")
    subject: EventSubject
    data: dict[str, object] = Field(description="The payload; its schema stands with the type.")


class EventTypeRead(BaseModel):
    """A type of events."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "name": "member.joined",
                "version": 1,
                "title": "A member joined",
                "title_fa": "عضوی پیوست",
                "payload_schema": {
                    "type": "object",
                    "properties": {"member_id": {"type": "integer"}},
                    "required": ["member_id"],
                },
                "example": {"member_id": 12, "tier": "initial"},
            }
        }
    )

    name: str
    version: int
    title: str
    title_fa: str
    payload_schema: dict[str, object] = Field(description="JSON schema (2020-12) of `data`.")
    example: dict[str, object] = Field(description="A payload.")


class EventTypeCatalogue(BaseModel):
    """The catalogue."""

    items: list[EventTypeRead]
