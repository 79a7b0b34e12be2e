"""What trading credit holds of a member, for export and erasing."""

from pydantic import JsonValue
from sqlalchemy import func, select

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import Hindrance, PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.trading_credit.models import CreditLine
from host_api.services.trading_credit.schemas import CreditLineState

_OVER = (CreditLineState.REFUSED.value, CreditLineState.GRANTED.value, CreditLineState.RETURNED.value)
_MOST = 10_000


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    rows = await session.scalars(
        select(CreditLine)
        .where(CreditLine.member_id == member_id)
        .order_by(CreditLine.id.desc())
        .limit(_MOST)
    )
    listed: list[JsonValue] = [
        {
            "id": row.id,
            "state": row.state,
            "units": row.units,
            "rials": row.rials,
            "asked_at": row.asked_at.isoformat(),
        }
        for row in rows
    ]
    return {"lines": listed} if listed else {}


async def _erase(session: WriteSession, _cipher: FieldCipher, member_id: int) -> list[InProgramme]:
    rows = list(await session.scalars(select(CreditLine).where(CreditLine.member_id == member_id)))
    for row in rows:
        row.reason = None
    return [*rows]


async def _hindrances(session: AnySession, member_id: int) -> list[Hindrance]:
    is_open = select(func.count(CreditLine.id)).where(
        CreditLine.member_id == member_id, CreditLine.state.not_in(_OVER)
    )
    if not await session.scalar(is_open):
        return []
    return [
        Hindrance(
            "credit-lines-open",
            "Trading credit is on its way to the switch or back",
            "اعتبار معاملاتی در راه سوئیچ یا برگشت است.",
        )
    ]


PERSONAL_DATA = PersonalData(
    name="trading_credit",
    title="Trading credit",
    title_fa="اعتبار معاملاتی",
    kept="What was bought by member number, as long as the ledger.",
    kept_fa="این که با شمارهٔ عضویت چه اندازه خریده شده، تا زمانی که دفتر نگه داشته می‌شود.",
    export=_export,
    erase=_erase,
    hindrances=_hindrances,
)
