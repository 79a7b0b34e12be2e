"""Making, changing and cancelling festivals."""

from datetime import datetime
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy import func, select

from host_api.core.access.caller import Caller
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.services.festivals.listing import FestivalQuery
from host_api.services.festivals.models import Festival, FestivalBoard, FestivalMember
from host_api.services.festivals.problems import FestivalNotFound, FestivalTimesDisagree
from host_api.services.festivals.schemas import (
    FestivalCategoryBy,
    FestivalCreate,
    FestivalIndicator,
    FestivalRead,
    FestivalState,
    FestivalUpdate,
)
from host_api.services.groups.audience import stored_audience
from host_api.services.groups.query_schema import Expression, Query

SERVICE: Final = "festivals"

_QUERY: Final[TypeAdapter[Expression]] = TypeAdapter(Query)


async def create(session: WriteSession, wanted: FestivalCreate, caller: Caller, now: datetime) -> Festival:
    """Store a festival.

    Raises:
        FestivalTimesDisagree: it would be over already.
    """
    if wanted.ends_at <= now:
        raise FestivalTimesDisagree
    festival = Festival(
        **wanted.model_dump(mode="json", exclude={"audience", "starts_at", "ends_at"}),
        audience=stored_audience(wanted.audience),
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        created_by_name=caller.name,
        created_at=now,
    )
    session.add(festival)
    await session.flush()
    session.add(FestivalBoard(festival_id=festival.id, due_at=wanted.starts_at))
    await session.flush()
    return festival


async def change(session: WriteSession, festival_id: int, if_match: str, wanted: FestivalUpdate) -> Festival:
    """Change what is only shown.

    Raises:
        FestivalNotFound, ChangedMeanwhile
    """
    festival = await find(session, festival_id, for_update=True)
    check_version(festival, if_match)
    for name, value in wanted.model_dump(exclude_none=True).items():
        setattr(festival, name, value)
    await session.flush()
    return festival


async def find(session: AnySession, festival_id: int, *, for_update: bool = False) -> Festival:
    """The festival with this id.

    Raises:
        FestivalNotFound
    """
    festival = await session.get(Festival, festival_id, with_for_update=for_update or None)
    if festival is None:
        raise FestivalNotFound
    return festival


async def board_of(session: AnySession, festival_id: int) -> FestivalBoard:
    """When the leaderboard was made."""
    found = await session.scalars(select(FestivalBoard).where(FestivalBoard.festival_id == festival_id))
    return found.one()


async def read_page(session: ReadSession, query: FestivalQuery, now: datetime) -> Page[FestivalRead]:
    """A page of festivals."""
    festivals, next_cursor = await read_rows(session, select(Festival), query)
    return Page(items=[await shown(session, each, now) for each in festivals], next_cursor=next_cursor)


async def shown(session: AnySession, festival: Festival, now: datetime) -> FestivalRead:
    """A festival as it is told."""
    members = await session.scalar(select(func.count()).where(FestivalMember.festival_id == festival.id))
    return FestivalRead(
        id=festival.id,
        title=festival.title,
        title_fa=festival.title_fa,
        indicators=indicators_of(festival),
        merchant_ids=festival.merchant_ids,
        audience=None if festival.audience is None else _QUERY.validate_python(festival.audience),
        category_by=None if festival.category_by is None else FestivalCategoryBy(festival.category_by),
        refresh_minutes=festival.refresh_minutes,
        starts_at=festival.starts_at,
        ends_at=festival.ends_at,
        state=state_of(festival, now),
        members=members or 0,
        counted_until=(await board_of(session, festival.id)).counted_until,
        created_by=festival.created_by_name,
        created_at=festival.created_at,
        cancelled_at=festival.cancelled_at,
        cancel_reason=festival.cancel_reason,
    )


def indicators_of(festival: Festival) -> list[FestivalIndicator]:
    """What a festival counts."""
    return [FestivalIndicator.model_validate(each) for each in festival.indicators]


def state_of(festival: Festival, now: datetime) -> FestivalState:
    """Where a festival stands at `now`."""
    if festival.cancelled_at is not None:
        return FestivalState.CANCELLED
    if now < festival.starts_at:
        return FestivalState.PLANNED
    return FestivalState.OPEN if now < festival.ends_at else FestivalState.OVER
