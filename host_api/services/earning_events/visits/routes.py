"""Endpoints of visits."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from host_api.core.awaited_answer import AwaitedAnswer, pending_response
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch
from host_api.core.path_ids import IdInPath
from host_api.core.runtime import runtime_of
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.earning_events import access
from host_api.services.earning_events.telling.problems import MemberMayNotEarn
from host_api.services.earning_events.visits import logic, problems
from host_api.services.earning_events.visits.listing import VisitPointQuery, VisitQuery
from host_api.services.earning_events.visits.schemas import (
    CheckInCreate,
    CheckInRead,
    VisitCodes,
    VisitPointCreate,
    VisitPointRead,
    VisitPointUpdate,
)
from host_api.services.members.logic import MemberNotFound
from host_api.services.merchants.logic import BranchNotFound
from host_api.services.terminals.logic import TerminalNotFound

router = APIRouter(tags=["visits"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ_VISITS)]
Writing = Annotated[WriteWork, writes(access.WRITE_VISITS)]
Acting = Annotated[WriteWork, writes(access.ACT_VISITS)]
Waiting = Annotated[
    int, Query(ge=0, le=10, description="So many seconds the answer may wait for the switch's decision.")
]

_PENDING = pending_response(CheckInRead, "Noted, and what it earns is not known yet")


@router.post(
    "/visit-points",
    status_code=201,
    summary="Let members check in at a branch",
    responses=problem_responses(BranchNotFound, problems.VisitPointExists, problems.BranchHasNoLocation),
)
async def create_visit_point(work: Writing, response: Response, wanted: VisitPointCreate) -> VisitPointRead:
    """Say how members show that they are at a branch."""
    made, response.headers["ETag"] = await logic.create_point(work.session, wanted)
    return made


@router.get("/visit-points", summary="List places to check in")
async def list_visit_points(
    work: Reading, query: Annotated[VisitPointQuery, Query()]
) -> Page[VisitPointRead]:
    """Branches at which members can check in, without their codes."""
    return await logic.read_points(work.session, query)


@router.get(
    "/visit-points/{branch_id}",
    summary="Read a place to check in",
    responses=problem_responses(problems.VisitPointNotFound),
)
async def read_visit_point(work: Reading, response: Response, branch_id: IdInPath) -> VisitPointRead:
    """How members check in at a branch."""
    found, response.headers["ETag"] = await logic.read_point(work.session, branch_id)
    return found


@router.patch(
    "/visit-points/{branch_id}",
    summary="Change a place to check in",
    responses=problem_responses(problems.VisitPointNotFound, problems.BranchHasNoLocation, ChangedMeanwhile),
)
async def change_visit_point(
    work: Writing, response: Response, branch_id: IdInPath, wanted: VisitPointUpdate, if_match: IfMatch
) -> VisitPointRead:
    """Change how members check in at a branch, or stop it."""
    changed, response.headers["ETag"] = await logic.change_point(work.session, branch_id, wanted, if_match)
    return changed


@router.post(
    "/visit-points/{branch_id}/codes",
    status_code=201,
    summary="Make new codes of a branch",
    responses=problem_responses(problems.VisitPointNotFound, ChangedMeanwhile),
)
async def renew_visit_codes(
    work: Writing, response: Response, branch_id: IdInPath, if_match: IfMatch
) -> VisitCodes:
    """Make code and QR text to be shown at the branch; they are told here only, and the old ones end."""
    codes, response.headers["ETag"] = await logic.renew_codes(work.session, branch_id, if_match)
    return codes


@router.post(
    "/visits",
    status_code=201,
    summary="Check in",
    response_model=CheckInRead,
    responses={
        **_PENDING,
        **problem_responses(
            problems.VisitPointNotFound,
            problems.BranchHasNoLocation,
            problems.TooFarAway,
            problems.VisitedAlready,
            TerminalNotFound,
            MemberNotFound,
            MemberMayNotEarn,
        ),
    },
)
async def check_in(
    request: Request, work: Acting, wanted: CheckInCreate, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """Note that a member is at a branch. 201 tells what it earned; 202 that this isn't known yet."""
    runtime, programme_id = runtime_of(request), work.caller.programme_id
    visit = await logic.check_in(work.session, wanted, work.caller)
    request_id = None if visit.event_id is None else await logic.request_of(work.session, visit.event_id)

    async def final() -> CheckInRead | None:
        if request_id is None:
            return visit
        if await runtime.outcomes.outcome(programme_id, request_id, wait_s) is None:
            return None
        async with runtime.database.reading(programme_id) as session:
            return await logic.read(session, visit.id)

    return AwaitedAnswer(visit, location=f"/v1/visits?member_id={visit.member_id}", final=final)


@router.get("/visits", summary="List visits")
async def list_visits(work: Reading, query: Annotated[VisitQuery, Query()]) -> Page[CheckInRead]:
    """Visits with what they earned, the latest first."""
    return await logic.read_page(work.session, query)
