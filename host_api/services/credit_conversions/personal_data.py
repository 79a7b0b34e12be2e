"""What the credit conversions service holds of a member, for export."""

from pydantic import JsonValue
from sqlalchemy import select

from host_api.core.database import AnySession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import PersonalData
from host_api.services.credit_conversions.models import CreditConversion

_MOST = 10_000


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    rows = await session.scalars(
        select(CreditConversion)
        .where(CreditConversion.member_id == member_id)
        .order_by(CreditConversion.id.desc())
        .limit(_MOST)
    )
    listed: list[JsonValue] = [
        {
            "id": row.id,
            "purse": row.purse,
            "units": row.units,
            "rials": row.rials,
            "state": row.state,
            "asked_at": row.asked_at.isoformat(),
        }
        for row in rows
    ]
    return {"conversions": listed} if listed else {}


PERSONAL_DATA = PersonalData(
    name="credit_conversions",
    title="Credit turned into rials",
    title_fa="تبدیل اعتبار به ریال",
    kept="What was converted, as long as the ledger.",
    kept_fa="آنچه تبدیل شده، تا زمانی که دفتر نگه داشته می‌شود.",
    export=_export,
)
