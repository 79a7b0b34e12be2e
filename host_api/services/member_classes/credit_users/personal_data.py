"""What is held of a member as a credit user, for export and erasing."""

from sqlalchemy import select

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.member_classes.credit_users import logic
from host_api.services.member_classes.credit_users.models import REASON, CreditUser
from host_api.services.member_classes.credit_users.schemas import CreditState


async def _rows(session: AnySession, member_id: int) -> list[CreditUser]:
    rows = await session.scalars(
        select(CreditUser).where(CreditUser.member_id == member_id).order_by(CreditUser.id)
    )
    return list(rows)


async def _export(session: AnySession, cipher: FieldCipher, member_id: int) -> JsonObject:
    rows = await _rows(session, member_id)
    return {"credits": [logic.shown(cipher, row).model_dump(mode="json") for row in rows]} if rows else {}


async def _erase(session: WriteSession, cipher: FieldCipher, member_id: int) -> list[InProgramme]:
    rows = await _rows(session, member_id)
    for row in rows:
        REASON.seal(cipher, row, None)
        if row.state == CreditState.ACTIVE:
            await logic.end(session, row.id)
    return [*rows]


CREDIT_DATA = PersonalData(
    name="credit",
    title="Credit",
    title_fa="اعتبار",
    kept="Ceilings and validities without their reasons, as the ledger's own.",
    kept_fa="سقف‌ها و مدت‌ها بدون دلیل، همراه دفتر.",
    export=_export,
    erase=_erase,
)
