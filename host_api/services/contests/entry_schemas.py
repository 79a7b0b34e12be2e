"""What the contests service takes and gives of entries and results."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.path_ids import LARGEST_ID
from host_api.services.contests.definition import MOST_QUESTIONS
from host_api.services.contests.schemas import Reason, Stake


class ContestEntryState(StrEnum):
    """Where an entry stands.

    ASKED waits for the switch to take the stake; DOUBTFUL for reconciliation. ACCEPTED takes part; REFUSED
    cost nothing. WINNER has won a share that is not reckoned yet; WON is about to be paid, PAYING is with the
    switch, PAID has it; UNPAID was declined. LOST. RETURNING, REFUNDING, REFUNDED and UNREFUNDED are the same
    for a stake that is given back.
    """

    ASKED = "asked"
    DOUBTFUL = "doubtful"
    REFUSED = "refused"
    ACCEPTED = "accepted"
    WINNER = "winner"
    WON = "won"
    PAYING = "paying"
    PAID = "paid"
    UNPAID = "unpaid"
    LOST = "lost"
    RETURNING = "returning"
    REFUNDING = "refunding"
    REFUNDED = "refunded"
    UNREFUNDED = "unrefunded"


class ResultState(StrEnum):
    """Where a result stands; a later approved one has it REPLACED."""

    ASKED = "asked"
    APPROVED = "approved"
    REJECTED = "rejected"
    REPLACED = "replaced"


class EntryCreate(BaseModel):
    """A member's entry."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"member_id": 12, "answers": {"winner": "home"}, "stake": 200}},
    )

    member_id: int = Field(ge=1, le=LARGEST_ID)
    answers: dict[str, str] = Field(
        default={}, max_length=MOST_QUESTIONS, description="Option by question; each question has one."
    )
    stake: Stake | None = Field(default=None, description="Of a floating contest; needed there.")


class ContestEntryRead(BaseModel):
    """An entry, and what became of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 31,
                "contest_id": 7,
                "member_id": 12,
                "answers": {"winner": "home"},
                "stake": 200,
                "possible": 370,
                "state": "accepted",
                "score": None,
                "payout": None,
                "response_code": "00",
                "asked_at": "2026-11-23T08:10:00Z",
                "changed_at": "2026-11-23T08:10:00.120000Z",
            }
        }
    )

    id: int
    contest_id: int
    member_id: int
    answers: dict[str, str]
    stake: int
    possible: int = Field(description="The most that the club may have to give for it.")
    state: ContestEntryState
    score: int | None
    payout: int | None = Field(description="Units won; null before the settlement.")
    response_code: str | None = Field(
        description="Field 39 of the switch's last answer: 51 is too few points."
    )
    asked_at: datetime
    changed_at: datetime


class ScoreReport(BaseModel):
    """What a member has reached in a ranking."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"score": 4200}})

    score: int = Field(ge=0, le=10**12, description="The best of an entry counts.")


class ResultCreate(BaseModel):
    """The result of a contest; of a quiz or a ranking it is known, and nothing is sent."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"answers": {"winner": ["home"]}}}
    )

    answers: dict[str, list[str]] = Field(
        default={},
        max_length=MOST_QUESTIONS,
        description="The right options by question: several in a dead heat, none where no option came true.",
    )
    note: Reason | None = None


class ResultDecision(BaseModel):
    """What the second person says."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"note": "با گزارش مسابقه یکی است"}}
    )

    note: Reason | None = None


class ResultRead(BaseModel):
    """A result."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 3,
                "contest_id": 7,
                "answers": {"winner": ["home"]},
                "ranking": [],
                "state": "approved",
                "asked_by": "نگار",
                "asked_at": "2026-11-29T15:00:00Z",
                "decided_by": "امید",
                "decided_at": "2026-11-29T15:05:00Z",
                "note": None,
            }
        }
    )

    id: int
    contest_id: int
    answers: dict[str, list[str]]
    ranking: list[int] = Field(description="Ids of the entries that have a rank, the first first.")
    state: ResultState
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str | None
