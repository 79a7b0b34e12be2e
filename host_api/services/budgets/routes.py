"""Endpoints of the budgets service."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch
from host_api.core.path_ids import IdInPath
from host_api.core.second_person import ActOfAnother, AlreadyDecided, OwnAct
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.budgets import access, administration, problems
from host_api.services.budgets.listing import BudgetQuery, ChangeQuery, EntryQuery
from host_api.services.budgets.schemas import (
    BudgetChangeCreate,
    BudgetChangeDecision,
    BudgetChangeRead,
    BudgetCreate,
    BudgetEntryRead,
    BudgetRead,
    BudgetUpdate,
)

router = APIRouter(prefix="/budgets", tags=["budgets"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]


@router.post(
    "",
    status_code=201,
    summary="Open a budget",
    responses=problem_responses(problems.BudgetPeriodWrong),
)
async def open_budget(work: Writing, response: Response, wanted: BudgetCreate) -> BudgetRead:
    """An empty budget; its units are a change that a second person approves at `/budgets/changes`."""
    opened, response.headers["ETag"] = await administration.open_budget(work.session, wanted, work.caller)
    return opened


@router.get("", summary="List budgets")
async def list_budgets(work: Reading, query: Annotated[BudgetQuery, Query()]) -> Page[BudgetRead]:
    """Budgets with what is promised, given and free, the latest first."""
    return await administration.read_page(work.session, query)


@router.get("/changes", summary="List changes of budgets")
async def list_budget_changes(
    work: Reading, query: Annotated[ChangeQuery, Query()]
) -> Page[BudgetChangeRead]:
    """Changes, the latest first; `state=asked` are those to be decided."""
    return await administration.changes(work.session, query)


@router.post(
    "/changes/{change_id}/approval",
    status_code=201,
    summary="Approve a change of a budget",
    responses=problem_responses(problems.BudgetChangeNotFound, AlreadyDecided, OwnAct, problems.BudgetInUse),
)
async def approve_budget_change(
    work: Deciding, change_id: IdInPath, decision: BudgetChangeDecision
) -> BudgetChangeRead:
    """The budget grows or shrinks, as the second person agrees."""
    return await administration.approve(work.session, change_id, work.caller, decision.note)


@router.post(
    "/changes/{change_id}/rejection",
    status_code=201,
    summary="Reject a change of a budget",
    responses=problem_responses(problems.BudgetChangeNotFound, AlreadyDecided, OwnAct),
)
async def reject_budget_change(
    work: Deciding, change_id: IdInPath, decision: BudgetChangeDecision
) -> BudgetChangeRead:
    """Turn a change of another down."""
    return await administration.reject(work.session, change_id, work.caller, decision.note)


@router.post(
    "/changes/{change_id}/cancellation",
    status_code=201,
    summary="Cancel a change of a budget",
    responses=problem_responses(problems.BudgetChangeNotFound, AlreadyDecided, ActOfAnother),
)
async def cancel_budget_change(work: Writing, change_id: IdInPath) -> BudgetChangeRead:
    """Take back a change that you asked for and nobody has decided yet."""
    return await administration.cancel(work.session, change_id, work.caller)


@router.get("/{budget_id}", summary="Read a budget", responses=problem_responses(problems.BudgetNotFound))
async def read_budget(work: Reading, response: Response, budget_id: IdInPath) -> BudgetRead:
    """One budget with what is promised, given and free."""
    found, response.headers["ETag"] = await administration.read(work.session, budget_id)
    return found


@router.patch(
    "/{budget_id}",
    summary="Change a budget",
    responses=problem_responses(problems.BudgetNotFound, problems.BudgetPeriodWrong, ChangedMeanwhile),
)
async def change_budget(
    work: Writing, response: Response, budget_id: IdInPath, wanted: BudgetUpdate, if_match: IfMatch
) -> BudgetRead:
    """Change its words, its end, its warning, or close it; its units take two persons."""
    changed, response.headers["ETag"] = await administration.change(work.session, budget_id, wanted, if_match)
    return changed


@router.post(
    "/{budget_id}/changes",
    status_code=201,
    summary="Ask for more or less",
    responses=problem_responses(problems.BudgetNotFound),
)
async def ask_budget_change(
    work: Writing, budget_id: IdInPath, wanted: BudgetChangeCreate
) -> BudgetChangeRead:
    """A top-up or a cut; nothing changes before a second person approves."""
    return await administration.ask_change(work.session, budget_id, wanted, work.caller)


@router.get(
    "/{budget_id}/entries",
    summary="List a budget's history",
    responses=problem_responses(problems.BudgetNotFound),
)
async def list_budget_entries(
    work: Reading, budget_id: IdInPath, query: Annotated[EntryQuery, Query()]
) -> Page[BudgetEntryRead]:
    """What grew, was promised, given or set free, and for what, the latest first."""
    return await administration.history(work.session, budget_id, query)
