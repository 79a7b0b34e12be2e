"""What the lotteries service takes and gives of lotteries."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict

from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID
from host_api.services.draws.logic import MOST_WINNERS
from host_api.services.draws.models import DrawState
from host_api.services.draws.moment import MOMENT_TOLD, Moment
from host_api.services.draws.schemas import PublicText
from host_api.services.groups.query_schema import Query
from host_api.services.members.schemas import TierName

MOST_ROUNDS: Final = 400
MOST_TICKETS_AT_ONCE: Final = 100
_MOST_PRIZES: Final = 50

Title = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]
Reason = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=3, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]


class LotteryModel(StrEnum):
    """How a lottery works; a model sets what the wish leaves out.

    PER_TICKET: each ticket may win. ONE_WIN: each member once. DAILY: a draw for each day in Tehran, each
    member once a day. TIER_WEIGHTED: as ONE_WIN, with more chances for higher tiers (`tier_chances`).
    """

    PER_TICKET = "per_ticket"
    ONE_WIN = "one_win"
    DAILY = "daily"
    TIER_WEIGHTED = "tier_weighted"


class LotteryCostMode(StrEnum):
    """Whether tickets cost units of a purse."""

    FREE = "free"
    POINTS = "points"


class LotteryState(StrEnum):
    """Where a lottery stands, by the clock and what was done: DRAWN has given all its prizes."""

    PLANNED = "planned"
    OPEN = "open"
    DRAWING = "drawing"
    DRAWN = "drawn"
    CANCELLED = "cancelled"


class LotteryPrize(BaseModel):
    """What the winners of some ranks get."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"from_rank": 1, "to_rank": 3, "prize_id": 7}}
    )

    from_rank: int = Field(ge=1, le=MOST_WINNERS)
    to_rank: int = Field(ge=1, le=MOST_WINNERS)
    prize_id: int = Field(ge=1, le=LARGEST_ID, description="Of the prizes service.")
    quantity: int = Field(default=1, ge=1, le=100, description="So many of it each.")


class LotteryTierChances(BaseModel):
    """So many chances has a ticket of a member in a tier."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"tier": "gold", "chances": 3}})

    tier: TierName
    chances: int = Field(ge=1, le=100)


class _Wanted(BaseModel):
    title: Title
    title_fa: Title
    occasion: Annotated[str, Field(max_length=60), kept_name(60)] | None = Field(
        default=None, description="As Nowruz or the club's birthday; shown, nothing else."
    )
    model: LotteryModel = LotteryModel.ONE_WIN
    cost_mode: LotteryCostMode = LotteryCostMode.FREE
    price: int = Field(default=0, ge=0, le=1_000_000_000, description="Units for a ticket, by points only.")
    purse: int = Field(default=91, ge=60, le=99, description="Account type of the purse that pays.")
    tickets_per_entry: int = Field(
        default=1, ge=1, le=MOST_TICKETS_AT_ONCE, description="Most tickets that may be taken at once."
    )
    entries_per_day: int | None = Field(
        default=1, ge=1, le=1_000, description="Of a member on a day in Tehran; null: as many as wanted."
    )
    tickets_per_member: int | None = Field(
        default=None, ge=1, le=100_000, description="In all; null: as many as wanted."
    )
    free_daily_tickets: int = Field(
        default=0, ge=0, le=100, description="The first so many of a day cost nothing."
    )
    winners: int = Field(default=1, ge=1, le=MOST_WINNERS, description="Of each draw.")
    prizes: list[LotteryPrize] = Field(default=[], max_length=_MOST_PRIZES, description="By rank.")
    tier_chances: list[LotteryTierChances] = Field(
        default=[], max_length=20, description="By the member's tier when a ticket is taken; else 1."
    )
    audience: Query | None = Field(default=None, description="Who may take part; null: every active member.")
    public_value_source: PublicText | None = Field(
        default=None,
        description="The public value that a second person enters after closing, so that nobody who knows "
        "the seed can steer; null: none, and the draw follows the closing at once.",
    )


_EXAMPLE: JsonDict = {
    "title": "Yalda lottery",
    "title_fa": "قرعه‌کشی یلدا",
    "occasion": "یلدا",
    "model": "one_win",
    "cost_mode": "points",
    "price": 50,
    "purse": 91,
    "tickets_per_entry": 5,
    "entries_per_day": 1,
    "tickets_per_member": 100,
    "free_daily_tickets": 1,
    "winners": 10,
    "prizes": [{"from_rank": 1, "to_rank": 10, "prize_id": 7, "quantity": 1}],
    "tier_chances": [],
    "audience": None,
    "public_value_source": "شاخص کل بورس تهران در پایان روز بسته شدن",
    "starts_at": "2026-12-01T00:00:00+03:30",
    "ends_at": "2026-12-22T00:00:00+03:30",
}


class LotteryCreate(_Wanted):
    """A new lottery."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _EXAMPLE})

    starts_at: Moment = Field(description=f"Entries from this instant on. {MOMENT_TOLD}")
    ends_at: Moment = Field(description="Entries before this instant; then it is drawn by itself.")

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise ValueError("it ends before it starts")
        if self.model is LotteryModel.DAILY and (self.ends_at - self.starts_at).days >= MOST_ROUNDS - 1:
            raise ValueError(f"a daily lottery has at most {MOST_ROUNDS - 1} days")
        if (self.price > 0) != (self.cost_mode is LotteryCostMode.POINTS):
            raise ValueError("price is for a lottery by points, and needed there")
        if self.price * self.tickets_per_entry > LARGEST_AMOUNT:
            raise ValueError("an entry would cost more than a message can say")
        if bool(self.tier_chances) != (self.model is LotteryModel.TIER_WEIGHTED):
            raise ValueError("tier_chances is for the model tier_weighted, and needed there")
        if len({one.tier for one in self.tier_chances}) != len(self.tier_chances):
            raise ValueError("a tier stands twice")
        taken: set[int] = set()
        for prize in self.prizes:
            ranks = set(range(prize.from_rank, prize.to_rank + 1))
            if not ranks or ranks & taken or prize.to_rank > self.winners:
                raise ValueError("prizes are for ranks of winners, each rank once")
            taken |= ranks
        return self


class LotteryCopy(BaseModel):
    """The same once more, at another time."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"starts_at": "1406-09-10T00:00", "ends_at": "1406-10-01T00:00", "occasion": "یلدا"}
        },
    )

    starts_at: Moment
    ends_at: Moment
    title: Title | None = Field(default=None, description="Left out: as it was.")
    title_fa: Title | None = None
    occasion: Annotated[str, Field(max_length=60), kept_name(60)] | None = None


class LotteryUpdate(BaseModel):
    """What is to change of a lottery; what members rely on can't."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"title_fa": "قرعه‌کشی شب یلدا"}})

    title: Title | None = None
    title_fa: Title | None = None
    occasion: Annotated[str, Field(max_length=60), kept_name(60)] | None = None


class LotteryCancel(BaseModel):
    """Why it is given up; members are told."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"reason": "جایزه در گمرک ماند"}})

    reason: Reason


class LotteryRead(_Wanted):
    """A lottery."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                **_EXAMPLE,
                "id": 12,
                "state": "open",
                "starts_at": "2026-11-30T20:30:00Z",
                "ends_at": "2026-12-21T20:30:00Z",
                "rounds": 1,
                "created_by": "نگار",
                "created_at": "2026-11-22T09:00:00Z",
                "cancelled_at": None,
                "cancelled_by": None,
                "cancel_reason": None,
            }
        }
    )

    id: int
    state: LotteryState
    starts_at: datetime
    ends_at: datetime
    rounds: int = Field(description="How many draws it has.")
    created_by: str
    created_at: datetime
    cancelled_at: datetime | None
    cancelled_by: str | None
    cancel_reason: str | None


class LotteryRoundState(StrEnum):
    """Where a round stands: OPEN takes entries in its time, CLOSED is listed and drawn, DRAWN gives its
    prizes, DONE has given them. REFUNDING was cancelled, and gives back what its entries cost."""

    OPEN = "open"
    CLOSED = "closed"
    DRAWN = "drawn"
    DONE = "done"
    REFUNDING = "refunding"
    CANCELLED = "cancelled"


class LotteryRoundRead(BaseModel):
    """A round, as people of the club see it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 31,
                "number": 1,
                "opens_at": "2026-11-30T20:30:00Z",
                "closes_at": "2026-12-21T20:30:00Z",
                "state": "closed",
                "draw_state": "listed",
                "is_value_wanted": True,
                "entries": 48210,
                "commitment": "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd",
            }
        }
    )

    id: int
    number: int
    opens_at: datetime
    closes_at: datetime
    state: LotteryRoundState
    draw_state: DrawState
    is_value_wanted: bool = Field(description="It waits for the public value only.")
    entries: int = Field(description="Lines of the closed list.")
    commitment: str


class LotteryWinState(StrEnum):
    """What became of a prize. GONE: the stock was empty; give another, or fill it and try again."""

    WAITING = "waiting"
    AWARDED = "awarded"
    GONE = "gone"
    NONE = "none"


class LotteryWinRead(BaseModel):
    """A winner, as people of the club see it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "round": 1,
                "rank": 1,
                "member_id": 12,
                "ticket": "K7QW2M9XAB-1",
                "prize_id": 7,
                "quantity": 1,
                "state": "awarded",
                "awarded_at": "2026-12-21T20:31:07Z",
            }
        }
    )

    round: int
    rank: int
    member_id: int
    ticket: str
    prize_id: int | None
    quantity: int
    state: LotteryWinState
    awarded_at: datetime | None


class LotteryWins(BaseModel):
    """Winners of a round in the order of their ranks."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "wins": [
                    {
                        "round": 1,
                        "rank": 1,
                        "member_id": 12,
                        "ticket": "K7QW2M9XAB-1",
                        "prize_id": 7,
                        "quantity": 1,
                        "state": "awarded",
                        "awarded_at": "2026-12-21T20:31:07Z",
                    }
                ],
                "next_after": None,
            }
        }
    )

    wins: list[LotteryWinRead]
    next_after: int | None = Field(description="Send as `after` for more.")


class LotteryRoundsRead(BaseModel):
    """Rounds in the order of their numbers."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "rounds": [
                    {
                        "id": 31,
                        "number": 1,
                        "opens_at": "2026-11-30T20:30:00Z",
                        "closes_at": "2026-12-21T20:30:00Z",
                        "state": "open",
                        "draw_state": "committed",
                        "is_value_wanted": False,
                        "entries": 0,
                        "commitment": "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd",
                    }
                ]
            }
        }
    )

    rounds: list[LotteryRoundRead]


class LotteryAwardAgain(BaseModel):
    """Which prize is given in place of one that was gone."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"prize_id": 8}})

    prize_id: int | None = Field(
        default=None, ge=1, le=LARGEST_ID, description="Left out: the same, whose stock was filled."
    )
