"""Endpoints of the disputes service."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from host_api.core.errors import NotPermitted, problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch
from host_api.core.path_ids import IdInPath
from host_api.core.runtime import runtime_of
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.disputes import access, logic
from host_api.services.disputes.listing import DisputeQuery
from host_api.services.disputes.schemas import (
    DisputeCreate,
    DisputeDecision,
    DisputeRead,
    DisputeUpdate,
    DisputeWithNotes,
    NoteCreate,
)
from host_api.services.members.logic import MemberNotFound
from host_api.services.points.logic import AmountAboveLimit
from host_api.services.transaction_requests import problems
from host_api.services.transactions.logic import TransactionNotFound

router = APIRouter(prefix="/disputes", tags=["disputes"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]


@router.post("", status_code=201, summary="Open a dispute", responses=problem_responses(TransactionNotFound))
async def open_dispute(work: Writing, response: Response, wanted: DisputeCreate) -> DisputeWithNotes:
    """Open a case about a transaction, with what the member says as its first note."""
    opened, response.headers["ETag"] = await logic.open_dispute(work.session, wanted, work.caller)
    return opened


@router.get("", summary="List disputes")
async def list_disputes(work: Reading, query: Annotated[DisputeQuery, Query()]) -> Page[DisputeRead]:
    """Cases, the latest first; `sort=deadline_at` puts first what is due first."""
    return await logic.read_page(work.session, query)


@router.get("/{dispute_id}", summary="Read a dispute", responses=problem_responses(logic.DisputeNotFound))
async def read_dispute(work: Reading, response: Response, dispute_id: IdInPath) -> DisputeWithNotes:
    """One case with its notes."""
    found, response.headers["ETag"] = await logic.read(work.session, dispute_id)
    return found


@router.patch(
    "/{dispute_id}",
    summary="Change a dispute",
    responses=problem_responses(logic.DisputeNotFound, logic.DisputeIsDecided, ChangedMeanwhile),
)
async def change_dispute(
    work: Writing, response: Response, dispute_id: IdInPath, wanted: DisputeUpdate, if_match: IfMatch
) -> DisputeWithNotes:
    """Change who sees to it, its deadline, and whether it waits for somebody."""
    changed, response.headers["ETag"] = await logic.change(work.session, dispute_id, wanted, if_match)
    return changed


@router.post(
    "/{dispute_id}/notes",
    status_code=201,
    summary="Write a note",
    responses=problem_responses(logic.DisputeNotFound, logic.TooManyNotes),
)
async def write_note(
    work: Writing, response: Response, dispute_id: IdInPath, wanted: NoteCreate
) -> DisputeWithNotes:
    """Write something down about the case; notes are never changed."""
    found, response.headers["ETag"] = await logic.write_note(work.session, dispute_id, wanted, work.caller)
    return found


@router.post(
    "/{dispute_id}/decision",
    status_code=201,
    summary="Decide a dispute",
    responses=problem_responses(
        logic.DisputeNotFound,
        NotPermitted,
        logic.DisputeIsDecided,
        logic.NoMemberToAdjust,
        AmountAboveLimit,
        MemberNotFound,
        ChangedMeanwhile,
        problems.NotReturnable,
        problems.AlreadyUndone,
        problems.MoreThanIsLeft,
        problems.LinesDiffer,
        problems.UnderWay,
    ),
)
async def decide_dispute(  # noqa: PLR0917
    request: Request,
    work: Deciding,
    response: Response,
    dispute_id: IdInPath,
    wanted: DisputeDecision,
    if_match: IfMatch,
) -> DisputeWithNotes:
    """End the case, and ask for a return or for points by hand where that follows from it."""
    settings = runtime_of(request).settings
    decided, response.headers["ETag"] = await logic.decide(
        work.session,
        work.cipher,
        dispute_id,
        wanted,
        if_match,
        caller=work.caller,
        alone_limit=settings.return_alone_limit,
        points_limit=settings.points_limit,
    )
    return decided
