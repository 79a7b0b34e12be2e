"""What the credit grants service holds of a member, for export."""

from pydantic import JsonValue
from sqlalchemy import select

from host_api.core.database import AnySession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import PersonalData
from host_api.services.credit_grants.models import CreditGift, CreditGrant

_MOST = 10_000


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    rows = await session.execute(
        select(CreditGift, CreditGrant)
        .join(CreditGrant, CreditGrant.id == CreditGift.grant_id)
        .where(CreditGift.member_id == member_id)
        .order_by(CreditGift.id.desc())
        .limit(_MOST)
    )
    listed: list[JsonValue] = [
        {"grant": grant.title, "purse": grant.purse, "units": grant.units, "state": gift.state}
        for gift, grant in rows
    ]
    return {"gifts": listed} if listed else {}


PERSONAL_DATA = PersonalData(
    name="credit_grants",
    title="Credit and gifts from the club",
    title_fa="اعتبار و هدیهٔ باشگاه",
    kept="What was given, as long as the ledger.",
    kept_fa="آنچه داده شده، تا زمانی که دفتر نگه داشته می‌شود.",
    export=_export,
)
