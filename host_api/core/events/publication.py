"""Publishes events: numbers what is committed, so that a reader who has seen a number misses none below.

Ids alone wouldn't do: PostgreSQL gives them out before commit, so a lower one may appear after a higher one.
An event that depends on another is emitted after the other was committed, has the higher id, and so gets the
higher number.
"""

from sqlalchemy import exists, select
from sqlalchemy.dialects import postgresql, sqlite

from host_api.core.database import AnySession, WriteSession
from host_api.core.events.models import UNPUBLISHED, Event, EventStream
from host_api.core.isolation import ANY_PROGRAMME, programme_of
from host_api.core.programmes import Programme


async def programmes_with_unpublished(session: AnySession) -> list[int]:
    """The programmes that have events to be published."""
    waiting = exists().where(Event.programme_id == Programme.id, Event.sequence == UNPUBLISHED)
    statement = select(Programme.id).where(waiting).order_by(Programme.id)
    return list(await session.scalars(statement, execution_options=ANY_PROGRAMME))


async def publish(session: WriteSession, limit: int) -> list[Event]:
    """Number up to `limit` events of the session's programme, in order; others who publish wait meanwhile."""
    stream = await _lock_stream(session)
    events = list(
        await session.scalars(
            select(Event).where(Event.sequence == UNPUBLISHED).order_by(Event.id).limit(limit)
        )
    )
    for event in events:
        stream.last_sequence += 1
        event.sequence = stream.last_sequence
    await session.flush()
    return events


async def _lock_stream(session: WriteSession) -> EventStream:
    locked = select(EventStream).with_for_update()
    stream: EventStream | None = await session.scalar(locked)
    if stream is not None:
        return stream
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    first = {"programme_id": programme_of(session.sync_session), "last_sequence": 0}
    await session.execute(
        (sqlite.insert if is_sqlite else postgresql.insert)(EventStream)
        .values(first)
        .on_conflict_do_nothing()
    )
    return (await session.scalars(locked)).one()
