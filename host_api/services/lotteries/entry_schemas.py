"""What the lotteries service takes and gives of entries, and what members see."""

from datetime import date, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from host_api.core.path_ids import LARGEST_ID
from host_api.services.draws.schemas import DRAW_EXAMPLE, DrawRead
from host_api.services.lotteries.schemas import MOST_TICKETS_AT_ONCE, LotteryCostMode, LotteryState


class LotteryEntryState(StrEnum):
    """Where an entry stands.

    PAYING waits for the switch; VALID is in the draw. REFUSED was not paid and DOUBTFUL is not known to be:
    neither is in the draw. REFUNDING and REFUNDED get their points back with the expiry that these had; a
    refund that the switch declined is UNREFUNDED. CANCELLED cost nothing and fell away with the lottery.
    """

    PAYING = "paying"
    VALID = "valid"
    REFUSED = "refused"
    DOUBTFUL = "doubtful"
    REFUNDING = "refunding"
    REFUNDED = "refunded"
    UNREFUNDED = "unrefunded"
    CANCELLED = "cancelled"


class LotteryEntryCreate(BaseModel):
    """A member takes tickets."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"member_id": 12, "tickets": 2}})

    member_id: int = Field(ge=1, le=LARGEST_ID)
    tickets: int = Field(default=1, ge=1, le=MOST_TICKETS_AT_ONCE)


class LotteryEntryRead(BaseModel):
    """Tickets that a member took at once."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 481,
                "lottery_id": 12,
                "round_id": 31,
                "member_id": 12,
                "state": "valid",
                "day": "2026-12-02",
                "tickets": ["K7QW2M9XAB-1", "K7QW2M9XAB-2"],
                "free_tickets": 1,
                "chances": 1,
                "cost": 50,
                "response_code": "00",
                "rrn": "000000000017",
                "asked_at": "2026-12-02T10:15:00Z",
            }
        }
    )

    id: int
    lottery_id: int
    round_id: int
    member_id: int
    state: LotteryEntryState
    day: date = Field(description="In Tehran.")
    tickets: list[str]
    free_tickets: int
    chances: int = Field(description="Lines of each ticket in the list.")
    cost: int = Field(description="Units in all.")
    response_code: str | None = Field(description="Field 39 of the switch's answer; 51 is too few points.")
    rrn: str | None
    asked_at: datetime


_PUBLIC_EXAMPLE: JsonDict = {
    "lottery_id": 12,
    "title": "Yalda lottery",
    "title_fa": "قرعه‌کشی یلدا",
    "occasion": "یلدا",
    "state": "drawn",
    "cost_mode": "points",
    "price": 50,
    "purse": 91,
    "tickets_per_entry": 5,
    "entries_per_day": 1,
    "tickets_per_member": 100,
    "free_daily_tickets": 1,
    "starts_at": "2026-11-30T20:30:00Z",
    "ends_at": "2026-12-21T20:30:00Z",
    "cancel_reason": None,
    "round": 1,
    "rounds": 1,
    "closes_at": "2026-12-21T20:30:00Z",
    "draw": DRAW_EXAMPLE,
    "names": ["س…"],
}


class LotteryPublic(BaseModel):
    """What anybody may know: the rules, and all that is needed to check the draw."""

    model_config = ConfigDict(json_schema_extra={"example": _PUBLIC_EXAMPLE})

    lottery_id: int
    title: str
    title_fa: str
    occasion: str | None
    state: LotteryState
    cost_mode: LotteryCostMode
    price: int
    purse: int
    tickets_per_entry: int
    entries_per_day: int | None
    tickets_per_member: int | None
    free_daily_tickets: int
    starts_at: datetime
    ends_at: datetime
    cancel_reason: str | None
    round: int
    rounds: int
    closes_at: datetime
    draw: DrawRead
    names: list[str] = Field(description="The first winners' names, in order, masked: initials only.")


class MyLottery(BaseModel):
    """What a member has in a lottery."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "lottery_id": 12,
                "member_id": 12,
                "may_enter": True,
                "tickets": 3,
                "entries_left_today": 0,
                "free_tickets_left_today": 0,
                "tickets_left": 97,
                "wins": [],
            }
        }
    )

    lottery_id: int
    member_id: int
    may_enter: bool = Field(description="It is open now, and the member is of its audience.")
    tickets: int = Field(description="Paid, free, and those that are being paid.")
    entries_left_today: int | None = Field(description="Null: as many as wanted.")
    free_tickets_left_today: int
    tickets_left: int | None
    wins: list[str] = Field(description="Tickets of the member that have won.")
