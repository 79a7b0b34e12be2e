"""What agreements hold of a member, for export and erasing."""

from sqlalchemy import select

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.agreements.acceptances import shown
from host_api.services.agreements.models import ADDRESS, AgreementAcceptance


async def _rows(session: AnySession, member_id: int) -> list[AgreementAcceptance]:
    rows = await session.scalars(
        select(AgreementAcceptance)
        .where(AgreementAcceptance.member_id == member_id)
        .order_by(AgreementAcceptance.id)
    )
    return list(rows)


async def _export(session: AnySession, cipher: FieldCipher, member_id: int) -> JsonObject:
    rows = await _rows(session, member_id)
    if not rows:
        return {}
    return {
        "acceptances": [
            {**shown(row).model_dump(mode="json"), "client_address": ADDRESS.open(cipher, row)}
            for row in rows
        ]
    }


async def _erase(session: WriteSession, _cipher: FieldCipher, member_id: int) -> list[InProgramme]:
    rows = await _rows(session, member_id)
    for row in rows:
        row.address_sealed = None
        if row.proof == "paper":
            row.reference = None
    return [*rows]


PERSONAL_DATA = PersonalData(
    name="agreements",
    title="Agreements accepted",
    title_fa="توافق‌نامه‌های پذیرفته‌شده",
    kept="Which texts were accepted, when and how, without addresses and papers' numbers, as long as the "
    "ledger.",
    kept_fa="این که کدام متن‌ها کی و چگونه پذیرفته شده‌اند، بدون نشانی‌ها و شمارهٔ اسناد، "
    "تا زمانی که دفتر نگه داشته می‌شود.",
    export=_export,
    erase=_erase,
)
