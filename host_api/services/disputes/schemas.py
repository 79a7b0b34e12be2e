"""What the disputes service takes and gives."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from host_api.services.transaction_requests.basket import LINES_MAX, ReturnLine
from host_api.services.transactions.listing import RRN_PATTERN


class DisputeKind(StrEnum):
    """What is objected to."""

    NOT_MINE = "not_mine"
    WRONG_AMOUNT = "wrong_amount"
    CHARGED_TWICE = "charged_twice"
    POINTS_MISSING = "points_missing"
    POINTS_WRONG = "points_wrong"
    NOT_RECEIVED = "not_received"
    OTHER = "other"


class DisputeState(StrEnum):
    """OPEN is being looked into, WAITING waits for the member or a merchant, DECIDED is over."""

    OPEN = "open"
    WAITING = "waiting"
    DECIDED = "decided"


class DisputeOutcome(StrEnum):
    """How a case was decided."""

    ACCEPTED = "accepted"
    PARTLY = "partly"
    REJECTED = "rejected"


LongText = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=3,
        max_length=1000,
        pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+$",
    ),
]
PersonName = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]


class DisputeCreate(BaseModel):
    """A new case."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "rrn": "000000000017",
                "kind": "wrong_amount",
                "claim_amount": 500000,
                "note": "عضو می‌گوید مبلغ دو میلیون ریال بوده است",
            }
        },
    )

    rrn: str = Field(pattern=RRN_PATTERN, description="The transaction that is objected to.")
    kind: DisputeKind
    claim_amount: int | None = Field(
        default=None, ge=1, le=999_999_999_999, description="What the member asks for, minor units or points."
    )
    note: LongText = Field(description="What the member says; the first note.")
    assignee: PersonName | None = Field(default=None, description="Who sees to it.")
    deadline_at: AwareDatetime | None = Field(default=None, description="Left out: in fourteen days.")


class DisputeUpdate(BaseModel):
    """What is to change of a case."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"state": "waiting", "assignee": "نگار"}}
    )

    state: Literal[DisputeState.OPEN, DisputeState.WAITING] | None = Field(
        default=None, description="A case is decided by its decision only."
    )
    assignee: PersonName | None = None
    deadline_at: AwareDatetime | None = None


class NoteCreate(BaseModel):
    """Something to write down about a case."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"text": "از پذیرنده رونوشت رسید خواسته شد"}}
    )

    text: LongText


class ReturnRemedy(BaseModel):
    """Have some or all of the sale returned."""

    model_config = ConfigDict(extra="forbid")

    what: Literal["return"]
    amount: int | None = Field(
        default=None, ge=1, le=999_999_999_999, description="Left out: all that is left."
    )
    lines: list[ReturnLine] = Field(default=[], max_length=LINES_MAX)


class AdjustmentRemedy(BaseModel):
    """Give to or take from the member's purse."""

    model_config = ConfigDict(extra="forbid")

    what: Literal["adjustment"]
    direction: Literal["credit", "debit"] = "credit"
    purse: int = Field(default=91, ge=60, le=99)
    amount: int = Field(ge=1, le=999_999_999_999, description="Units of the purse.")


class DisputeDecision(BaseModel):
    """How the case ends, and what is to follow from it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "outcome": "accepted",
                "reason": "رسید پذیرنده ادعای عضو را تأیید کرد",
                "remedy": {"what": "return", "amount": 500000, "lines": []},
            }
        },
    )

    outcome: DisputeOutcome
    reason: LongText
    remedy: Annotated[ReturnRemedy | AdjustmentRemedy, Field(discriminator="what")] | None = Field(
        default=None,
        description="Asks for a return (wants `transaction_requests:write` too) or for points by hand "
        "(`points:write`).",
    )


_EXAMPLE: JsonDict = {
    "id": 4,
    "rrn": "000000000017",
    "member_id": 12,
    "kind": "wrong_amount",
    "claim_amount": 500000,
    "state": "open",
    "assignee": "نگار",
    "deadline_at": "2026-04-04T06:30:00Z",
    "is_overdue": False,
    "opened_by": "امید",
    "opened_at": "2026-03-21T06:30:00Z",
    "outcome": None,
    "decision": None,
    "decided_by": None,
    "decided_at": None,
    "transaction_request_id": None,
    "points_act_id": None,
}
_NOTE_EXAMPLE: JsonDict = {
    "at": "2026-03-21T06:30:00Z",
    "author": "امید",
    "text": "عضو می‌گوید مبلغ دو میلیون ریال بوده است",
}


class NoteRead(BaseModel):
    """A note."""

    model_config = ConfigDict(json_schema_extra={"example": _NOTE_EXAMPLE})

    at: datetime
    author: str
    text: str


class DisputeRead(BaseModel):
    """A case without its notes."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    id: int
    rrn: str
    member_id: int | None = Field(description="The member of the transaction.")
    kind: DisputeKind
    claim_amount: int | None
    state: DisputeState
    assignee: str | None
    deadline_at: datetime
    is_overdue: bool = Field(description="The deadline is over, and nothing was decided.")
    opened_by: str
    opened_at: datetime
    outcome: DisputeOutcome | None
    decision: str | None
    decided_by: str | None
    decided_at: datetime | None
    transaction_request_id: int | None = Field(description="The return that the decision asked for.")
    points_act_id: int | None = Field(description="The points by hand that the decision asked for.")


class DisputeWithNotes(DisputeRead):
    """A case and all that was written down about it."""

    model_config = ConfigDict(json_schema_extra={"example": {**_EXAMPLE, "notes": [_NOTE_EXAMPLE]}})

    notes: list[NoteRead]
