"""Endpoints of the statements service."""

from typing import Annotated

from fastapi import APIRouter, Query

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.jalali import CalendarDate
from host_api.core.listing import LARGEST_PAGE
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, reads
from host_api.services.members.logic import MemberNotFound
from host_api.services.statements import logic
from host_api.services.statements.schemas import StatementRead, TimelineRead
from host_api.services.transactions import access

router = APIRouter(prefix="/members/{member_id}", tags=["statements"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
_LONGEST_AHEAD_DAYS = 730
_LARGEST_POSITION = 2**62


@router.get("/statement", summary="Read a member's statement", responses=problem_responses(MemberNotFound))
async def read_statement(
    work: Reading,
    member_id: IdInPath,
    day_from: Annotated[
        CalendarDate | None, Query(description="First day; left out, the first of this Jalali month.")
    ] = None,
    day_to: Annotated[CalendarDate | None, Query(description="Last day; left out, today.")] = None,
    expiring_days: Annotated[
        int, Query(ge=0, le=_LONGEST_AHEAD_DAYS, description="How far ahead of today expiries are told.")
    ] = 90,
) -> StatementRead:
    """Opening and closing of each purse, what came in and went out by kind, and what expires soon."""
    return await logic.statement(work.session, member_id, day_from, day_to, expiring_days)


@router.get("/timeline", summary="Read a member's history", responses=problem_responses(MemberNotFound))
async def read_timeline(
    work: Reading,
    member_id: IdInPath,
    before: Annotated[
        int | None, Query(ge=1, le=_LARGEST_POSITION, description="`next_before` of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="Most items on the page.")] = 50,
) -> TimelineRead:
    """Transactions of the member and whatever else moved their points, the latest first."""
    return await logic.timeline(work.session, member_id, before, limit)
