"""Endpoints of the credit grants service."""

from typing import Annotated

from fastapi import APIRouter, Query

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.second_person import ActOfAnother, AlreadyDecided, OwnAct
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.budgets.logic import BudgetExhausted, BudgetNotFound, BudgetOfAnotherPurse
from host_api.services.credit_grants import access, logic
from host_api.services.credit_grants.listing import GiftQuery, GrantQuery
from host_api.services.credit_grants.schemas import (
    CreditGiftRead,
    CreditGrantCreate,
    CreditGrantRead,
    GrantDecision,
)
from host_api.services.members.logic import MemberNotFound

router = APIRouter(prefix="/credit-grants", tags=["credit grants"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Asking = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]


@router.post(
    "",
    status_code=201,
    summary="Ask for a grant",
    responses=problem_responses(MemberNotFound, BudgetNotFound, BudgetOfAnotherPurse),
)
async def ask_credit_grant(work: Asking, wanted: CreditGrantCreate) -> CreditGrantRead:
    """Credit or a gift value for a member or an audience; nothing moves before a second person approves."""
    return await logic.ask(work.session, wanted, work.caller)


@router.get("", summary="List grants")
async def list_credit_grants(work: Reading, query: Annotated[GrantQuery, Query()]) -> Page[CreditGrantRead]:
    """Grants and to how many they went, the latest first; `state=asked` are those to be decided."""
    return await logic.read_page(work.session, query)


@router.get("/gifts", summary="List what members got")
async def list_credit_gifts(work: Reading, query: Annotated[GiftQuery, Query()]) -> Page[CreditGiftRead]:
    """The parts of members, the latest first, of one grant or of one member."""
    return await logic.gifts(work.session, query)


@router.get("/{grant_id}", summary="Read a grant", responses=problem_responses(logic.GrantNotFound))
async def read_credit_grant(work: Reading, grant_id: IdInPath) -> CreditGrantRead:
    """One grant and to how many it went."""
    return await logic.read(work.session, grant_id)


@router.post(
    "/{grant_id}/approval",
    status_code=201,
    summary="Approve a grant",
    responses=problem_responses(logic.GrantNotFound, AlreadyDecided, OwnAct, BudgetNotFound, BudgetExhausted),
)
async def approve_credit_grant(
    work: Deciding, grant_id: IdInPath, decision: GrantDecision
) -> CreditGrantRead:
    """Set the most that it may cost aside, and have the switch give it, as the second person."""
    return await logic.approve(work.session, grant_id, work.caller, decision.note)


@router.post(
    "/{grant_id}/rejection",
    status_code=201,
    summary="Reject a grant",
    responses=problem_responses(logic.GrantNotFound, AlreadyDecided, OwnAct),
)
async def reject_credit_grant(work: Deciding, grant_id: IdInPath, decision: GrantDecision) -> CreditGrantRead:
    """Turn a wish of another down; nothing moves."""
    return await logic.reject(work.session, grant_id, work.caller, decision.note)


@router.post(
    "/{grant_id}/cancellation",
    status_code=201,
    summary="Cancel a grant",
    responses=problem_responses(logic.GrantNotFound, AlreadyDecided, ActOfAnother),
)
async def cancel_credit_grant(work: Asking, grant_id: IdInPath) -> CreditGrantRead:
    """Take back what you asked for and nobody has decided yet."""
    return await logic.cancel(work.session, grant_id, work.caller)
