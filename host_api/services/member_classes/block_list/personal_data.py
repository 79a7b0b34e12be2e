"""What the block list holds of a member, for export and erasing."""

from sqlalchemy import select

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.member_classes.block_list import logic
from host_api.services.member_classes.block_list.models import (
    LIFTING_REASON,
    MOBILE,
    NATIONAL_ID,
    REASON,
    BlockEntry,
    BlockLifting,
)


async def _rows(session: AnySession, member_id: int) -> list[BlockEntry]:
    rows = await session.scalars(
        select(BlockEntry).where(BlockEntry.member_id == member_id).order_by(BlockEntry.id)
    )
    return list(rows)


async def _export(session: AnySession, cipher: FieldCipher, member_id: int) -> JsonObject:
    rows = await _rows(session, member_id)
    listed = [(await logic.read(session, cipher, row.id)).model_dump(mode="json") for row in rows]
    return {"entries": [*listed]} if listed else {}


async def _texts(session: AnySession, cipher: FieldCipher, member_id: int) -> list[str]:
    rows = await _rows(session, member_id)
    found = [field.open(cipher, row) for row in rows for field in (MOBILE, NATIONAL_ID)]
    return [text for text in found if text]


async def _erase(session: WriteSession, cipher: FieldCipher, member_id: int) -> list[InProgramme]:
    rows = await _rows(session, member_id)
    liftings = list(
        await session.scalars(select(BlockLifting).where(BlockLifting.entry_id.in_([row.id for row in rows])))
    )
    for row in rows:
        REASON.seal(cipher, row, None)
        # The blind index stays: whoever is not permitted doesn't get in again by being erased.
        row.mobile_sealed = row.national_id_sealed = None
        row.has_blocked_member = False
    for lifting in liftings:
        LIFTING_REASON.seal(cipher, lifting, None)
    return [*rows, *liftings]


BLOCK_DATA = PersonalData(
    name="block_list",
    title="Block list",
    title_fa="فهرست غیرمجازها",
    kept="The kind of reason, and of number and id only what recognises them, until the entry ends.",
    kept_fa="نوع دلیل، و از شماره و کد ملی تنها آنچه بازشناسی می‌کند، تا پایان ثبت.",
    export=_export,
    erase=_erase,
    texts=_texts,
)
