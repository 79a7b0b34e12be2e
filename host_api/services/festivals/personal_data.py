"""What the festivals service holds of a member, for export and erasing."""

from typing import Final

from pydantic import JsonValue
from sqlalchemy import delete, select

from host_api.core.clock import from_epoch_ms
from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.festivals.models import FestivalMember, FestivalWin

_MOST: Final = 10_000


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    parts = await session.scalars(
        select(FestivalMember)
        .where(FestivalMember.member_id == member_id)
        .order_by(FestivalMember.festival_id)
        .limit(_MOST)
    )
    wins = await session.scalars(
        select(FestivalWin)
        .where(FestivalWin.member_id == member_id)
        .order_by(FestivalWin.award_id, FestivalWin.rank)
        .limit(_MOST)
    )
    listed: list[JsonValue] = [
        {
            "festival_id": row.festival_id,
            "joined_at": from_epoch_ms(row.joined_ms).isoformat(),
            "score": row.score,
            "place": row.place,
            "category": row.category,
        }
        for row in parts
    ]
    won: list[JsonValue] = [
        {"award_id": win.award_id, "rank": win.rank, "prize_id": win.prize_id, "state": win.state}
        for win in wins
    ]
    return {"festivals": listed, "wins": won} if listed or won else {}


async def _erase(session: WriteSession, _cipher: FieldCipher, member_id: int) -> list[InProgramme]:
    await session.execute(
        delete(FestivalMember)
        .where(FestivalMember.member_id == member_id)
        .execution_options(synchronize_session=False)
    )
    return []


PERSONAL_DATA = PersonalData(
    name="festivals",
    title="Festivals",
    title_fa="جشنواره‌ها",
    kept="What was won, and the lists of draws that were held, by member number, as long as the ledger.",
    kept_fa="آنچه برده شده و فهرست قرعه‌کشی‌های انجام‌شده، با شمارهٔ عضو، تا زمانی که دفتر نگه داشته می‌شود.",
    export=_export,
    erase=_erase,
)
