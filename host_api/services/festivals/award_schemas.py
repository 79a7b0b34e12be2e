"""What the festivals service takes and gives of awards."""

from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from host_api.core.path_ids import LARGEST_ID
from host_api.services.draws.logic import MOST_CHANCES, MOST_WINNERS
from host_api.services.draws.moment import MOMENT_TOLD, Moment
from host_api.services.draws.schemas import PublicText
from host_api.services.festivals.schemas import LARGEST_SCORE, Title

_MOST_PRIZES: Final = 50


class FestivalAwardMethod(StrEnum):
    """RANKING awards the best; DRAW draws among all who have the score, so that everybody can check it."""

    RANKING = "ranking"
    DRAW = "draw"


class FestivalAwardState(StrEnum):
    """Where an award stands: CLOSED is counted (and drawn), WON gives its prizes, DONE has given them."""

    PLANNED = "planned"
    CLOSED = "closed"
    WON = "won"
    DONE = "done"
    CANCELLED = "cancelled"


class FestivalWinState(StrEnum):
    """What became of a prize. GONE: the stock was empty; OVER_BUDGET: the award's units were spent."""

    WAITING = "waiting"
    AWARDED = "awarded"
    GONE = "gone"
    OVER_BUDGET = "over_budget"
    NONE = "none"


class FestivalAwardPrize(BaseModel):
    """What the winners of some ranks get."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"from_rank": 1, "to_rank": 3, "prize_id": 7, "cost_units": 500000}},
    )

    from_rank: int = Field(ge=1, le=MOST_WINNERS)
    to_rank: int = Field(ge=1, le=MOST_WINNERS)
    prize_id: int = Field(ge=1, le=LARGEST_ID, description="Of the prizes service.")
    quantity: int = Field(default=1, ge=1, le=100, description="So many of it each.")
    cost_units: int = Field(
        default=0, ge=0, le=LARGEST_SCORE, description="What one winner's costs the award's budget."
    )


class _Wanted(BaseModel):
    title: Title
    title_fa: Title
    method: FestivalAwardMethod = FestivalAwardMethod.RANKING
    is_by_category: bool = Field(default=False, description="Of a ranking: so many winners in each category.")
    winners: int = Field(ge=1, le=MOST_WINNERS, description="In all, or in each category.")
    min_score: int = Field(default=1, ge=0, le=LARGEST_SCORE, description="Nobody below it is awarded.")
    score_per_chance: int | None = Field(
        default=None,
        ge=1,
        le=LARGEST_SCORE,
        description="Of a draw: a further chance for each full so much; null: one chance each.",
    )
    most_chances: int = Field(default=100, ge=1, le=MOST_CHANCES, description="Of a member in a draw.")
    prizes: list[FestivalAwardPrize] = Field(default=[], max_length=_MOST_PRIZES, description="By rank.")
    delay_minutes: int = Field(
        default=60,
        ge=0,
        le=10_080,
        description="It is settled so long after `at`: sales of terminals that were offline come in late.",
    )
    budget_id: int | None = Field(default=None, ge=1, le=LARGEST_ID, description="Of the budgets service.")
    budget_units: int = Field(
        default=0, ge=0, le=LARGEST_SCORE, description="Reserved now; what is not given is free again."
    )


_EXAMPLE: JsonDict = {
    "title": "Best of Farvardin",
    "title_fa": "برترین‌های فروردین",
    "method": "ranking",
    "is_by_category": True,
    "winners": 10,
    "min_score": 100,
    "score_per_chance": None,
    "most_chances": 100,
    "prizes": [{"from_rank": 1, "to_rank": 10, "prize_id": 7, "quantity": 1, "cost_units": 500000}],
    "delay_minutes": 60,
    "budget_id": None,
    "budget_units": 0,
    "counts_from": "2026-03-20T20:30:00Z",
    "at": "2026-04-20T20:30:00Z",
}


class FestivalAwardCreate(_Wanted):
    """A new award."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {**_EXAMPLE, "public_value_source": None}}
    )

    at: Moment = Field(description=f"What happened before this instant counts. {MOMENT_TOLD}")
    counts_from: Moment | None = Field(default=None, description="Left out: from the festival's start.")
    public_value_source: PublicText | None = Field(
        default=None,
        description="Of a draw: the public value that a second person enters after closing; null: none.",
    )

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.method is FestivalAwardMethod.DRAW and self.is_by_category:
            raise ValueError("a draw is among all")
        if self.method is FestivalAwardMethod.RANKING and (self.score_per_chance or self.public_value_source):
            raise ValueError("score_per_chance and public_value_source are for a draw")
        if (self.budget_id is None) != (self.budget_units == 0):
            raise ValueError("budget_units is for a budget, and needed there")
        taken: set[int] = set()
        for prize in self.prizes:
            ranks = set(range(prize.from_rank, prize.to_rank + 1))
            if not ranks or ranks & taken or prize.to_rank > self.winners:
                raise ValueError("prizes are for ranks of winners, each rank once")
            taken |= ranks
        return self


_READ_EXAMPLE: JsonDict = {
    **_EXAMPLE,
    "number": 1,
    "state": "planned",
    "spent_units": 0,
    "commitment": None,
    "is_value_wanted": False,
    "created_by": "نگار",
    "created_at": "2026-03-01T09:00:00Z",
    "settled_at": None,
}


class FestivalAwardRead(_Wanted):
    """An award."""

    model_config = ConfigDict(json_schema_extra={"example": _READ_EXAMPLE})

    number: int
    state: FestivalAwardState
    counts_from: datetime
    at: datetime
    spent_units: int = Field(description="Of the budget, by prizes that were given.")
    commitment: str | None = Field(description="Of a draw: SHA-256 of its seed.")
    is_value_wanted: bool = Field(description="It waits for the public value only.")
    created_by: str
    created_at: datetime
    settled_at: datetime | None


class FestivalAwardsRead(BaseModel):
    """A festival's awards in the order of their numbers."""

    model_config = ConfigDict(json_schema_extra={"example": {"awards": [_READ_EXAMPLE]}})

    awards: list[FestivalAwardRead]


_WIN_EXAMPLE: JsonDict = {
    "category": "gold",
    "rank": 1,
    "member_id": 12,
    "score": 91200,
    "prize_id": 7,
    "quantity": 1,
    "cost_units": 500000,
    "state": "awarded",
    "awarded_at": "2026-04-20T21:31:07Z",
}


class FestivalWinRead(BaseModel):
    """A member who is awarded."""

    model_config = ConfigDict(json_schema_extra={"example": _WIN_EXAMPLE})

    category: str = Field(description="Empty: of all.")
    rank: int
    member_id: int
    score: int = Field(description="By which the member was ranked; 0 of a draw.")
    prize_id: int | None
    quantity: int
    cost_units: int
    state: FestivalWinState
    awarded_at: datetime | None


class FestivalWins(BaseModel):
    """Who is awarded, by category and rank."""

    model_config = ConfigDict(json_schema_extra={"example": {"wins": [_WIN_EXAMPLE], "is_more": False}})

    wins: list[FestivalWinRead]
    is_more: bool = Field(description="Ask again behind the last one's category and rank.")


class FestivalPrizeInstead(BaseModel):
    """Which win's prize is given after all, and which prize."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"category": "", "rank": 1, "prize_id": 8}}
    )

    category: str = Field(default="", max_length=64)
    rank: int = Field(ge=1, le=MOST_WINNERS)
    prize_id: int | None = Field(
        default=None, ge=1, le=LARGEST_ID, description="Left out: the same, whose stock was filled."
    )
