"""What the lotteries service tells of."""

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType


class LotteryDrawn(BaseModel):
    """A round of a lottery was drawn."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"lottery_id": 12, "round": 1, "entries": 48210, "winners": 10}}
    )

    lottery_id: int
    round: int
    entries: int
    winners: int


class LotteryWon(BaseModel):
    """A member has won."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"lottery_id": 12, "round": 1, "rank": 3, "member_id": 12, "prize_id": 7}
        }
    )

    lottery_id: int
    round: int
    rank: int
    member_id: int
    prize_id: int | None


class LotteryCancelled(BaseModel):
    """A lottery was cancelled; what was paid for draws that were not held goes back."""

    model_config = ConfigDict(json_schema_extra={"example": {"lottery_id": 12}})

    lottery_id: int


LOTTERY_DRAWN = EventType("lottery.drawn", LotteryDrawn, "A lottery was drawn", "قرعه‌کشی انجام شد")
LOTTERY_WON = EventType("lottery.won", LotteryWon, "A member won in a lottery", "عضوی در قرعه‌کشی برنده شد")
LOTTERY_CANCELLED = EventType(
    "lottery.cancelled", LotteryCancelled, "A lottery was cancelled", "قرعه‌کشی لغو شد"
)
