"""What is taken and given of event types."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator
from pydantic.config import JsonDict

from host_api.services.earning_events.calendar_units import CalendarUnit
from host_api.services.earning_events.types.attributes import (
    MOST_ATTRIBUTES,
    EventAttribute,
    Title,
    check_schema,
)
from host_api.services.groups.query_schema import Query

# Triggers of rules that fit into tag DF15; sales and conversions pull their own.
EventCode = Annotated[
    str,
    Field(
        pattern=r"^(enrol|review|referral|visit|survey|trade|festival|birthday|custom:[a-z0-9][a-z0-9_-]{0,8})$",
        description="The trigger of the rules that decide what such an event gives.",
        examples=["custom:boarding"],
    ),
]


class EventSource(StrEnum):
    """Who tells an event."""

    APP = "app"
    PARTNER = "partner"
    IMPORT = "import"
    TERMINAL = "terminal"


class FrequencyCap(BaseModel):
    """So many events of a member in a day, week, month or year of Tehran, or ever."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"times": 1, "per": "day"}})

    times: int = Field(ge=1, le=100_000)
    per: CalendarUnit


_EXAMPLE: JsonDict = {
    "code": "custom:boarding",
    "title": "Journey",
    "title_fa": "سفر",
    "attributes": [
        {
            "name": "miles",
            "title": "Miles flown",
            "title_fa": "مایل پرواز",
            "kind": "number",
            "unit": "mile",
            "maximum": 20000,
            "is_metric": True,
        }
    ],
    "metric": "miles",
    "sources": ["partner", "import"],
    "caps": [{"times": 20, "per": "month"}],
}
_Attributes = Annotated[list[EventAttribute], Field(max_length=MOST_ATTRIBUTES)]
_Sources = Annotated[list[EventSource], Field(min_length=1, max_length=len(EventSource))]
_KeyIds = Annotated[list[Annotated[str, Field(min_length=1, max_length=60)]], Field(max_length=50)]
_Names = Annotated[list[str], Field(max_length=5)]
_Caps = Annotated[list[FrequencyCap], Field(max_length=len(CalendarUnit))]
_Days = Annotated[int, Field(ge=0, le=3660)]


class EarningTypeCreate(BaseModel):
    """A new type of events."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _EXAMPLE})

    code: EventCode
    title: Title
    title_fa: Title
    attributes: _Attributes = []
    metric: str | None = Field(
        default=None, description="The number that is passed to the rules as the amount; null for 0."
    )
    sources: _Sources = [EventSource.APP, EventSource.PARTNER, EventSource.IMPORT, EventSource.TERMINAL]
    partner_keys: _KeyIds = Field(
        default=[], description="Ids of the API keys that may tell it as a partner; empty for any."
    )
    unique_by: _Names = Field(
        default=[],
        description="Attributes by which two tellings of a member are the same event; empty for the "
        "reference, whoever's it is.",
    )
    caps: _Caps = Field(default=[], description="By when it happened; the rules may have narrower ones.")
    late_days: _Days = Field(default=30, description="So many days afterwards it can still be told.")
    needs_moderation: bool = Field(default=False, description="Whether a person approves each event.")
    audience: Query | None = Field(default=None, description="Who earns by it; null for every member.")

    @model_validator(mode="after")
    def _agrees(self) -> "EarningTypeCreate":
        check_schema(self.attributes, self.metric)
        if set(self.unique_by) - {entry.name for entry in self.attributes if entry.is_required}:
            raise ValueError("unique_by names required attributes")
        return self


class EarningTypeUpdate(BaseModel):
    """What is to be different; what is left out stays, and so do the attributes that there are."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"caps": [{"times": 2, "per": "day"}]}}
    )

    title: Title | None = None
    title_fa: Title | None = None
    is_active: bool | None = Field(default=None, description="Whether events are taken.")
    more_attributes: _Attributes = Field(default=[], description="Further ones, none of them required.")
    sources: _Sources | None = None
    partner_keys: _KeyIds | None = None
    caps: _Caps | None = None
    late_days: _Days | None = None
    needs_moderation: bool | None = None
    audience: Query | None = Field(default=None, description="Null lets every member take part.")


class EarningTypeRead(BaseModel):
    """A type of events."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                **_EXAMPLE,
                "id": 3,
                "is_active": True,
                "partner_keys": [],
                "unique_by": [],
                "late_days": 30,
                "needs_moderation": False,
                "audience": None,
                "created_at": "2026-03-21T06:30:00Z",
            }
        }
    )

    id: int
    code: str
    title: str
    title_fa: str
    is_active: bool
    attributes: list[EventAttribute]
    metric: str | None
    sources: list[EventSource]
    partner_keys: list[str]
    unique_by: list[str]
    caps: list[FrequencyCap]
    late_days: int
    needs_moderation: bool
    audience: dict[str, JsonValue] | None
    created_at: datetime


class EventTemplate(StrEnum):
    """Ready-made types."""

    REVIEW = "review"
    REFERRAL = "referral"
    VISIT = "visit"
    SURVEY = "survey"
    PRAISE = "praise"
    JOURNEY = "journey"
    TRADE = "trade"
    BANK = "bank"


class EarningTemplateUse(BaseModel):
    """Which ready-made type is wanted."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"template": "journey"}})

    template: EventTemplate


class EarningTemplateRead(BaseModel):
    """A ready-made type, and a rule that fits it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "template": "review",
                "type": {"code": "review", "title": "Review", "title_fa": "نظر"},
                "rule": {"rule_id": "EARN-03", "text": "50 points for review, once per day"},
            }
        }
    )

    template: EventTemplate
    type: EarningTypeCreate
    rule: dict[str, JsonValue] = Field(description="For the draft of the rules, in one line or as a whole.")
