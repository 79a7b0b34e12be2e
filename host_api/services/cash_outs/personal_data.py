"""What points to cash holds of a member, for export and erasing."""

from pydantic import JsonValue
from sqlalchemy import func, select

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import Hindrance, PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.cash_outs.models import SHEBA, CashOut
from host_api.services.cash_outs.schemas import CashOutState

_OVER = (CashOutState.REFUSED.value, CashOutState.PAID.value, CashOutState.RETURNED.value)
_MOST = 10_000


async def _export(session: AnySession, cipher: FieldCipher, member_id: int) -> JsonObject:
    rows = await session.scalars(
        select(CashOut).where(CashOut.member_id == member_id).order_by(CashOut.id.desc()).limit(_MOST)
    )
    listed: list[JsonValue] = [
        {
            "id": row.id,
            "state": row.state,
            "units": row.units,
            "net_rials": row.net_rials,
            "asked_at": row.asked_at.isoformat(),
            "sheba": SHEBA.open(cipher, row),
        }
        for row in rows
    ]
    return {"cash_outs": listed} if listed else {}


async def _erase(session: WriteSession, cipher: FieldCipher, member_id: int) -> list[InProgramme]:
    rows = list(await session.scalars(select(CashOut).where(CashOut.member_id == member_id)))
    for row in rows:
        SHEBA.seal(cipher, row, None)
        row.note = row.bank_reason = None
    return [*rows]


async def _hindrances(session: AnySession, member_id: int) -> list[Hindrance]:
    is_open = select(func.count(CashOut.id)).where(
        CashOut.member_id == member_id, CashOut.state.not_in(_OVER)
    )
    if not await session.scalar(is_open):
        return []
    return [
        Hindrance(
            "cash-outs-open", "A cash-out is not over yet", "درخواست وجه نقدی هنوز به پایان نرسیده است."
        )
    ]


PERSONAL_DATA = PersonalData(
    name="cash_outs",
    title="Points to cash",
    title_fa="تبدیل امتیاز به وجه نقد",
    kept="What was asked and paid, without the account's number, as long as the ledger.",
    kept_fa="آنچه درخواست و پرداخت شده، بدون شمارهٔ حساب، تا زمانی که دفتر نگه داشته می‌شود.",
    export=_export,
    erase=_erase,
    hindrances=_hindrances,
)
