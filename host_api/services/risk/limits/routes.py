"""Endpoints of limits."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.second_person import ActOfAnother, AlreadyDecided, OwnAct
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.risk import access, problems
from host_api.services.risk.limits import gate, logic
from host_api.services.risk.limits.listing import RiskLimitQuery
from host_api.services.risk.limits.schemas import (
    RiskGateRead,
    RiskLimitCreate,
    RiskLimitRead,
    RiskLimitUpdate,
)
from host_api.services.rules.draft.problems import RuleIdTaken, TooManyRules

router = APIRouter(prefix="/risk/limits", tags=["risk"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]


@router.post(
    "", status_code=201, summary="Make a risk limit", responses=problem_responses(problems.TooManyLimits)
)
async def create_limit(work: Writing, wanted: RiskLimitCreate) -> RiskLimitRead:
    """What happens more often, or comes to more, raises an alert. One that only warns is in force at once;
    one that blocks by itself waits for a second person."""
    return logic.shown(await logic.create(work.session, work.caller, wanted))


@router.get("", summary="List risk limits")
async def list_limits(work: Reading, query: Annotated[RiskLimitQuery, Query()]) -> Page[RiskLimitRead]:
    """Limits, the latest first; `state=asked` are those to be decided."""
    return await logic.read_page(work.session, query)


@router.get("/{limit_id}", summary="Read a risk limit", responses=problem_responses(problems.LimitNotFound))
async def read_limit(work: Reading, limit_id: IdInPath, response: Response) -> RiskLimitRead:
    """One limit by id."""
    limit = await logic.find_limit(work.session, limit_id)
    response.headers["ETag"] = etag(limit)
    return logic.shown(limit)


@router.patch(
    "/{limit_id}",
    summary="Change a risk limit",
    responses=problem_responses(problems.LimitNotFound, ChangedMeanwhile, problems.LimitNotInThisState),
)
async def change_limit(
    work: Writing, limit_id: IdInPath, if_match: IfMatch, wanted: RiskLimitUpdate, response: Response
) -> RiskLimitRead:
    """Another bound, name or severity. One that acts by itself rests until a second person has approved."""
    limit = await logic.change(work.session, work.caller, limit_id, if_match, wanted)
    response.headers["ETag"] = etag(limit)
    return logic.shown(limit)


@router.post(
    "/{limit_id}/approval",
    status_code=201,
    summary="Approve a risk limit",
    responses=problem_responses(problems.LimitNotFound, AlreadyDecided, OwnAct, problems.TooManyLimits),
)
async def approve_limit(work: Deciding, limit_id: IdInPath) -> RiskLimitRead:
    """Put in force what another person has asked for."""
    return logic.shown(await logic.approve(work.session, work.caller, limit_id))


@router.post(
    "/{limit_id}/rejection",
    status_code=201,
    summary="Reject a risk limit",
    responses=problem_responses(problems.LimitNotFound, AlreadyDecided, OwnAct),
)
async def reject_limit(work: Deciding, limit_id: IdInPath) -> RiskLimitRead:
    """It never comes into force."""
    return logic.shown(await logic.reject(work.session, work.caller, limit_id))


@router.post(
    "/{limit_id}/cancellation",
    status_code=201,
    summary="Take a risk limit back",
    responses=problem_responses(problems.LimitNotFound, AlreadyDecided, ActOfAnother),
)
async def cancel_limit(work: Writing, limit_id: IdInPath) -> RiskLimitRead:
    """One's own, before it is decided."""
    return logic.shown(await logic.take_back(work.session, work.caller, limit_id))


@router.post(
    "/{limit_id}/pause",
    status_code=201,
    summary="Pause a risk limit",
    responses=problem_responses(problems.LimitNotFound, problems.LimitNotInThisState),
)
async def pause_limit(work: Writing, limit_id: IdInPath) -> RiskLimitRead:
    """It counts nothing until it is resumed."""
    return logic.shown(await logic.pause(work.session, limit_id))


@router.post(
    "/{limit_id}/resumption",
    status_code=201,
    summary="Resume a risk limit",
    responses=problem_responses(problems.LimitNotFound, problems.LimitNotInThisState, problems.TooManyLimits),
)
async def resume_limit(work: Writing, limit_id: IdInPath) -> RiskLimitRead:
    """A paused one counts again, from now on."""
    return logic.shown(await logic.resume(work.session, limit_id))


@router.post(
    "/{limit_id}/end",
    status_code=201,
    summary="End a risk limit",
    responses=problem_responses(problems.LimitNotFound, problems.LimitNotInThisState),
)
async def end_limit(work: Writing, limit_id: IdInPath) -> RiskLimitRead:
    """For good; its alerts stay. A gate that was made of it is taken out of the rules there."""
    return logic.shown(await logic.end(work.session, limit_id))


@router.post(
    "/{limit_id}/gate",
    status_code=201,
    summary="Have the switch stop sales beyond a risk limit",
    responses=problem_responses(
        problems.LimitNotFound, problems.LimitNotForSwitch, RuleIdTaken, TooManyRules
    ),
)
async def write_gate(work: Writing, limit_id: IdInPath) -> RiskGateRead:
    """Write the limit as a gate into the draft of the rules, or bring that gate up to date. It stops sales as
    soon as a version with it is published there, which a second person decides."""
    return await gate.write_gate(work.session, limit_id)
