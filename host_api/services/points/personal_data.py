"""What the points service holds of a member, for export and erasing."""

from pydantic import JsonValue
from sqlalchemy import ColumnElement, func, or_, select

from host_api.core.database import AnySession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import Hindrance, PersonalData
from host_api.services.points.models import PointsAct
from host_api.services.points.schemas import PointsActState

_OPEN = (PointsActState.ASKED.value, PointsActState.SENT.value, PointsActState.DOUBTFUL.value)
_MOST = 10_000


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    acts = await session.scalars(
        select(PointsAct).where(_concerns(member_id)).order_by(PointsAct.id.desc()).limit(_MOST)
    )
    listed: list[JsonValue] = [
        {
            "id": act.id,
            "kind": act.kind,
            "state": act.state,
            "purse": act.purse,
            "amount": act.amount,
            "asked_at": act.asked_at.isoformat(),
            "rrn": act.rrn,
        }
        for act in acts
    ]
    return {"acts": listed} if listed else {}


async def open_acts(session: AnySession, member_id: int) -> int:
    """How many acts on a member's purses wait for a person, the switch or reconciliation."""
    statement = select(func.count(PointsAct.id)).where(_concerns(member_id), PointsAct.state.in_(_OPEN))
    return await session.scalar(statement) or 0


async def _hindrances(session: AnySession, member_id: int) -> list[Hindrance]:
    if not await open_acts(session, member_id):
        return []
    return [
        Hindrance(
            "points-acts-open",
            "Points acts wait for a decision or for the switch",
            "درخواست‌هایی برای امتیاز در انتظار تصمیم یا پاسخ سوئیچ است.",
        )
    ]


def _concerns(member_id: int) -> ColumnElement[bool]:
    return or_(PointsAct.member_id == member_id, PointsAct.to_member_id == member_id)


PERSONAL_DATA = PersonalData(
    name="points",
    title="Points moved by hand",
    title_fa="جابه‌جایی‌های دستی امتیاز",
    kept="Acts with their reasons, whose beginnings stand in the journal too, as long as the ledger.",
    kept_fa="درخواست‌ها با دلیل آن‌ها که آغازش در دفتر هم هست، تا زمانی که دفتر نگه داشته می‌شود.",
    export=_export,
    hindrances=_hindrances,
)
