"""Reading events."""

from collections.abc import Iterable

from sqlalchemy import select

from host_api.core.database import AnySession, ReadSession
from host_api.core.errors import Problem
from host_api.core.events.event_type import DeclaredType
from host_api.core.events.models import UNPUBLISHED, Event
from host_api.core.listing import Page, read_rows
from host_api.services.events.listing import EventQuery
from host_api.services.events.schemas import EventRead, EventSubject, EventTypeCatalogue, EventTypeRead


class EventNotFound(Problem):
    """No event has this id."""

    status = 404
    code = "event-not-found"
    title = "Event not found"
    title_fa = "رویداد پیدا نشد"
    detail = "There is no event with this id, or it was kept long enough and has been forgotten."
    detail_fa = "رویدادی با این شناسه وجود ندارد یا مدت نگهداری آن گذشته است."


async def find(session: AnySession, message_id: str) -> Event:
    """A published event.

    Raises:
        EventNotFound
    """
    event: Event | None = await session.scalar(
        select(Event).where(Event.message_id == message_id, Event.sequence > UNPUBLISHED)
    )
    if event is None:
        raise EventNotFound
    return event


async def read_page(session: ReadSession, query: EventQuery) -> Page[EventRead]:
    """A page of events."""
    events, next_cursor = await read_rows(session, select(Event).where(Event.sequence > UNPUBLISHED), query)
    return Page(items=[read_of(event) for event in events], next_cursor=next_cursor)


def read_of(event: Event) -> EventRead:
    """An event as it is told, to webhooks too."""
    return EventRead(
        id=event.message_id,
        type=event.type,
        version=event.type_version,
        sequence=event.sequence,
        timestamp=event.at,
        subject=EventSubject(kind=event.subject_kind, id=event.subject_id),
        data=event.payload,
    )


def types_of(catalogue: Iterable[DeclaredType]) -> EventTypeCatalogue:
    """The catalogue as it is told."""
    return EventTypeCatalogue(
        items=[
            EventTypeRead(
                name=kind.name,
                version=kind.version,
                title=kind.title,
                title_fa=kind.title_fa,
                payload_schema={name: part for name, part in kind.schema.items() if name != "example"},
                example=dict(kind.example),
            )
            for kind in catalogue
        ]
    )
