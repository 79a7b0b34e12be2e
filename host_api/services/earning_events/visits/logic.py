"""Places to check in, and checking in."""

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version, etag
from host_api.services.earning_events.telling import logic as events
from host_api.services.earning_events.telling.models import EarningEvent
from host_api.services.earning_events.telling.problems import MemberMayNotEarn
from host_api.services.earning_events.types.schemas import EventSource
from host_api.services.earning_events.visits import problems
from host_api.services.earning_events.visits.distance import Point, distance_m
from host_api.services.earning_events.visits.listing import VisitPointQuery, VisitQuery
from host_api.services.earning_events.visits.models import Visit, VisitPoint
from host_api.services.earning_events.visits.schemas import (
    CheckInCreate,
    CheckInRead,
    CheckInWay,
    VisitCodes,
    VisitPointCreate,
    VisitPointRead,
    VisitPointUpdate,
)
from host_api.services.members import logic as members
from host_api.services.members.schemas import MemberStatus
from host_api.services.merchants import logic as merchants
from host_api.services.merchants.places import read_places
from host_api.services.terminals import logic as terminals

_QR: Final = "VAFA-VISIT:"
_CODE_BYTES: Final = 5
_TOKEN_BYTES: Final = 16


async def create_point(session: WriteSession, wanted: VisitPointCreate) -> tuple[VisitPointRead, str]:
    """Let members check in at a branch; the place and its ETag.

    Raises:
        merchants.BranchNotFound, VisitPointExists, BranchHasNoLocation
    """
    row = VisitPoint(
        branch_id=wanted.branch_id,
        ways=_ways(wanted.ways),
        code=_new_code(),
        qr_token=secrets.token_hex(_TOKEN_BYTES),
        radius_m=wanted.radius_m,
        rest_minutes=wanted.rest_minutes,
        event=wanted.event,
        is_active=True,
    )
    await _check_location(session, row)
    async with conflict_as(problems.VisitPointExists()):
        session.add(row)
        await session.flush()
    return _point(row), etag(row)


async def change_point(
    session: WriteSession, branch_id: int, wanted: VisitPointUpdate, if_match: str
) -> tuple[VisitPointRead, str]:
    """Change how members check in at a branch; the place and its ETag.

    Raises:
        VisitPointNotFound, ChangedMeanwhile, BranchHasNoLocation
    """
    row = await _of_branch(session, branch_id)
    check_version(row, if_match)
    for name in ("radius_m", "rest_minutes", "event", "is_active"):
        value = getattr(wanted, name)
        if value is not None:
            setattr(row, name, value)
    if wanted.ways is not None:
        row.ways = _ways(wanted.ways)
        await _check_location(session, row)
    await session.flush()
    return _point(row), etag(row)


async def read_point(session: AnySession, branch_id: int) -> tuple[VisitPointRead, str]:
    """How members check in at a branch, and its ETag.

    Raises:
        VisitPointNotFound
    """
    row = await _of_branch(session, branch_id)
    return _point(row), etag(row)


async def read_points(session: ReadSession, query: VisitPointQuery) -> Page[VisitPointRead]:
    """A page of places to check in."""
    rows, next_cursor = await read_rows(session, select(VisitPoint), query)
    return Page(items=[_point(row) for row in rows], next_cursor=next_cursor)


async def renew_codes(session: WriteSession, branch_id: int, if_match: str) -> tuple[VisitCodes, str]:
    """New codes of a branch; the old ones are of no use from now on.

    Raises:
        VisitPointNotFound, ChangedMeanwhile
    """
    row = await _of_branch(session, branch_id)
    check_version(row, if_match)
    row.code, row.qr_token = _new_code(), secrets.token_hex(_TOKEN_BYTES)
    await session.flush()
    return VisitCodes(branch_id=branch_id, code=row.code, qr_text=_QR + row.qr_token), etag(row)


async def check_in(session: WriteSession, wanted: CheckInCreate, caller: Caller) -> CheckInRead:
    """Note a visit, which earns by the event of the place.

    Raises:
        VisitPointNotFound, BranchHasNoLocation, TooFarAway, terminals.TerminalNotFound,
        members.MemberNotFound, MemberMayNotEarn, VisitedAlready
    """
    point, way, distance = await _found(session, wanted)
    place = (await read_places(session, [point.branch_id])).get(point.branch_id)
    if not point.is_active or way not in point.ways or place is None or not place.is_accepting:
        raise problems.VisitPointNotFound
    member = await members.lock(session, wanted.member_id)
    if member.status != MemberStatus.ACTIVE or member.merged_into is not None:
        raise MemberMayNotEarn
    now = utc_now()
    await _check_rest(session, wanted.member_id, point, now)
    visit = Visit(
        member_id=wanted.member_id,
        branch_id=point.branch_id,
        way=way.value,
        distance_m=distance,
        visited_at=now,
        event_id=None,
    )
    session.add(visit)
    await session.flush()
    event = await events.tell_if_possible(
        session,
        events.Telling(
            point.event,
            wanted.member_id,
            f"visit#{visit.id}",
            EventSource.TERMINAL if way is CheckInWay.TERMINAL else EventSource.APP,
            attributes={"branch": point.branch_id},
        ),
        caller,
    )
    visit.event_id = None if event is None else event.id
    await session.flush()
    return _visit(visit, event)


async def read(session: AnySession, visit_id: int) -> CheckInRead | None:
    """One visit."""
    visit = await session.get(Visit, visit_id)
    if visit is None:
        return None
    return _visit(visit, None if visit.event_id is None else await events.find(session, visit.event_id))


async def request_of(session: AnySession, event_id: int) -> int | None:
    """The request to the ledger of a visit's event."""
    event = await events.find(session, event_id)
    return None if event is None else event.request_id


async def read_page(session: ReadSession, query: VisitQuery) -> Page[CheckInRead]:
    """A page of visits."""
    rows, next_cursor = await read_rows(session, select(Visit), query)
    told = await events.find_many(session, [row.event_id for row in rows if row.event_id is not None])
    return Page(items=[_visit(row, told.get(row.event_id or 0)) for row in rows], next_cursor=next_cursor)


async def visits_of(session: AnySession, member_id: int, limit: int) -> list[Visit]:
    """A member's visits, the latest first."""
    rows = await session.scalars(
        select(Visit).where(Visit.member_id == member_id).order_by(Visit.id.desc()).limit(limit)
    )
    return list(rows)


async def _found(session: AnySession, wanted: CheckInCreate) -> tuple[VisitPoint, CheckInWay, int | None]:
    """The place that the member shows to be at."""
    if wanted.code is not None:
        return await _where(session, VisitPoint.code == wanted.code.upper()), CheckInWay.CODE, None
    if wanted.qr_text is not None:
        token = wanted.qr_text.removeprefix(_QR)
        return await _where(session, VisitPoint.qr_token == token), CheckInWay.QR, None
    if wanted.terminal_id is not None:
        terminal = await terminals.find(session, wanted.terminal_id)
        return await _of_branch(session, terminal.branch_id), CheckInWay.TERMINAL, None
    point = await _of_branch(session, wanted.branch_id or 0)
    there, here = await _location(session, point), wanted.position
    if there is None or here is None:
        raise problems.BranchHasNoLocation
    distance = distance_m(there, Point(here.latitude_microdegrees, here.longitude_microdegrees))
    if distance > point.radius_m:
        raise problems.TooFarAway
    return point, CheckInWay.POSITION, distance


async def _check_rest(session: AnySession, member_id: int, point: VisitPoint, now: datetime) -> None:
    recent = (
        select(Visit.id)
        .where(
            Visit.member_id == member_id,
            Visit.branch_id == point.branch_id,
            Visit.visited_at > now - timedelta(minutes=point.rest_minutes),
        )
        .limit(1)
    )
    if await session.scalar(recent) is not None:
        raise problems.VisitedAlready


async def _check_location(session: AnySession, row: VisitPoint) -> None:
    if await _location(session, row) is None and CheckInWay.POSITION in row.ways:
        raise problems.BranchHasNoLocation


async def _location(session: AnySession, row: VisitPoint) -> Point | None:
    branch = await merchants.find_branch(session, row.branch_id)
    latitude, longitude = branch.latitude_microdegrees, branch.longitude_microdegrees
    return None if latitude is None or longitude is None else Point(latitude, longitude)


async def _of_branch(session: AnySession, branch_id: int) -> VisitPoint:
    return await _where(session, VisitPoint.branch_id == branch_id)


async def _where(session: AnySession, condition: ColumnElement[bool]) -> VisitPoint:
    row = await session.scalar(select(VisitPoint).where(condition))
    if row is None:
        raise problems.VisitPointNotFound
    return row


def _new_code() -> str:
    """Eight letters and digits, none of which looks like another (RFC 4648, section 6)."""
    return base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode("ascii")


def _ways(ways: Sequence[CheckInWay]) -> list[str]:
    return sorted({way.value for way in ways})


def _point(row: VisitPoint) -> VisitPointRead:
    return VisitPointRead(
        branch_id=row.branch_id,
        ways=[CheckInWay(way) for way in row.ways],
        radius_m=row.radius_m,
        rest_minutes=row.rest_minutes,
        event=row.event,
        is_active=row.is_active,
    )


def _visit(visit: Visit, event: EarningEvent | None) -> CheckInRead:
    return CheckInRead(
        id=visit.id,
        member_id=visit.member_id,
        branch_id=visit.branch_id,
        way=CheckInWay(visit.way),
        distance_m=visit.distance_m,
        visited_at=visit.visited_at,
        event_id=visit.event_id,
        points=None if event is None else event.points,
        text=None if event is None else event.text,
        text_fa=None if event is None else event.text_fa,
    )
