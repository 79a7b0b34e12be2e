"""Brokers and funds whose files are imported, and ready-made clubs of them."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version, etag
from host_api.services.brokerage.listing import SourceQuery
from host_api.services.brokerage.models import BrokerageSource
from host_api.services.brokerage.problems import BrokerageSourceNotFound, BrokerageSourceTaken
from host_api.services.brokerage.schemas import (
    BrokerageSourceCreate,
    BrokerageSourceKind,
    BrokerageSourceRead,
    BrokerageSourceUpdate,
    ClubTemplate,
    ClubTemplateRead,
)
from host_api.services.earning_events.types import logic as event_types
from host_api.services.earning_events.types.schemas import EarningTypeCreate

_FILE = Path(__file__).with_name("club_templates.toml")


async def create(session: WriteSession, wanted: BrokerageSourceCreate) -> tuple[BrokerageSourceRead, str]:
    """Add a source; it and its ETag.

    Raises:
        BrokerageSourceTaken
    """
    row = BrokerageSource(
        code=wanted.code,
        kind=wanted.kind.value,
        title=wanted.title,
        title_fa=wanted.title_fa,
        event_code=wanted.event_code,
        is_active=True,
        created_at=utc_now(),
    )
    async with conflict_as(BrokerageSourceTaken()):
        session.add(row)
        await session.flush()
    return shown(row), etag(row)


async def change(
    session: WriteSession, source_id: int, wanted: BrokerageSourceUpdate, if_match: str
) -> tuple[BrokerageSourceRead, str]:
    """Change a source; it and its ETag.

    Raises:
        BrokerageSourceNotFound, ChangedMeanwhile
    """
    row = await session.get(BrokerageSource, source_id, with_for_update=True)
    if row is None:
        raise BrokerageSourceNotFound
    check_version(row, if_match)
    for name in ("title", "title_fa", "is_active"):
        value = getattr(wanted, name)
        if value is not None:
            setattr(row, name, value)
    if "event_code" in wanted.model_fields_set:
        row.event_code = wanted.event_code
    await session.flush()
    return shown(row), etag(row)


async def read(session: AnySession, source_id: int) -> tuple[BrokerageSourceRead, str]:
    """A source, and its ETag.

    Raises:
        BrokerageSourceNotFound
    """
    row = await session.get(BrokerageSource, source_id)
    if row is None:
        raise BrokerageSourceNotFound
    return shown(row), etag(row)


async def read_page(session: ReadSession, query: SourceQuery) -> Page[BrokerageSourceRead]:
    """A page of sources."""
    rows, next_cursor = await read_rows(session, select(BrokerageSource), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


@cache
def templates() -> Mapping[ClubTemplate, ClubTemplateRead]:
    """Ready-made clubs, in the order in which people see them."""
    written = tomllib.loads(_FILE.read_text("utf-8"))
    return {
        template: ClubTemplateRead.model_validate({"template": template, **written[template]})
        for template in ClubTemplate
    }


async def use_template(session: WriteSession, template: ClubTemplate) -> BrokerageSourceRead:
    """Make the source as the template has it, and its type of events where there is none of that code.

    Raises:
        BrokerageSourceTaken
    """
    found = templates()[template]
    made, _ = await create(session, found.source)
    kind = EarningTypeCreate.model_validate(found.event_type)
    if await event_types.find(session, kind.code) is None:
        await event_types.create(session, kind)
    return made


def shown(row: BrokerageSource) -> BrokerageSourceRead:
    """A source as the API tells of it."""
    return BrokerageSourceRead(
        id=row.id,
        code=row.code,
        kind=BrokerageSourceKind(row.kind),
        title=row.title,
        title_fa=row.title_fa,
        event_code=row.event_code,
        is_active=row.is_active,
        created_at=row.created_at,
    )
