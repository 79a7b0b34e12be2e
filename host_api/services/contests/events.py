"""What the contests service tells of."""

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType


class ContestWon(BaseModel):
    """A member was paid what an entry has won; 0 units where it was a prize."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"contest_id": 7, "entry_id": 31, "member_id": 12, "units": 370}}
    )

    contest_id: int
    entry_id: int
    member_id: int
    units: int


class ContestSettled(BaseModel):
    """All entries of a contest are decided and paid."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"contest_id": 7, "entries": 120, "winners": 41, "won": 12300}}
    )

    contest_id: int
    entries: int
    winners: int
    won: int


class ContestCancelled(BaseModel):
    """A contest was cancelled; its stakes are given back."""

    model_config = ConfigDict(json_schema_extra={"example": {"contest_id": 7, "entries": 120}})

    contest_id: int
    entries: int


CONTEST_WON = EventType("contest.won", ContestWon, "A member won in a contest", "عضوی در مسابقه‌ای برنده شد")
CONTEST_SETTLED = EventType("contest.settled", ContestSettled, "A contest was settled", "مسابقه‌ای تسویه شد")
CONTEST_CANCELLED = EventType(
    "contest.cancelled", ContestCancelled, "A contest was cancelled", "مسابقه‌ای لغو شد"
)
EVENT_TYPES = (CONTEST_WON, CONTEST_SETTLED, CONTEST_CANCELLED)
