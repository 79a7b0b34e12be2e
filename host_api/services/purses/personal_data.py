"""What the purses service holds of a member, for export."""

from pydantic import JsonValue
from sqlalchemy import select

from host_api.core.database import AnySession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import PersonalData
from host_api.services.purses.models import PurseConversion

_MOST = 10_000


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    rows = await session.scalars(
        select(PurseConversion)
        .where(PurseConversion.member_id == member_id)
        .order_by(PurseConversion.id.desc())
        .limit(_MOST)
    )
    listed: list[JsonValue] = [
        {
            "id": row.id,
            "from_purse": row.from_purse,
            "to_purse": row.to_purse,
            "units": row.units,
            "state": row.state,
            "asked_at": row.asked_at.isoformat(),
        }
        for row in rows
    ]
    return {"conversions": listed} if listed else {}


PERSONAL_DATA = PersonalData(
    name="purses",
    title="Conversions between purses",
    title_fa="تبدیل میان کیف‌ها",
    kept="What was converted, as long as the ledger.",
    kept_fa="آنچه تبدیل شده، تا زمانی که دفتر نگه داشته می‌شود.",
    export=_export,
)
