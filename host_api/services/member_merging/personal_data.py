"""What the merging service holds of a member, for export and erasing."""

from sqlalchemy import or_, select

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import Hindrance, PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.member_merging import logic
from host_api.services.member_merging.models import REASON, RecordAct
from host_api.services.member_merging.schemas import RecordActState

_OPEN = (RecordActState.ASKED, RecordActState.MOVING, RecordActState.FAILED)


async def _acts(session: AnySession, member_id: int) -> list[RecordAct]:
    rows = await session.scalars(
        select(RecordAct)
        .where(or_(RecordAct.from_member_id == member_id, RecordAct.to_member_id == member_id))
        .order_by(RecordAct.id)
    )
    return list(rows)


async def _export(session: AnySession, cipher: FieldCipher, member_id: int) -> JsonObject:
    acts = await _acts(session, member_id)
    listed = [(await logic.read(session, cipher, act.id)).model_dump(mode="json") for act in acts]
    return {"acts": [*listed]} if listed else {}


async def _erase(session: WriteSession, cipher: FieldCipher, member_id: int) -> list[InProgramme]:
    acts = await _acts(session, member_id)
    for act in acts:
        REASON.seal(cipher, act, None)
    return [*acts]


async def _hindrances(session: AnySession, member_id: int) -> list[Hindrance]:
    if not any(act.state in _OPEN for act in await _acts(session, member_id)):
        return []
    return [
        Hindrance(
            "member-record-act-open",
            "A merge or split is asked for or under way",
            "ادغام یا تفکیکی درخواست شده یا در جریان است.",
        )
    ]


PERSONAL_DATA = PersonalData(
    name="merging",
    title="Merges and splits",
    title_fa="ادغام و تفکیک",
    kept="Which member numbers were one person, without the reasons in words, as long as the ledger.",
    kept_fa="این که کدام شماره‌ها یک نفر بوده‌اند، بدون شرح دلیل، تا زمانی که دفتر نگه داشته می‌شود.",
    export=_export,
    erase=_erase,
    hindrances=_hindrances,
)
