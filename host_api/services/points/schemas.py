"""What the points service takes and gives."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.path_ids import LARGEST_ID

_LARGEST_PURSE = 99


class PointsActKind(StrEnum):
    """What an act does."""

    CREDIT = "credit"
    DEBIT = "debit"
    TRANSFER = "transfer"
    RELEASE = "release"


class PointsActState(StrEnum):
    """Where an act stands.

    ASKED waits for the second person, SENT for the switch. DONE moved the points; FAILED was declined by the
    switch or taken back for want of an answer, and moved none; DOUBTFUL is for the next reconciliation.
    """

    ASKED = "asked"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    SENT = "sent"
    DONE = "done"
    FAILED = "failed"
    DOUBTFUL = "doubtful"


class ReasonCode(StrEnum):
    """Why points are moved by hand."""

    COMPLAINT = "complaint"
    CORRECTION = "correction"
    GOODWILL = "goodwill"
    FRAUD = "fraud"
    CAMPAIGN = "campaign"
    REQUEST = "request"
    OTHER = "other"


Text = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=3, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]
Purse = Annotated[
    int,
    Field(
        ge=60,
        le=_LARGEST_PURSE,
        description="Account type of the purse: 91 points, 92 card credit, and what the rules declare.",
    ),
]
Amount = Annotated[int, Field(ge=1, le=LARGEST_AMOUNT, description="Units of the purse.")]
MemberId = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class _Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason_code: ReasonCode
    reason: Text = Field(description="In a person's words; its beginning also stands in the journal.")


class AdjustmentCreate(_Wanted):
    """Give to or take from a member's purse."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "direction": "credit",
                "member_id": 12,
                "purse": 91,
                "amount": 500,
                "reason_code": "complaint",
                "reason": "امتیاز خرید ثبت نشده بود",
            }
        }
    )

    direction: Literal["credit", "debit"] = Field(description="credit gives, debit takes.")
    member_id: MemberId
    purse: Purse = 91
    amount: Amount


class TransferCreate(_Wanted):
    """Move units from a member to another within a purse that may be given away."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "from_member_id": 12,
                "to_member_id": 13,
                "purse": 91,
                "amount": 100,
                "reason_code": "request",
                "reason": "به درخواست عضو",
            }
        }
    )

    from_member_id: MemberId
    to_member_id: MemberId
    purse: Purse = 91
    amount: Amount


class ReleaseCreate(_Wanted):
    """Make what a transaction earned on action spendable."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"rrn": "000000000017", "reason_code": "campaign", "reason": "شرط کمپین برآورده شد"}
        }
    )

    rrn: str = Field(pattern=r"^[0-9]{12}$", description="The transaction whose earnings wait.")


class Decision(BaseModel):
    """What the second person says."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"note": "مدارک کامل نیست"}})

    note: Text | None = Field(default=None, description="Kept with the act.")


class PointsActRead(BaseModel):
    """A movement of points by hand: what, why, who asked, who decided, what became of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 5,
                "kind": "credit",
                "state": "done",
                "member_id": 12,
                "to_member_id": None,
                "purse": 91,
                "amount": 500,
                "original_rrn": None,
                "reason_code": "complaint",
                "reason": "امتیاز خرید ثبت نشده بود",
                "asked_by": "نگار",
                "asked_at": "2026-03-21T06:30:00Z",
                "decided_by": "امید",
                "decided_at": "2026-03-21T06:35:00Z",
                "note": None,
                "response_code": "00",
                "rrn": "000000000042",
                "balances_after": {"91": 750, "92": 50000},
                "finished_at": "2026-03-21T06:35:00.120000Z",
            }
        }
    )

    id: int
    kind: PointsActKind
    state: PointsActState
    member_id: int
    to_member_id: int | None
    purse: int = Field(description="Account type; 0 for a release, where the transaction has it.")
    amount: int
    original_rrn: str | None = Field(description="The transaction that a release is about.")
    reason_code: ReasonCode
    reason: str
    asked_by: str
    asked_at: datetime
    decided_by: str | None = Field(description="Who approved, rejected or cancelled it.")
    decided_at: datetime | None
    note: str | None
    response_code: str | None = Field(
        description="Field 39 of the switch's answer; null before it, and where its time ran out first."
    )
    rrn: str | None = Field(description="The transaction in the journal.")
    balances_after: dict[str, int] | None = Field(
        description="What the member could spend afterwards, by account type of the purse."
    )
    finished_at: datetime | None
