"""What the credit grants service takes and gives."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, model_validator

from host_api.core.ledger.movements import LARGEST_AMOUNT, LONGEST_DAYS
from host_api.core.path_ids import LARGEST_ID
from host_api.services.groups.query_schema import Query

MEMBERS_MAX = 5_000_000


class GrantState(StrEnum):
    """Where a grant stands. GIVING: the switch is giving to the members; DONE: it has."""

    ASKED = "asked"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    GIVING = "giving"
    DONE = "done"


class GiftState(StrEnum):
    """What became of one member's part; DOUBTFUL is for the next reconciliation."""

    SENT = "sent"
    GIVEN = "given"
    FAILED = "failed"
    DOUBTFUL = "doubtful"


_PLAIN = r"^[^\x00-\x1f\x7f-\x9f]+$"
_Title = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=3, max_length=100, pattern=_PLAIN)
]
_Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=3, max_length=200, pattern=_PLAIN)
]
_Told = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=300, pattern=_PLAIN)]


class CreditGrantCreate(BaseModel):
    """Credit, or a gift value, for a member or for an audience."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "title": "هدیهٔ مشتریان طلایی",
                "reason": "کمپین نوروز",
                "budget_id": 1,
                "purse": 96,
                "units": 500000,
                "valid_days": 30,
                "audience": {"f": "tier", "op": "in", "v": ["gold"]},
                "members_at_most": 400,
                "text_fa": "۵۰ هزار تومان هدیهٔ شماست؛ تا ۳۰ روز",
                "text_en": "A gift of 50,000 toman is yours for 30 days",
            }
        },
    )

    title: _Title
    reason: _Reason = Field(description="In a person's words; its beginning also stands in the journal.")
    budget_id: int = Field(ge=1, le=LARGEST_ID, description="Of the same purse.")
    purse: int = Field(
        default=92, ge=60, le=99, description="92 card credit, 96 gift value, 93 coins, or another one."
    )
    units: int = Field(ge=1, le=LARGEST_AMOUNT, description="For each member; of money purses rial.")
    valid_days: int | None = Field(
        default=None, ge=1, le=LONGEST_DAYS, description="Days after today on which it can be spent."
    )
    member_id: int | None = Field(default=None, ge=1, le=LARGEST_ID, description="The one who gets it.")
    audience: Query | None = Field(default=None, description="All who get it, as groups' queries name them.")
    members_at_most: int = Field(
        default=1, ge=1, le=MEMBERS_MAX, description="So many are paid for; more of an audience get nothing."
    )
    text_fa: _Told | None = Field(default=None, description="SMS to each who gets it; needs both texts.")
    text_en: _Told | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.member_id is None) == (self.audience is None):
            raise ValueError("a grant is for a member or for an audience")
        if self.member_id is not None and self.members_at_most != 1:
            raise ValueError("one member is one")
        if (self.text_fa is None) != (self.text_en is None):
            raise ValueError("members read Persian or English: write both texts")
        return self


class GrantDecision(BaseModel):
    """What the second person says."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"note": "طبق بودجه"}})

    note: _Reason | None = None


class CreditGrantRead(BaseModel):
    """A grant, and to how many it went."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 2,
                "title": "هدیهٔ مشتریان طلایی",
                "reason": "کمپین نوروز",
                "budget_id": 1,
                "purse": 96,
                "units": 500000,
                "valid_days": 30,
                "member_id": None,
                "audience": {"f": "tier", "op": "in", "v": ["gold"]},
                "members_at_most": 400,
                "text_fa": None,
                "text_en": None,
                "state": "done",
                "waiting": 0,
                "given": 387,
                "failed": 1,
                "doubtful": 0,
                "left_out": False,
                "asked_by": "نگار",
                "asked_at": "2026-03-21T06:30:00Z",
                "decided_by": "امید",
                "decided_at": "2026-03-21T06:35:00Z",
                "note": None,
                "finished_at": "2026-03-21T06:36:00Z",
            }
        }
    )

    id: int
    title: str
    reason: str
    budget_id: int
    purse: int
    units: int
    valid_days: int | None
    member_id: int | None
    audience: dict[str, JsonValue] | None
    members_at_most: int
    text_fa: str | None
    text_en: str | None
    state: GrantState
    waiting: int = Field(description="Members for whom the switch has not answered yet.")
    given: int
    failed: int = Field(description="Members whom the switch refused; nothing was given, nothing was used.")
    doubtful: int
    left_out: bool = Field(description="Whether the audience had more members than were paid for.")
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str | None
    finished_at: datetime | None = Field(description="When the rest of the budget was set free again.")


class CreditGiftRead(BaseModel):
    """What one member got of a grant."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 7,
                "grant_id": 2,
                "member_id": 12,
                "state": "given",
                "response_code": "00",
                "rrn": "000000000042",
                "finished_at": "2026-03-21T06:35:02Z",
            }
        },
    )

    id: int
    grant_id: int
    member_id: int
    state: GiftState
    response_code: str | None
    rrn: str | None
    finished_at: datetime | None
