"""What is taken and given of events that earn."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, StringConstraints
from pydantic.config import JsonDict

from host_api.core.path_ids import LARGEST_ID
from host_api.services.earning_events.types.schemas import EventCode, EventSource

Reference = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$")]
Reason = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=3, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]


class EventState(StrEnum):
    """Where an event stands.

    WAITING is for a person to approve, QUEUED for the job, SENT with the switch. EARNED was approved by the
    switch, whatever the rules gave; REFUSED earns nothing, and says why. TAKING_BACK is on its way back;
    OWING could not be taken back whole yet and is tried again each day; TAKEN_BACK is over, as is WITHDRAWN,
    which never earned.
    """

    WAITING = "waiting"
    REJECTED = "rejected"
    QUEUED = "queued"
    SENT = "sent"
    EARNED = "earned"
    REFUSED = "refused"
    DOUBTFUL = "doubtful"
    WITHDRAWN = "withdrawn"
    TAKING_BACK = "taking_back"
    OWING = "owing"
    TAKEN_BACK = "taken_back"


class TakingState(StrEnum):
    """What became of a debit."""

    SENT = "sent"
    DONE = "done"
    FAILED = "failed"
    DOUBTFUL = "doubtful"


class EarningEventCreate(BaseModel):
    """Something that a member did."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "event": "custom:boarding",
                "member_id": 12,
                "reference": "IR721-0915-12",
                "source": "partner",
                "attributes": {"miles": 1250},
            }
        },
    )

    event: EventCode
    member_id: int = Field(ge=1, le=LARGEST_ID)
    reference: Reference = Field(description="Yours; told again under it, the event is the same one.")
    source: EventSource
    occurred_at: AwareDatetime | None = Field(default=None, description="Now where it is left out.")
    attributes: dict[str, int | str] = Field(default={}, max_length=20)


class EarningReason(BaseModel):
    """Why something is turned down or taken back."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"reason": "این سفر لغو شده است"}}
    )

    reason: Reason


class TakingRead(BaseModel):
    """A debit that takes something back."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "member_id": 12,
                "purse": 91,
                "units": 1250,
                "state": "done",
                "response_code": "00",
                "rrn": "000000000055",
            }
        }
    )

    member_id: int
    purse: int = Field(description="Account type.")
    units: int
    state: TakingState
    response_code: str | None
    rrn: str | None


_EVENT: JsonDict = {
    "id": 31,
    "event": "custom:boarding",
    "member_id": 12,
    "reference": "IR721-0915-12",
    "revision": 1,
    "source": "partner",
    "occurred_at": "2026-03-21T06:30:00Z",
    "attributes": {"miles": 1250},
    "amount": 1250,
    "state": "earned",
    "told_at": "2026-03-21T09:30:00Z",
    "told_by": "airline",
    "decided_at": None,
    "decided_by": None,
    "refusal": None,
    "text": "A mile for every mile flown",
    "text_fa": "هر مایل پرواز، یک مایل",
    "response_code": "00",
    "rrn": "000000000042",
    "points": 1250,
    "credit": 0,
    "ended_at": "2026-03-21T09:30:00.120000Z",
    "taken_back_at": None,
    "taken_back_by": None,
    "taken_back_for": None,
}


class EarningEventRead(BaseModel):
    """An event that was told, and what came of it."""

    model_config = ConfigDict(json_schema_extra={"example": _EVENT})

    id: int
    event: str
    member_id: int
    reference: str
    revision: int = Field(description="Above 1 where an import corrected it.")
    source: EventSource
    occurred_at: datetime
    attributes: dict[str, JsonValue]
    amount: int = Field(description="The metric, as the rules had it.")
    state: EventState
    told_at: datetime
    told_by: str
    decided_at: datetime | None
    decided_by: str | None = Field(description="Who approved or rejected it.")
    refusal: str | None = Field(description="Stable name of why it earned nothing.")
    text: str | None = Field(description="What the rule tells the member, or why nothing was earned.")
    text_fa: str | None
    response_code: str | None = Field(description="Field 39 of the switch's answer.")
    rrn: str | None = Field(description="The transaction in the journal, which has all that was given.")
    points: int | None = Field(description="Points earned, as the switch told.")
    credit: int | None = Field(description="Card credit earned, rial, as the switch told.")
    ended_at: datetime | None
    taken_back_at: datetime | None
    taken_back_by: str | None
    taken_back_for: str | None


class EarningEventDetail(EarningEventRead):
    """The same, with what was taken back."""

    model_config = ConfigDict(json_schema_extra={"example": {**_EVENT, "takings": []}})

    takings: list[TakingRead]
