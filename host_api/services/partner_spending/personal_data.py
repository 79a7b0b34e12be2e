"""What spending at partners holds of a member, for export and erasing."""

from pydantic import JsonValue
from sqlalchemy import func, select

from host_api.core.database import AnySession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import Hindrance, PersonalData
from host_api.services.partner_spending.models import PartnerSpending
from host_api.services.partner_spending.schemas import PartnerSpendingState

_OVER = (
    PartnerSpendingState.ACCEPTED.value,
    PartnerSpendingState.REFUSED.value,
    PartnerSpendingState.RETURNED.value,
)
_MOST = 10_000


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    rows = await session.scalars(
        select(PartnerSpending)
        .where(PartnerSpending.member_id == member_id)
        .order_by(PartnerSpending.id.desc())
        .limit(_MOST)
    )
    listed: list[JsonValue] = [
        {
            "id": row.id,
            "partner_id": row.partner_id,
            "state": row.state,
            "units": row.units,
            "asked_at": row.asked_at.isoformat(),
        }
        for row in rows
    ]
    return {"spendings": listed} if listed else {}


async def _hindrances(session: AnySession, member_id: int) -> list[Hindrance]:
    is_open = select(func.count(PartnerSpending.id)).where(
        PartnerSpending.member_id == member_id, PartnerSpending.state.not_in(_OVER)
    )
    if not await session.scalar(is_open):
        return []
    return [
        Hindrance(
            "partner-spendings-open",
            "A spending at a partner is not over yet",
            "خریدی نزد یکی از شریک‌ها هنوز به پایان نرسیده است.",
        )
    ]


PERSONAL_DATA = PersonalData(
    name="partner_spending",
    title="Spending at partners",
    title_fa="خرج امتیاز نزد شریک‌ها",
    kept="What was spent at which partner by member number, as long as the ledger.",
    kept_fa="این که با شمارهٔ عضویت چه اندازه نزد کدام شریک خرج شده، تا زمانی که دفتر نگه داشته می‌شود.",
    export=_export,
    hindrances=_hindrances,
)
