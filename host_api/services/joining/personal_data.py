"""What joining holds of somebody who has become a member, for export and erasing."""

from sqlalchemy import select

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.joining import logic
from host_api.services.joining.models import DETAILS, MOBILE, NATIONAL_ID, Application


async def _applications(session: AnySession, member_id: int) -> list[Application]:
    rows = await session.scalars(
        select(Application).where(Application.member_id == member_id).order_by(Application.id)
    )
    return list(rows)


async def _export(session: AnySession, cipher: FieldCipher, member_id: int) -> JsonObject:
    found = await _applications(session, member_id)
    return (
        {"applications": [logic.shown(cipher, row).model_dump(mode="json") for row in found]} if found else {}
    )


async def _erase(session: WriteSession, cipher: FieldCipher, member_id: int) -> list[InProgramme]:
    found = await _applications(session, member_id)
    for row in found:
        row.reason = None
        for field in (DETAILS, MOBILE, NATIONAL_ID):
            field.seal(cipher, row, None)
    return [*found]


PERSONAL_DATA = PersonalData(
    name="joining",
    title="Applications",
    title_fa="درخواست‌های عضویت",
    kept="When and in which way the member joined, and who approved it. Attempts that failed, 180 days.",
    kept_fa="این که عضو کی و از چه راهی پیوسته و چه کسی تأیید کرده است. تلاش‌های ناموفق، ۱۸۰ روز.",
    export=_export,
    erase=_erase,
)
