"""What the merging service takes and gives."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.path_ids import LARGEST_ID
from host_api.services.members.schemas import MemberStatus

MOST_CARDS = 50
MOST_PURSES = 40


class RecordActKind(StrEnum):
    """What is done."""

    MERGE = "merge"
    SPLIT = "split"


class RecordActState(StrEnum):
    """Where an act stands.

    ASKED waits for the second person. MOVING: cards have gone over, units are on their way. DONE. FAILED:
    some units could not be moved, and are moved by a resumption. TAKEN_BACK: of a merge, by a later split.
    """

    ASKED = "asked"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    MOVING = "moving"
    DONE = "done"
    FAILED = "failed"
    TAKEN_BACK = "taken_back"


class MoveKind(StrEnum):
    """How units are moved: in one piece, or out here and in there where the rules forbid giving away."""

    TRANSFER = "transfer"
    DEBIT = "debit"
    CREDIT = "credit"


class MoveState(StrEnum):
    """What became of a move."""

    SENT = "sent"
    DONE = "done"
    FAILED = "failed"
    DOUBTFUL = "doubtful"


class RecordReason(StrEnum):
    """Why records are merged or split."""

    DUPLICATE = "duplicate"
    REQUEST = "request"
    WRONG_MERGE = "wrong_merge"
    CORRECTION = "correction"
    OTHER = "other"


class ConflictCode(StrEnum):
    """What stands against an act."""

    FROM_NOT_ACTIVE = "from_not_active"
    TO_NOT_ACTIVE = "to_not_active"
    FROM_MERGED = "from_merged"
    TO_MERGED = "to_merged"
    UNITS_OWED = "units_owed"
    HOLDS_OPEN = "holds_open"
    REQUESTS_OPEN = "requests_open"
    ACT_OPEN = "act_open"
    CARDS_ELSEWHERE = "cards_elsewhere"


MemberId = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Text = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=3, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]


class _Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    from_member_id: MemberId
    to_member_id: MemberId
    reason_code: RecordReason
    reason: Text
    moves_untransferable: bool = Field(
        default=True,
        description="Move also what the rules don't let members give away, by a debit and a credit; that "
        "loses its expiry. Without it, it stays where it is.",
    )

    @model_validator(mode="after")
    def _check_members(self) -> "_Wanted":
        if self.from_member_id == self.to_member_id:
            raise PydanticCustomError("same_member", "Two different records are needed")
        return self


class MergeCreate(_Wanted):
    """A record is to go into another."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "from_member_id": 13,
                "to_member_id": 12,
                "reason_code": "duplicate",
                "reason": "یک نفر دو بار ثبت شده است",
            }
        }
    )


class PurseAmount(BaseModel):
    """Units of a purse."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"purse": 91, "amount": 200}})

    purse: int = Field(ge=60, le=99, description="Account type of the purse: 91 points, 92 card credit …")
    amount: int = Field(ge=1, le=LARGEST_AMOUNT)


class SplitCreate(_Wanted):
    """Chosen cards and units go from a record to another of its own."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "from_member_id": 12,
                "to_member_id": 13,
                "card_ids": [7],
                "units": [{"purse": 91, "amount": 200}],
                "reason_code": "wrong_merge",
                "reason": "دو نفر با یک نام",
            }
        }
    )

    card_ids: list[Annotated[int, Field(ge=1, le=LARGEST_ID)]] = Field(default=[], max_length=MOST_CARDS)
    units: list[PurseAmount] = Field(default=[], max_length=MOST_PURSES)

    @model_validator(mode="after")
    def _check_units(self) -> "SplitCreate":
        purses = [entry.purse for entry in self.units]
        if len(set(purses)) != len(purses) or len(set(self.card_ids)) != len(self.card_ids):
            raise PydanticCustomError("twice", "A purse or card stands twice")
        return self


class MoveRead(BaseModel):
    """One request of an act."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "kind": "transfer",
                "purse": 91,
                "amount": 200,
                "state": "done",
                "response_code": "00",
                "rrn": "000000000042",
                "finished_at": "2026-03-21T06:35:00Z",
            }
        }
    )

    kind: MoveKind
    purse: int
    amount: int
    state: MoveState
    response_code: str | None
    rrn: str | None
    finished_at: datetime | None


class RecordActRead(BaseModel):
    """A merge or split: what, why, who asked, who decided, what became of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 5,
                "kind": "merge",
                "state": "done",
                "from_member_id": 13,
                "to_member_id": 12,
                "card_ids": [7],
                "units": [],
                "takes_back": None,
                "moves_untransferable": True,
                "reason_code": "duplicate",
                "reason": "یک نفر دو بار ثبت شده است",
                "asked_by": "نگار",
                "asked_at": "2026-03-21T06:30:00Z",
                "decided_by": "امید",
                "decided_at": "2026-03-21T06:35:00Z",
                "finished_at": "2026-03-21T06:35:01Z",
                "moves": [],
            }
        }
    )

    id: int
    kind: RecordActKind
    state: RecordActState
    from_member_id: int
    to_member_id: int
    card_ids: list[int] = Field(description="The cards that go over, or have gone.")
    units: list[PurseAmount] = Field(description="Of a split, what was asked for; a merge moves everything.")
    takes_back: int | None = Field(description="The merge that a split takes back.")
    moves_untransferable: bool
    reason_code: RecordReason
    reason: str | None
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    finished_at: datetime | None
    moves: list[MoveRead] = Field(description="Empty in lists.")


_RECORD_EXAMPLE: JsonDict = {
    "member_id": 12,
    "status": "active",
    "tier": "gold",
    "joined_at": "2026-03-21T06:30:00Z",
    "household": None,
    "card_ids": [7],
    "spendable": {"points": 200},
    "pending": {},
}


class RecordPreview(BaseModel):
    """What a record has."""

    model_config = ConfigDict(json_schema_extra={"example": _RECORD_EXAMPLE})

    member_id: int
    status: MemberStatus
    tier: str
    joined_at: datetime
    household: int | None
    card_ids: list[int]
    spendable: dict[str, int] = Field(description="By purse, without what the household holds.")
    pending: dict[str, int] = Field(description="Goes over later, by itself, as it becomes spendable.")


class ConflictRead(BaseModel):
    """Something that stands against an act."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"code": "holds_open", "text": "A hold is open", "text_fa": "مبلغ بلوکه‌شده‌ای باز است."}
        }
    )

    code: ConflictCode
    text: str
    text_fa: str


class MergePreviewRead(BaseModel):
    """What a merge would bring together, and what stands against it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "from_record": _RECORD_EXAMPLE | {"member_id": 13},
                "to_record": _RECORD_EXAMPLE,
                "together": {"points": 400},
                "differences": ["name", "tier"],
                "conflicts": [],
            }
        }
    )

    from_record: RecordPreview
    to_record: RecordPreview
    together: dict[str, int] = Field(description="What both can spend, by purse.")
    differences: list[str] = Field(description="What the two records say otherwise; the survivor's stays.")
    conflicts: list[ConflictRead] = Field(description="Empty where the merge can be asked for.")
