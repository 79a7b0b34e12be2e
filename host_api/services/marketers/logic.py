"""Making, changing and finding marketers."""

from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version, etag
from host_api.core.tehran_time import tehran_date
from host_api.services.marketers.listing import MarketerQuery
from host_api.services.marketers.models import Marketer
from host_api.services.marketers.problems import MarketerExists, MarketerNotFound
from host_api.services.marketers.schemas import MarketerCreate, MarketerRead, MarketerUpdate
from host_api.services.members import logic as members


async def create(session: WriteSession, wanted: MarketerCreate) -> tuple[MarketerRead, str]:
    """Have a member be a marketer; it and its ETag.

    Raises:
        members.MemberNotFound, MarketerExists
    """
    await members.read(session, wanted.member_id)
    now = utc_now()
    row = Marketer(
        member_id=wanted.member_id,
        since=wanted.since or tehran_date(now),
        is_active=True,
        created_at=now,
    )
    async with conflict_as(MarketerExists()):
        session.add(row)
        await session.flush()
    return shown(row), etag(row)


async def change(
    session: WriteSession, marketer_id: int, wanted: MarketerUpdate, if_match: str
) -> tuple[MarketerRead, str]:
    """Change a marketer; it and its ETag.

    Raises:
        MarketerNotFound, ChangedMeanwhile
    """
    row = await lock(session, marketer_id)
    check_version(row, if_match)
    row.is_active = wanted.is_active
    await session.flush()
    return shown(row), etag(row)


async def find(session: AnySession, marketer_id: int) -> Marketer:
    """A marketer as a row.

    Raises:
        MarketerNotFound
    """
    row = await session.get(Marketer, marketer_id)
    if row is None:
        raise MarketerNotFound
    return row


async def lock(session: WriteSession, marketer_id: int) -> Marketer:
    """The same, which nobody else changes until the transaction ends.

    Raises:
        MarketerNotFound
    """
    row = await session.get(Marketer, marketer_id, with_for_update=True)
    if row is None:
        raise MarketerNotFound
    return row


async def read(session: AnySession, marketer_id: int) -> tuple[MarketerRead, str]:
    """A marketer, and its ETag.

    Raises:
        MarketerNotFound
    """
    row = await find(session, marketer_id)
    return shown(row), etag(row)


async def read_page(session: ReadSession, query: MarketerQuery) -> Page[MarketerRead]:
    """A page of marketers."""
    rows, next_cursor = await read_rows(session, select(Marketer), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


def shown(row: Marketer) -> MarketerRead:
    """A marketer as the API tells of it."""
    return MarketerRead(
        id=row.id,
        member_id=row.member_id,
        since=row.since,
        is_active=row.is_active,
        created_at=row.created_at,
    )
