"""Endpoints of the points service."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from host_api.core.awaited_answer import AwaitedAnswer, pending_response
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.runtime import runtime_of
from host_api.core.second_person import ActOfAnother, AlreadyDecided, OwnAct
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.members.logic import MemberNotFound
from host_api.services.points import access, logic
from host_api.services.points.listing import ActQuery
from host_api.services.points.schemas import (
    AdjustmentCreate,
    Decision,
    PointsActRead,
    ReleaseCreate,
    TransferCreate,
)
from host_api.services.transactions.logic import TransactionNotFound

router = APIRouter(prefix="/points", tags=["points"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Asking = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]
Waiting = Annotated[
    int, Query(ge=0, le=10, description="So many seconds the answer may wait for the switch's decision.")
]

_PENDING = pending_response(
    PointsActRead, "Approved, and the switch has not decided yet: look again at `Location`"
)


@router.post(
    "/adjustments",
    status_code=201,
    summary="Ask for an adjustment",
    responses=problem_responses(MemberNotFound, logic.AmountAboveLimit),
)
async def ask_adjustment(request: Request, work: Asking, wanted: AdjustmentCreate) -> PointsActRead:
    """Give to or take from a member's purse; nothing moves before a second person approves."""
    limit = runtime_of(request).settings.points_limit
    return await logic.ask_adjustment(work.session, wanted, work.caller, limit)


@router.post(
    "/transfers",
    status_code=201,
    summary="Ask for a transfer",
    responses=problem_responses(MemberNotFound, logic.AmountAboveLimit, logic.SameMember),
)
async def ask_transfer(request: Request, work: Asking, wanted: TransferCreate) -> PointsActRead:
    """Move units from one member to another; they keep their expiry. A second person approves."""
    limit = runtime_of(request).settings.points_limit
    return await logic.ask_transfer(work.session, wanted, work.caller, limit)


@router.post(
    "/releases",
    status_code=201,
    summary="Ask for a release",
    responses=problem_responses(TransactionNotFound, logic.NothingToRelease),
)
async def ask_release(work: Asking, wanted: ReleaseCreate) -> PointsActRead:
    """Make spendable what a transaction earned on action. A second person approves."""
    return await logic.ask_release(work.session, wanted, work.caller)


@router.get("/acts", summary="List points acts")
async def list_acts(work: Reading, query: Annotated[ActQuery, Query()]) -> Page[PointsActRead]:
    """Adjustments, transfers and releases, the latest first; `state=asked` are those to be decided."""
    return await logic.read_page(work.session, query)


@router.get("/acts/{act_id}", summary="Read a points act", responses=problem_responses(logic.ActNotFound))
async def read_act(work: Reading, act_id: IdInPath) -> PointsActRead:
    """One act by id."""
    return await logic.read(work.session, act_id)


@router.post(
    "/acts/{act_id}/approval",
    status_code=201,
    summary="Approve a points act",
    response_model=PointsActRead,
    responses={**_PENDING, **problem_responses(logic.ActNotFound, AlreadyDecided, OwnAct)},
)
async def approve_act(
    request: Request, work: Deciding, act_id: IdInPath, decision: Decision, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """Send the act to the switch as the second person. 201 tells what the switch decided: `done` or `failed`;
    202 that it has not yet."""
    runtime, programme_id = runtime_of(request), work.caller.programme_id
    act, request_id = await logic.approve(work.session, act_id, work.caller, decision.note)

    async def final() -> PointsActRead | None:
        if await runtime.outcomes.outcome(programme_id, request_id, wait_s) is None:
            return None
        async with runtime.database.reading(programme_id) as session:
            return await logic.read(session, act_id)

    return AwaitedAnswer(act, location=f"/v1/points/acts/{act_id}", final=final)


@router.post(
    "/acts/{act_id}/rejection",
    status_code=201,
    summary="Reject a points act",
    responses=problem_responses(logic.ActNotFound, AlreadyDecided, OwnAct),
)
async def reject_act(work: Deciding, act_id: IdInPath, decision: Decision) -> PointsActRead:
    """Turn an act of another down; nothing moves."""
    return await logic.reject(work.session, act_id, work.caller, decision.note)


@router.post(
    "/acts/{act_id}/cancellation",
    status_code=201,
    summary="Cancel a points act",
    responses=problem_responses(logic.ActNotFound, AlreadyDecided, ActOfAnother),
)
async def cancel_act(work: Asking, act_id: IdInPath) -> PointsActRead:
    """Take back an act that you asked for and nobody has decided yet."""
    return await logic.cancel(work.session, act_id, work.caller)
