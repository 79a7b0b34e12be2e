"""What the prizes service holds of a member, for export and erasing."""

from pydantic import JsonValue
from sqlalchemy import func, select

from host_api.core.database import AnySession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import Hindrance, PersonalData
from host_api.services.prizes.models import PrizeAward
from host_api.services.prizes.schemas import AwardState

_OPEN = (AwardState.ASKED.value, AwardState.DOUBTFUL.value, AwardState.WAITING.value)
_MOST = 10_000


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    awards = await session.scalars(
        select(PrizeAward)
        .where(PrizeAward.member_id == member_id)
        .order_by(PrizeAward.id.desc())
        .limit(_MOST)
    )
    listed: list[JsonValue] = [
        {
            "id": award.id,
            "prize_id": award.prize_id,
            "kind": award.kind,
            "quantity": award.quantity,
            "state": award.state,
            "awarded_at": award.awarded_at.isoformat(),
        }
        for award in awards
    ]
    return {"awards": listed} if listed else {}


async def _hindrances(session: AnySession, member_id: int) -> list[Hindrance]:
    waiting = select(func.count(PrizeAward.id)).where(
        PrizeAward.member_id == member_id, PrizeAward.state.in_(_OPEN)
    )
    if not await session.scalar(waiting):
        return []
    return [
        Hindrance(
            "prizes-open",
            "Prizes wait for the member or for the switch",
            "جایزه‌هایی در انتظار تحویل به عضو یا پاسخ سوئیچ است.",
        )
    ]


PERSONAL_DATA = PersonalData(
    name="prizes",
    title="Prizes given",
    title_fa="جایزه‌های داده‌شده",
    kept="Which prizes the member's number was given, as long as the ledger.",
    kept_fa="این که به شمارهٔ عضو چه جایزه‌هایی داده شد، تا زمانی که دفتر نگه داشته می‌شود.",
    export=_export,
    hindrances=_hindrances,
)
