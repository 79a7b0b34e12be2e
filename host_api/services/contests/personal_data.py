"""What the contests service holds of a member, for export and erasing."""

from typing import Final

from pydantic import JsonValue
from sqlalchemy import exists, select

from host_api.core.database import AnySession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import Hindrance, PersonalData
from host_api.services.contests.entry_schemas import ContestEntryState
from host_api.services.contests.models import ContestEntry

_MOST: Final = 10_000
_OVER: Final = [
    state.value
    for state in (
        ContestEntryState.REFUSED,
        ContestEntryState.PAID,
        ContestEntryState.LOST,
        ContestEntryState.REFUNDED,
    )
]


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    entries = await session.scalars(
        select(ContestEntry)
        .where(ContestEntry.member_id == member_id)
        .order_by(ContestEntry.id.desc())
        .limit(_MOST)
    )
    listed: list[JsonValue] = [
        {
            "id": entry.id,
            "contest_id": entry.contest_id,
            "answers": {**entry.answers},
            "stake": entry.stake,
            "state": entry.state,
            "score": entry.score,
            "payout": entry.payout,
            "asked_at": entry.asked_at.isoformat(),
        }
        for entry in entries
    ]
    return {"entries": listed} if listed else {}


async def _hindrances(session: AnySession, member_id: int) -> list[Hindrance]:
    is_open = exists().where(ContestEntry.member_id == member_id, ContestEntry.state.not_in(_OVER))
    if not await session.scalar(select(is_open)):
        return []
    return [
        Hindrance(
            "contest-entries-open",
            "Contests that the member has entered are not settled",
            "مسابقه‌هایی که عضو در آن‌ها شرکت کرده هنوز تسویه نشده است.",
        )
    ]


PERSONAL_DATA = PersonalData(
    name="contests",
    title="Contests",
    title_fa="مسابقه‌ها",
    kept="Entries with stakes and wins, by member number, as long as the ledger.",
    kept_fa="شرکت‌ها با میزان و برد، با شمارهٔ عضو، تا زمانی که دفتر نگه داشته می‌شود.",
    export=_export,
    hindrances=_hindrances,
)
