"""What the discount codes service holds of a member, for export and erasing."""

from pydantic import JsonValue
from sqlalchemy import select

from host_api.core.database import AnySession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import PersonalData
from host_api.services.discount_codes.models import DiscountCode

_MOST = 10_000


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    codes = await session.scalars(
        select(DiscountCode)
        .where(DiscountCode.member_id == member_id)
        .order_by(DiscountCode.id.desc())
        .limit(_MOST)
    )
    listed: list[JsonValue] = [
        {
            "code": code.code,
            "state": code.state,
            "taken_at": None if code.taken_at is None else code.taken_at.isoformat(),
        }
        for code in codes
    ]
    return {"codes": listed} if listed else {}


PERSONAL_DATA = PersonalData(
    name="discount_codes",
    title="Discount codes given",
    title_fa="کدهای تخفیف داده‌شده",
    kept="Which codes were given to the member's number, for the suppliers' accounts.",
    kept_fa="این که چه کدهایی به شمارهٔ عضو داده شد، برای حساب تأمین‌کنندگان.",
    export=_export,
)
