"""What the disputes service holds of a member, for export and erasing."""

from sqlalchemy import select

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import Hindrance, PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.disputes import logic
from host_api.services.disputes.models import Dispute, DisputeNote
from host_api.services.disputes.schemas import DisputeState

# Stands where somebody's words were.
_ERASED = "—"


async def _cases(session: AnySession, member_id: int) -> list[Dispute]:
    rows = await session.scalars(select(Dispute).where(Dispute.member_id == member_id).order_by(Dispute.id))
    return list(rows)


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    cases = [(await logic.read(session, case.id))[0] for case in await _cases(session, member_id)]
    return {"cases": [case.model_dump(mode="json") for case in cases]} if cases else {}


async def _erase(session: WriteSession, _cipher: FieldCipher, member_id: int) -> list[InProgramme]:
    cases = await _cases(session, member_id)
    notes = await session.scalars(
        select(DisputeNote).where(DisputeNote.dispute_id.in_([case.id for case in cases]))
    )
    rows: list[InProgramme] = [*cases]
    for note in notes:
        note.text = _ERASED
        rows.append(note)
    for case in cases:
        case.decision = case.decision and _ERASED
    return rows


async def _hindrances(session: AnySession, member_id: int) -> list[Hindrance]:
    if all(case.state == DisputeState.DECIDED for case in await _cases(session, member_id)):
        return []
    return [
        Hindrance(
            "dispute-open",
            "A dispute about a transaction of the member is not decided",
            "اعتراضی به یکی از تراکنش‌های عضو هنوز تصمیم‌گیری نشده است.",
        )
    ]


PERSONAL_DATA = PersonalData(
    name="disputes",
    title="Disputes",
    title_fa="اعتراض‌ها",
    kept="Which transactions were objected to, when, and the outcome, without what was written, as long as "
    "the ledger.",
    kept_fa="این که به کدام تراکنش‌ها، کی و با چه نتیجه‌ای اعتراض شده، بدون نوشته‌ها، تا زمانی که دفتر نگه "
    "داشته می‌شود.",
    export=_export,
    erase=_erase,
    hindrances=_hindrances,
)
