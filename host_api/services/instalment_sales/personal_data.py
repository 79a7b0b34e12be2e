"""What instalment sales hold of a member, for export and erasing."""

from pydantic import JsonValue
from sqlalchemy import exists, select

from host_api.core.database import AnySession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import Hindrance, PersonalData
from host_api.services.instalment_sales.models import InstalmentSale
from host_api.services.instalment_sales.states import InstalmentSaleState

_MOST = 10_000


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    rows = await session.scalars(
        select(InstalmentSale)
        .where(InstalmentSale.member_id == member_id)
        .order_by(InstalmentSale.id.desc())
        .limit(_MOST)
    )
    listed: list[JsonValue] = [
        {
            "id": row.id,
            "seller_id": row.seller_id,
            "price_rials": row.price_rials,
            "charge_rials": row.charge_rials,
            "paid_rials": row.paid_rials,
            "state": row.state,
            "started_on": row.started_on.isoformat(),
        }
        for row in rows
    ]
    return {"sales": listed} if listed else {}


async def _hindrances(session: AnySession, member_id: int) -> list[Hindrance]:
    is_running = exists().where(
        InstalmentSale.member_id == member_id, InstalmentSale.state == InstalmentSaleState.RUNNING.value
    )
    if not await session.scalar(select(is_running)):
        return []
    return [
        Hindrance(
            "instalment-sales-open", "Instalments are still to be paid", "قسط‌هایی هنوز پرداخت نشده است."
        )
    ]


PERSONAL_DATA = PersonalData(
    name="instalment_sales",
    title="Purchases in instalments",
    title_fa="خریدهای اقساطی",
    kept="What was bought in instalments and paid, by member number, as long as the ledger.",
    kept_fa="خریدهای اقساطی و پرداخت‌ها با شمارهٔ عضویت، تا زمانی که دفتر نگه داشته می‌شود.",
    export=_export,
    hindrances=_hindrances,
)
