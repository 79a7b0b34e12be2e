"""What the learning service holds of a member, for export and erasing."""

from pydantic import JsonValue
from sqlalchemy import func, select

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import Hindrance, PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.learning.models import LearningPurchase
from host_api.services.learning.purchases import progress
from host_api.services.learning.purchases.schemas import LearningPurchaseState

_MOST = 10_000
_OPEN = (
    LearningPurchaseState.ASKED.value,
    LearningPurchaseState.DOUBTFUL.value,
    LearningPurchaseState.RETURNING.value,
    LearningPurchaseState.UNRETURNED.value,
)


async def _rows(session: AnySession, member_id: int) -> list[LearningPurchase]:
    rows = await session.scalars(
        select(LearningPurchase)
        .where(LearningPurchase.member_id == member_id)
        .order_by(LearningPurchase.id.desc())
        .limit(_MOST)
    )
    return list(rows)


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    listed: list[JsonValue] = []
    for row in await _rows(session, member_id):
        done: list[JsonValue] = [*await progress.done_lessons(session, row.id)]
        listed.append(
            {
                "id": row.id,
                "kind": row.kind,
                "subject_id": row.subject_id,
                "state": row.state,
                "price": row.price,
                "asked_at": row.asked_at.isoformat(),
                "lessons_done": done,
                "certificate_number": row.certificate_number,
            }
        )
    return {"purchases": listed} if listed else {}


async def _erase(session: WriteSession, _cipher: FieldCipher, member_id: int) -> list[InProgramme]:
    rows = await _rows(session, member_id)
    for row in rows:
        await progress.forget(session, row)
        row.reason = row.certificate_number = None
    return [*rows]


async def _hindrances(session: AnySession, member_id: int) -> list[Hindrance]:
    is_open = select(func.count(LearningPurchase.id)).where(
        LearningPurchase.member_id == member_id, LearningPurchase.state.in_(_OPEN)
    )
    if not await session.scalar(is_open):
        return []
    return [
        Hindrance(
            "learning-open",
            "Courses, reports or books are on their way to the switch or back",
            "دوره، گزارش یا کتابی در راه سوئیچ یا برگشت است.",
        )
    ]


PERSONAL_DATA = PersonalData(
    name="learning",
    title="Courses, reports and books",
    title_fa="دوره‌ها، گزارش‌ها و کتاب‌ها",
    kept="What the member's number got, as long as the ledger.",
    kept_fa="این که شمارهٔ عضو چه گرفته است، تا زمانی که دفتر نگه داشته می‌شود.",
    export=_export,
    erase=_erase,
    hindrances=_hindrances,
)
