"""What merchants' books hold of a member, for export and erasing."""

from collections.abc import Sequence

from pydantic import JsonValue
from sqlalchemy import select

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import Hindrance, PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.store_accounts.books import owes_anything
from host_api.services.store_accounts.models import StoreDebtAct, StoreDebtor

_MOST = 10_000


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    debtors = await session.scalars(select(StoreDebtor).where(StoreDebtor.member_id == member_id))
    acts = await session.scalars(
        select(StoreDebtAct)
        .where(StoreDebtAct.member_id == member_id)
        .order_by(StoreDebtAct.id.desc())
        .limit(_MOST)
    )
    listed: dict[str, list[JsonValue]] = {
        "debts": [{"merchant": row.merchant, "balance": row.balance} for row in debtors],
        "acts": [
            {"kind": row.kind, "amount": row.amount, "note": row.note, "at": row.at.isoformat()}
            for row in acts
        ],
    }
    return {name: rows for name, rows in listed.items() if rows}


async def _erase(session: WriteSession, _cipher: FieldCipher, member_id: int) -> Sequence[InProgramme]:
    found = await session.scalars(
        select(StoreDebtAct).where(StoreDebtAct.member_id == member_id, StoreDebtAct.note.is_not(None))
    )
    acts = list(found)
    for act in acts:
        act.note = None
    return acts


async def _hindrances(session: AnySession, member_id: int) -> list[Hindrance]:
    if not await owes_anything(session, member_id):
        return []
    return [Hindrance("store-debt-open", "A merchant is owed something", "بدهی به پذیرنده‌ای تسویه نشده است.")]


PERSONAL_DATA = PersonalData(
    name="store_accounts",
    title="Debts at merchants",
    title_fa="بدهی به پذیرندگان",
    kept="Entries of the books by the member's number, as long as the books; notes go.",
    kept_fa="ردیف‌های دفتر با شمارهٔ عضو تا زمانی که دفتر نگه داشته می‌شود؛ توضیح‌ها پاک می‌شود.",
    export=_export,
    erase=_erase,
    hindrances=_hindrances,
)
