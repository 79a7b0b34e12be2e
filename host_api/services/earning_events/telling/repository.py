"""Queries for events."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from host_api.core.database import AnySession, WriteSession
from host_api.core.tehran_time import UtcPeriod
from host_api.services.earning_events.telling.models import EarningEvent, EarningTaking
from host_api.services.earning_events.telling.schemas import EventState
from host_api.services.earning_events.types.models import EventType

# What counts for caps and for achievements.
COUNTED = (EventState.WAITING, EventState.QUEUED, EventState.SENT, EventState.EARNED, EventState.DOUBTFUL)
_AT_ONCE = 400


async def lock(session: WriteSession, event_id: int) -> EarningEvent | None:
    """An event that nobody else changes until the transaction ends."""
    return await session.get(EarningEvent, event_id, with_for_update=True)


async def has_due(session: AnySession, now: datetime) -> bool:
    """Whether the job has something to do; only reads."""
    due = select(EarningEvent.id).where(EarningEvent.next_try_at <= now).limit(1)
    return await session.scalar(due) is not None


async def lock_due(session: WriteSession, now: datetime, limit: int) -> list[EarningEvent]:
    """Events that the job goes on with now, in the order of their members."""
    due = (
        select(EarningEvent)
        .where(EarningEvent.next_try_at <= now)
        .order_by(EarningEvent.next_try_at, EarningEvent.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return sorted(await session.scalars(due), key=lambda event: (event.member_id, event.id))


async def latest(session: AnySession, type_id: int, duplicate_key: str) -> EarningEvent | None:
    """The last revision of an event."""
    return await session.scalar(
        select(EarningEvent)
        .where(EarningEvent.type_id == type_id, EarningEvent.duplicate_key == duplicate_key)
        .order_by(EarningEvent.revision.desc())
        .limit(1)
    )


async def count(
    session: AnySession, type_id: int, member_id: int, period: UtcPeriod | None, without: int | None
) -> int:
    """How many events of a type count for a member."""
    statement = select(func.count(EarningEvent.id)).where(
        EarningEvent.member_id == member_id,
        EarningEvent.type_id == type_id,
        EarningEvent.state.in_(COUNTED),
    )
    if period is not None:
        statement = statement.where(
            EarningEvent.occurred_at >= period.start, EarningEvent.occurred_at < period.end
        )
    if without is not None:
        statement = statement.where(EarningEvent.id != without)
    return await session.scalar(statement) or 0


async def earned(
    session: AnySession, type_id: int, member_ids: Sequence[int], period: UtcPeriod
) -> list[EarningEvent]:
    """The events of a type that some members earned by in a period, in the order of their times."""
    rows = await session.scalars(
        select(EarningEvent)
        .where(
            EarningEvent.member_id.in_(member_ids),
            EarningEvent.type_id == type_id,
            EarningEvent.state == EventState.EARNED.value,
            EarningEvent.occurred_at >= period.start,
            EarningEvent.occurred_at < period.end,
        )
        .order_by(EarningEvent.occurred_at, EarningEvent.id)
    )
    return list(rows)


async def by_references(session: AnySession, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Ids of the last revisions by the type's code and the reference."""
    found: dict[tuple[str, str], int] = {}
    for first in range(0, len(keys), _AT_ONCE):
        chunk = keys[first : first + _AT_ONCE]
        rows = await session.execute(
            select(EventType.code, EarningEvent.reference, func.max(EarningEvent.id))
            .join(EventType, EventType.id == EarningEvent.type_id)
            .where(
                EventType.code.in_({code for code, _ in chunk}),
                EarningEvent.reference.in_({reference for _, reference in chunk}),
            )
            .group_by(EventType.code, EarningEvent.reference)
        )
        found |= {(code, reference): event_id for code, reference, event_id in rows}
    return found


async def takings(session: AnySession, event_id: int) -> list[EarningTaking]:
    """What was taken back of an event, in order."""
    rows = await session.scalars(
        select(EarningTaking).where(EarningTaking.event_id == event_id).order_by(EarningTaking.id)
    )
    return list(rows)
