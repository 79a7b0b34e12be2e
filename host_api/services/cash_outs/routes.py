"""Endpoints of members' requests for cash."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from host_api.core.awaited_answer import AwaitedAnswer, pending_response
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.period_limits import PeriodLimitReached
from host_api.core.policy_versions import PolicyMissing
from host_api.core.runtime import runtime_of
from host_api.core.second_person import AlreadyDecided, OwnAct
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.agreements.problems import AgreementNotAccepted
from host_api.services.cash_outs import access, logic, problems
from host_api.services.cash_outs.listing import CashOutQuery
from host_api.services.cash_outs.schemas import CashOutCreate, CashOutDecision, CashOutRead
from host_api.services.members.logic import MemberNotFound

router = APIRouter(prefix="/cash-outs", tags=["cash outs"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]
Acting = Annotated[WriteWork, writes(access.ACT)]
Waiting = Annotated[
    int, Query(ge=0, le=10, description="So many seconds the answer may wait for the switch's decision.")
]

_PENDING = pending_response(CashOutRead)


@router.post(
    "",
    status_code=201,
    summary="Ask for cash",
    response_model=CashOutRead,
    responses={
        **_PENDING,
        **problem_responses(
            MemberNotFound,
            PolicyMissing,
            PeriodLimitReached,
            problems.CashOutNotForMember,
            problems.CashOutUnitsOutOfRange,
            problems.ShebaMissing,
            AgreementNotAccepted,
        ),
    },
)
async def ask(request: Request, work: Acting, wanted: CashOutCreate, wait_s: Waiting = 5) -> AwaitedAnswer:
    """Turn a member's units into cash on their own account. 201 tells what the switch decided: `refused`, or
    `waiting` for a second person, or `ready` for the bank; 202 that it has not yet."""
    runtime, programme_id = runtime_of(request), work.caller.programme_id
    asked, request_id = await logic.ask(work.session, work.cipher, work.caller, wanted)

    async def final() -> CashOutRead | None:
        if await runtime.outcomes.outcome(programme_id, request_id, wait_s) is None:
            return None
        async with runtime.database.reading(programme_id) as session:
            return await logic.read(session, runtime.vault.cipher, asked.id)

    return AwaitedAnswer(asked, location=f"/v1/cash-outs/{asked.id}", final=final)


@router.get("", summary="List cash-outs")
async def list_cash_outs(work: Reading, query: Annotated[CashOutQuery, Query()]) -> Page[CashOutRead]:
    """The latest first; `state=waiting` are those to be decided."""
    return await logic.read_page(work.session, work.cipher, query)


@router.get(
    "/{cash_out_id}", summary="Read a cash-out", responses=problem_responses(problems.CashOutNotFound)
)
async def read_cash_out(work: Reading, cash_out_id: IdInPath) -> CashOutRead:
    """One request by id."""
    return await logic.read(work.session, work.cipher, cash_out_id)


@router.post(
    "/{cash_out_id}/approval",
    status_code=201,
    summary="Approve a cash-out",
    responses=problem_responses(problems.CashOutNotFound, AlreadyDecided, OwnAct),
)
async def approve(work: Deciding, cash_out_id: IdInPath, decision: CashOutDecision) -> CashOutRead:
    """Consent as the second person: it goes into the next batch."""
    return await logic.approve(work.session, work.cipher, work.caller, cash_out_id, decision.note)


@router.post(
    "/{cash_out_id}/rejection",
    status_code=201,
    summary="Reject a cash-out",
    responses=problem_responses(problems.CashOutNotFound, AlreadyDecided, OwnAct),
)
async def reject(work: Deciding, cash_out_id: IdInPath, decision: CashOutDecision) -> CashOutRead:
    """Turn it down as the second person: the units go back with the expiry that they had."""
    return await logic.reject(work.session, work.cipher, work.caller, cash_out_id, decision.note)


@router.post(
    "/{cash_out_id}/cancellation",
    status_code=201,
    summary="Cancel a cash-out",
    responses=problem_responses(problems.CashOutNotFound, problems.CashOutNotInThisState),
)
async def cancel(work: Acting, cash_out_id: IdInPath) -> CashOutRead:
    """Take it back as the member wishes, before it is in a batch: the units go back."""
    return await logic.cancel(work.session, work.cipher, cash_out_id)


@router.post(
    "/{cash_out_id}/return",
    status_code=201,
    summary="Give the units back again",
    responses=problem_responses(problems.CashOutNotFound, problems.CashOutNotInThisState),
)
async def return_again(work: Writing, cash_out_id: IdInPath) -> CashOutRead:
    """For one that is `unreturned`: the switch refused to give its units back, and is asked again."""
    return await logic.return_again(work.session, work.cipher, cash_out_id)
