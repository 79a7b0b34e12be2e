"""Queries of the merging service."""

from collections.abc import Collection

from sqlalchemy import or_, select

from host_api.core.database import AnySession, WriteSession
from host_api.services.member_merging.models import RecordAct, RecordMove
from host_api.services.member_merging.schemas import RecordActKind, RecordActState

_UNDER_WAY = (RecordActState.MOVING.value, RecordActState.FAILED.value)


async def lock(session: WriteSession, act_id: int) -> RecordAct | None:
    """The act with this id, which nobody else changes until the transaction ends."""
    return await session.get(RecordAct, act_id, with_for_update=True)


async def moves(session: AnySession, act_id: int) -> list[RecordMove]:
    """An act's moves in the order they were asked."""
    rows = await session.scalars(
        select(RecordMove).where(RecordMove.act_id == act_id).order_by(RecordMove.id)
    )
    return list(rows)


async def is_under_way(session: AnySession, member_ids: Collection[int], but: int | None) -> bool:
    """Whether another act moves something from or to one of these records."""
    found = await session.scalar(
        select(RecordAct.id)
        .where(
            or_(RecordAct.from_member_id.in_(member_ids), RecordAct.to_member_id.in_(member_ids)),
            RecordAct.state.in_(_UNDER_WAY),
            RecordAct.id != (but or 0),
        )
        .limit(1)
    )
    return found is not None


async def standing_merge(session: AnySession, from_member: int, to_member: int) -> RecordAct | None:
    """The merge by which one record went into another."""
    found: RecordAct | None = await session.scalar(
        select(RecordAct)
        .where(
            RecordAct.kind == RecordActKind.MERGE.value,
            RecordAct.from_member_id == from_member,
            RecordAct.to_member_id == to_member,
            RecordAct.state == RecordActState.DONE.value,
        )
        .order_by(RecordAct.id.desc())
        .limit(1)
    )
    return found


async def merged_into(session: AnySession, member_ids: Collection[int]) -> list[int]:
    """Records that went into one of these."""
    rows = await session.scalars(
        select(RecordAct.from_member_id)
        .where(
            RecordAct.kind == RecordActKind.MERGE.value,
            RecordAct.to_member_id.in_(member_ids),
            RecordAct.state.in_([RecordActState.DONE.value, *_UNDER_WAY]),
        )
        .order_by(RecordAct.id)
    )
    return list(rows)


async def done_merges(session: AnySession, after_id: int, limit: int) -> list[RecordAct]:
    """Merges that stand, by id."""
    rows = await session.scalars(
        select(RecordAct)
        .where(
            RecordAct.kind == RecordActKind.MERGE.value,
            RecordAct.state == RecordActState.DONE.value,
            RecordAct.id > after_id,
        )
        .order_by(RecordAct.id)
        .limit(limit)
    )
    return list(rows)
