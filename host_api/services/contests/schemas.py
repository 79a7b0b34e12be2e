"""What the contests service takes and gives."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID
from host_api.services.contests import definition
from host_api.services.contests.definition import (
    LARGEST_MULTIPLIER,
    LARGEST_STAKE,
    MOST_QUESTIONS,
    MOST_RANKS,
    ContestQuestion,
    CostMode,
    PayoutMode,
    Scenario,
    Text,
    Title,
    WithoutWinner,
)
from host_api.services.groups.query_schema import Query

Stake = Annotated[int, Field(ge=1, le=LARGEST_STAKE)]
Units = Annotated[int, Field(ge=1, le=LARGEST_AMOUNT)]
Purse = Annotated[int, Field(ge=60, le=99, description="Account type: 91 points, 93 coins, 60 to 89 free.")]
Reason = Annotated[str, Field(min_length=3, max_length=200), kept_name(200)]


class Stage(StrEnum):
    """What was done with a contest: written, published, its entries weighed and paid, or cancelled."""

    DRAFT = "draft"
    PUBLISHED = "published"
    DECIDING = "deciding"
    PAYING = "paying"
    SETTLED = "settled"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"


class ContestState(StrEnum):
    """Where a contest stands, by its stage and its times."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    OPEN = "open"
    CLOSED = "closed"
    DECIDED = "decided"
    SETTLING = "settling"
    SETTLED = "settled"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"


_CONTEST: JsonDict = {
    "title": "Cup final",
    "title_fa": "فینال جام",
    "text": "Guess who wins the final.",
    "text_fa": "برندهٔ فینال را حدس بزنید.",
    "scenario": "prediction",
    "cost_mode": "floating",
    "payout_mode": "multiplier",
    "purse": 91,
    "stake_least": 10,
    "stake_cap": 500,
    "questions": [
        {
            "code": "winner",
            "text": "Who wins?",
            "text_fa": "برنده کیست؟",
            "options": [
                {"code": "home", "title": "Home", "title_fa": "میزبان", "multiplier": 1850},
                {"code": "away", "title": "Away", "title_fa": "میهمان", "multiplier": 2200},
            ],
        }
    ],
    "starts_at": "2026-11-22T05:30:00Z",
    "ends_at": "2026-11-29T14:30:00Z",
    "audience": None,
    "entries_per_member": 1,
    "exposure_cap": 200000,
}


class ContestCreate(BaseModel):
    """A new contest, a draft at first."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _CONTEST})

    title: Title
    title_fa: Title
    text: Text
    text_fa: Text
    scenario: Scenario
    cost_mode: CostMode
    payout_mode: PayoutMode
    purse: Purse = 91
    stake_least: Stake = Field(default=1, description="The least that a floating entry may stake.")
    stake_cap: Stake | None = Field(
        default=None, description="The most that an entry may stake; of a fixed contest what each costs."
    )
    questions: list[ContestQuestion] = Field(default=[], max_length=MOST_QUESTIONS)
    right_needed: int | None = Field(
        default=None, ge=1, le=MOST_QUESTIONS, description="So many right answers win; left out: all of them."
    )
    right_answers: dict[str, str] | None = Field(
        default=None,
        max_length=MOST_QUESTIONS,
        description="Of a quiz: option by question; not shown before it ends.",
    )
    ranks: list[Annotated[int, Field(ge=1, le=LARGEST_MULTIPLIER)]] = Field(
        default=[],
        max_length=MOST_RANKS,
        description="Of a ranking, the first first: thousandths of the stake, parts of a pool, prize units.",
    )
    club_part: int = Field(default=0, ge=0, le=999, description="The club's part of a pool, in thousandths.")
    without_winner: WithoutWinner = Field(
        default=WithoutWinner.REFUND, description="What becomes of a pool that nobody wins."
    )
    prize_units: Units | None = Field(default=None, description="What each winner of a free contest gets.")
    prize_id: int | None = Field(
        default=None, ge=1, le=LARGEST_ID, description="Or a prize of the prizes service."
    )
    valid_days: int | None = Field(
        default=None,
        ge=1,
        le=3660,
        description="So long what is won can be spent; null: as the purse has it.",
    )
    audience: Query | None = Field(default=None, description="Who may enter; null: every active member.")
    entries_per_member: int = Field(default=1, ge=1, le=1000)
    exposure_cap: int | None = Field(
        default=None,
        ge=0,
        le=LARGEST_AMOUNT,
        description="Most that all entries together could win from the club; the policy's cap holds besides.",
    )
    budget_id: int | None = Field(
        default=None,
        ge=1,
        le=LARGEST_ID,
        description="The budget that pays; `exposure_cap` is reserved in it.",
    )
    correction_minutes: int = Field(
        default=10, ge=0, le=10_080, description="So long an approved result waits, for corrections."
    )
    starts_at: AwareDatetime
    ends_at: AwareDatetime = Field(description="No entry is taken from then on, by the server's clock.")

    @model_validator(mode="after")
    def _agrees(self) -> "ContestCreate":
        definition.check(self)
        return self


class ContestUpdate(BaseModel):
    """What is to change of a contest; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"stake_cap": 800}})

    title: Title | None = None
    title_fa: Title | None = None
    text: Text | None = None
    text_fa: Text | None = None
    stake_least: Stake | None = None
    stake_cap: Stake | None = None
    questions: list[ContestQuestion] | None = Field(default=None, max_length=MOST_QUESTIONS)
    right_needed: int | None = Field(default=None, ge=1, le=MOST_QUESTIONS)
    right_answers: dict[str, str] | None = Field(default=None, max_length=MOST_QUESTIONS)
    ranks: list[Annotated[int, Field(ge=1, le=LARGEST_MULTIPLIER)]] | None = Field(
        default=None, max_length=MOST_RANKS
    )
    club_part: int | None = Field(default=None, ge=0, le=999)
    prize_units: Units | None = None
    valid_days: int | None = Field(default=None, ge=1, le=3660)
    audience: Query | None = Field(default=None, description="null lets every active member in.")
    entries_per_member: int | None = Field(default=None, ge=1, le=1000)
    exposure_cap: int | None = Field(default=None, ge=0, le=LARGEST_AMOUNT)
    correction_minutes: int | None = Field(default=None, ge=0, le=10_080)
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None


_READ: JsonDict = {
    **_CONTEST,
    "id": 7,
    "state": "open",
    "right_needed": None,
    "right_answers": None,
    "ranks": [],
    "club_part": 0,
    "without_winner": "refund",
    "prize_units": None,
    "prize_id": None,
    "valid_days": None,
    "budget_id": None,
    "correction_minutes": 10,
    "entries": 120,
    "staked": 18400,
    "exposure": 37260,
    "winners": 0,
    "won": 0,
    "settle_from": None,
    "cancel_reason": None,
    "finished_at": None,
}


class ContestRead(BaseModel):
    """A contest."""

    model_config = ConfigDict(json_schema_extra={"example": _READ})

    id: int
    state: ContestState
    title: str
    title_fa: str
    text: str
    text_fa: str
    scenario: Scenario
    cost_mode: CostMode
    payout_mode: PayoutMode
    purse: int
    stake_least: int
    stake_cap: int = Field(description="0 for a free contest.")
    questions: list[ContestQuestion]
    right_needed: int | None
    right_answers: dict[str, str] | None = Field(description="Of a quiz that is closed; null before.")
    ranks: list[int]
    club_part: int
    without_winner: WithoutWinner
    prize_units: int | None
    prize_id: int | None
    valid_days: int | None
    audience: Query | None
    entries_per_member: int
    exposure_cap: int | None
    budget_id: int | None
    correction_minutes: int
    starts_at: datetime
    ends_at: datetime
    entries: int = Field(description="Entries that were not refused.")
    staked: int
    exposure: int = Field(description="What all of them together could win from the club.")
    winners: int = Field(description="Once it is settled.")
    won: int = Field(description="Units that winners get, once it is settled.")
    settle_from: datetime | None = Field(description="When winners are paid, once a result is approved.")
    cancel_reason: str | None
    finished_at: datetime | None


class CancellationCreate(BaseModel):
    """Why a contest is cancelled."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"reason": "بازی برگزار نشد"}})

    reason: Reason


class ContestPolicyUpdate(BaseModel):
    """What is to change of the policy; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"stake_cap": 5000}})

    stake_cap: Stake | None = None
    exposure_cap: int | None = Field(default=None, ge=0, le=LARGEST_AMOUNT)


class ContestPolicyRead(BaseModel):
    """What the club lets its contests do."""

    model_config = ConfigDict(json_schema_extra={"example": {"stake_cap": 10000, "exposure_cap": 1000000}})

    stake_cap: int = Field(description="The most that one entry may stake, whatever the contest's own cap.")
    exposure_cap: int = Field(description="The most that all entries of a contest together could win.")
