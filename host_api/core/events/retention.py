"""Forgets events that have been kept long enough."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from sqlalchemy import delete, select

from host_api.core.database import WriteSession
from host_api.core.events.models import UNPUBLISHED, Event

ReleaseEvents = Callable[[WriteSession, Sequence[int]], Awaitable[set[int]]]


async def forget_events(session: WriteSession, before: datetime, limit: int, release: ReleaseEvents) -> int:
    """Delete up to `limit` of the oldest events of the session's programme; how many.

    Parameters:
        release: lets go of what refers to the events with these ids, and names those still needed.
    """
    oldest = await session.execute(
        select(Event.id, Event.at).where(Event.sequence > UNPUBLISHED).order_by(Event.sequence).limit(limit)
    )
    ids = [event_id for event_id, at in oldest if at < before]
    if not ids:
        return 0
    needed = await release(session, ids)
    freed = [event_id for event_id in ids if event_id not in needed]
    await session.execute(
        delete(Event).where(Event.id.in_(freed)).execution_options(synchronize_session=False)
    )
    return len(freed)
