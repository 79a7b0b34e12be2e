"""What the lotteries service holds of a member, for export and erasing."""

from typing import Final

from pydantic import JsonValue
from sqlalchemy import select

from host_api.core.database import AnySession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import Hindrance, PersonalData
from host_api.services.lotteries.entering import shown
from host_api.services.lotteries.entry_schemas import LotteryEntryState
from host_api.services.lotteries.models import LotteryEntry, LotteryWin

_OPEN: Final = (
    LotteryEntryState.PAYING.value,
    LotteryEntryState.DOUBTFUL.value,
    LotteryEntryState.REFUNDING.value,
)
_MOST: Final = 10_000


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    entries = await session.scalars(
        select(LotteryEntry)
        .where(LotteryEntry.member_id == member_id)
        .order_by(LotteryEntry.id.desc())
        .limit(_MOST)
    )
    wins = await session.scalars(
        select(LotteryWin)
        .where(LotteryWin.member_id == member_id)
        .order_by(LotteryWin.round_id, LotteryWin.rank)
        .limit(_MOST)
    )
    listed: list[JsonValue] = [shown(entry).model_dump(mode="json") for entry in entries]
    won: list[JsonValue] = [
        {"ticket": win.ticket, "rank": win.rank, "prize_id": win.prize_id, "state": win.state} for win in wins
    ]
    return {"entries": listed, "wins": won} if listed or won else {}


async def open_entries(session: AnySession, member_id: int) -> bool:
    """Whether an entry of a member waits for the switch or for reconciliation."""
    statement = select(LotteryEntry.id).where(
        LotteryEntry.member_id == member_id, LotteryEntry.state.in_(_OPEN)
    )
    return await session.scalar(statement.limit(1)) is not None


async def _hindrances(session: AnySession, member_id: int) -> list[Hindrance]:
    if not await open_entries(session, member_id):
        return []
    return [
        Hindrance(
            "lottery-entries-open",
            "A payment or a refund of a lottery is not decided",
            "پرداخت یا بازگشت امتیاز یک قرعه‌کشی هنوز روشن نشده است.",
        )
    ]


PERSONAL_DATA = PersonalData(
    name="lotteries",
    title="Lotteries",
    title_fa="قرعه‌کشی‌ها",
    kept="Entries and wins by member number, without which no draw could be checked, as long as the ledger.",
    kept_fa="شرکت‌ها و بردها با شمارهٔ عضو، که بی آن‌ها درستی قرعه‌کشی سنجیدنی نیست، تا زمانی که دفتر نگه داشته "
    "می‌شود.",
    export=_export,
    hindrances=_hindrances,
)
