"""What the coalition holds of a member, for export and erasing."""

from collections.abc import Sequence

from pydantic import JsonValue
from sqlalchemy import delete, func, select

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import Hindrance, PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.coalition import links
from host_api.services.coalition.exchange_schemas import ClubExchangeState
from host_api.services.coalition.models import ClubExchange, ClubLink, ClubLinkCode

_OVER = (ClubExchangeState.DONE.value, ClubExchangeState.REFUSED.value, ClubExchangeState.RETURNED.value)
_MOST = 10_000


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    exchanges = await session.scalars(
        select(ClubExchange)
        .where(ClubExchange.member_id == member_id)
        .order_by(ClubExchange.id.desc())
        .limit(_MOST)
    )
    exchanged: list[JsonValue] = [
        {
            "id": row.id,
            "club_id": row.club_id,
            "is_outgoing": row.is_outgoing,
            "units": row.own_units,
            "state": row.state,
            "asked_at": row.asked_at.isoformat(),
        }
        for row in exchanges
    ]
    linked: list[JsonValue] = [
        {"club_id": row.club_id, "state": row.state, "made_at": row.made_at.isoformat()}
        for row in await session.scalars(
            select(ClubLink).where(ClubLink.member_id == member_id).order_by(ClubLink.id).limit(_MOST)
        )
    ]
    return {
        **({"exchanges": exchanged} if exchanged else {}),
        **({"links": linked} if linked else {}),
    }


async def _erase(session: WriteSession, _cipher: FieldCipher, member_id: int) -> Sequence[InProgramme]:
    ids = await session.scalars(
        select(ClubLink.id).where(ClubLink.member_id == member_id).order_by(ClubLink.club_id, ClubLink.id)
    )
    for link_id in ids.all():
        await links.end(session, link_id)
    await session.execute(
        delete(ClubLinkCode)
        .where(ClubLinkCode.member_id == member_id)
        .execution_options(synchronize_session=False)
    )
    return []


async def _hindrances(session: AnySession, member_id: int) -> list[Hindrance]:
    is_open = select(func.count(ClubExchange.id)).where(
        ClubExchange.member_id == member_id, ClubExchange.state.not_in(_OVER)
    )
    if not await session.scalar(is_open):
        return []
    return [
        Hindrance(
            "club-exchanges-open",
            "An exchange with another club is not over yet",
            "مبادله‌ای با باشگاه دیگر هنوز به پایان نرسیده است.",
        )
    ]


PERSONAL_DATA = PersonalData(
    name="coalition",
    title="Coalition of clubs",
    title_fa="باشگاه‌های هم‌پیمان",
    kept="What was exchanged with which club by member number, as long as the ledger. Links are ended.",
    kept_fa="مبادله‌ها با شمارهٔ عضویت، تا زمانی که دفتر نگه داشته می‌شود. پیوندها پایان می‌یابد.",
    export=_export,
    erase=_erase,
    hindrances=_hindrances,
)
