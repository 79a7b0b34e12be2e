"""What points between members holds of a member, for export and erasing."""

from pydantic import JsonValue
from sqlalchemy import ColumnElement, func, or_, select

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import Hindrance, PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.point_transfers.models import PointTransfer
from host_api.services.point_transfers.schemas import PointTransferState

_OPEN = (
    PointTransferState.SENT.value,
    PointTransferState.DOUBTFUL.value,
    PointTransferState.CANCELLING.value,
)
_MOST = 10_000


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    rows = await session.scalars(
        select(PointTransfer).where(_concerns(member_id)).order_by(PointTransfer.id.desc()).limit(_MOST)
    )
    listed: list[JsonValue] = [
        {
            "id": row.id,
            "state": row.state,
            "units": row.units,
            "is_giver": row.member_id == member_id,
            "asked_at": row.asked_at.isoformat(),
        }
        for row in rows
    ]
    return {"transfers": listed} if listed else {}


async def _erase(session: WriteSession, _cipher: FieldCipher, member_id: int) -> list[InProgramme]:
    rows = list(await session.scalars(select(PointTransfer).where(_concerns(member_id))))
    for row in rows:
        row.cancel_reason = None
    return [*rows]


async def _hindrances(session: AnySession, member_id: int) -> list[Hindrance]:
    is_open = select(func.count(PointTransfer.id)).where(_concerns(member_id), PointTransfer.state.in_(_OPEN))
    if not await session.scalar(is_open):
        return []
    return [
        Hindrance(
            "point-transfers-open",
            "Points given or got are on their way",
            "امتیازهای داده یا گرفته‌شده در راه سوئیچ است.",
        )
    ]


def _concerns(member_id: int) -> ColumnElement[bool]:
    return or_(PointTransfer.member_id == member_id, PointTransfer.to_member_id == member_id)


PERSONAL_DATA = PersonalData(
    name="point_transfers",
    title="Points given and got",
    title_fa="امتیازهای داده و گرفته‌شده",
    kept="Who gave whom how much by member numbers, as long as the ledger.",
    kept_fa="این که با شمارهٔ عضویت چه کسی به چه کسی چه اندازه داده، تا زمانی که دفتر نگه داشته می‌شود.",
    export=_export,
    erase=_erase,
    hindrances=_hindrances,
)
