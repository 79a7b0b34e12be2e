"""Making, changing and finding event types."""

from collections.abc import Sequence

from pydantic import JsonValue
from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.errors import Problem
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version, etag
from host_api.services.earning_events.types.attributes import EventAttribute, check_schema
from host_api.services.earning_events.types.listing import EventTypeQuery
from host_api.services.earning_events.types.models import EventType
from host_api.services.earning_events.types.schemas import (
    EarningTypeCreate,
    EarningTypeRead,
    EarningTypeUpdate,
    EventSource,
    FrequencyCap,
)
from host_api.services.groups.audience import stored_audience


class EventTypeNotFound(Problem):
    """There is no such type of events."""

    status = 404
    code = "event-type-not-found"
    title = "Type of events not found"
    title_fa = "نوع رویداد پیدا نشد"
    detail = "There is no type of events with this id or code."
    detail_fa = "نوع رویدادی با این شناسه یا کد وجود ندارد."


class EventTypeExists(Problem):
    """The code is taken."""

    status = 409
    code = "event-type-exists"
    title = "Code is taken"
    title_fa = "این کد گرفته شده است"
    detail = "There is a type of events with this code already."
    detail_fa = "نوع رویدادی با این کد هست."
    field = "code"


class AttributesDontFit(Problem):
    """New attributes don't go with those that are there."""

    status = 409
    code = "event-attributes-dont-fit"
    title = "Attributes don't fit"
    title_fa = "ویژگی‌ها نمی‌خوانند"
    detail = "New attributes have names of their own, aren't required, and all metrics have 64 characters."
    detail_fa = "ویژگی تازه نام خودش را دارد، اجباری نیست، و سنجه‌ها روی هم ۶۴ نویسه‌اند."
    field = "more_attributes"


async def create(session: WriteSession, wanted: EarningTypeCreate) -> tuple[EarningTypeRead, str]:
    """Make a type; it and its ETag.

    Raises:
        EventTypeExists
    """
    row = EventType(
        code=wanted.code,
        title=wanted.title,
        title_fa=wanted.title_fa,
        is_active=True,
        attributes=[entry.model_dump(mode="json") for entry in wanted.attributes],
        metric=wanted.metric,
        sources=_sources(wanted.sources),
        partner_keys=wanted.partner_keys,
        unique_by=wanted.unique_by,
        caps=_caps(wanted.caps),
        late_days=wanted.late_days,
        needs_moderation=wanted.needs_moderation,
        audience=stored_audience(wanted.audience),
        created_at=utc_now(),
    )
    async with conflict_as(EventTypeExists()):
        session.add(row)
        await session.flush()
    return shown(row), etag(row)


async def change(
    session: WriteSession, type_id: int, wanted: EarningTypeUpdate, if_match: str
) -> tuple[EarningTypeRead, str]:
    """Change a type; it and its ETag.

    Raises:
        EventTypeNotFound, ChangedMeanwhile, AttributesDontFit
    """
    row = await session.get(EventType, type_id, with_for_update=True)
    if row is None:
        raise EventTypeNotFound
    check_version(row, if_match)
    if wanted.more_attributes:
        together = [*attributes_of(row), *wanted.more_attributes]
        try:
            check_schema(together, row.metric)
        except ValueError:
            raise AttributesDontFit from None
        if any(entry.is_required for entry in wanted.more_attributes):
            raise AttributesDontFit
        row.attributes = [entry.model_dump(mode="json") for entry in together]
    for name in ("title", "title_fa", "is_active", "partner_keys", "late_days", "needs_moderation"):
        value = getattr(wanted, name)
        if value is not None:
            setattr(row, name, value)
    if wanted.sources is not None:
        row.sources = _sources(wanted.sources)
    if wanted.caps is not None:
        row.caps = _caps(wanted.caps)
    if "audience" in wanted.model_fields_set:
        row.audience = stored_audience(wanted.audience)
    await session.flush()
    return shown(row), etag(row)


async def read(session: AnySession, type_id: int) -> tuple[EarningTypeRead, str]:
    """A type, and its ETag.

    Raises:
        EventTypeNotFound
    """
    row = await session.get(EventType, type_id)
    if row is None:
        raise EventTypeNotFound
    return shown(row), etag(row)


async def read_page(session: ReadSession, query: EventTypeQuery) -> Page[EarningTypeRead]:
    """A page of types."""
    rows, next_cursor = await read_rows(session, select(EventType), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


async def find(session: AnySession, code: str) -> EventType | None:
    """The type with this code."""
    return await session.scalar(select(EventType).where(EventType.code == code))


async def by_ids(session: AnySession, type_ids: Sequence[int]) -> dict[int, EventType]:
    """Types by id."""
    rows = await session.scalars(select(EventType).where(EventType.id.in_(type_ids)))
    return {row.id: row for row in rows}


def attributes_of(row: EventType) -> list[EventAttribute]:
    """What is told of such an event."""
    return [EventAttribute.model_validate(entry) for entry in row.attributes]


def caps_of(row: EventType) -> list[FrequencyCap]:
    """How often a member may earn by it."""
    return [FrequencyCap.model_validate(entry) for entry in row.caps]


def shown(row: EventType) -> EarningTypeRead:
    """A type as the API tells of it."""
    return EarningTypeRead(
        id=row.id,
        code=row.code,
        title=row.title,
        title_fa=row.title_fa,
        is_active=row.is_active,
        attributes=attributes_of(row),
        metric=row.metric,
        sources=[EventSource(source) for source in row.sources],
        partner_keys=row.partner_keys,
        unique_by=row.unique_by,
        caps=caps_of(row),
        late_days=row.late_days,
        needs_moderation=row.needs_moderation,
        audience=row.audience,
        created_at=row.created_at,
    )


def _sources(sources: Sequence[EventSource]) -> list[str]:
    return sorted({source.value for source in sources})


def _caps(caps: Sequence[FrequencyCap]) -> list[dict[str, JsonValue]]:
    return [cap.model_dump(mode="json") for cap in caps]
