"""Endpoints that partners call with their own keys."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse

from host_api.core.awaited_answer import AwaitedAnswer, pending_response
from host_api.core.error_handlers import problem_response
from host_api.core.errors import Problem, problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.period_limits import PeriodLimitReached
from host_api.core.runtime import runtime_of
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.messages.code_problems import (
    MemberCodeOver,
    MemberCodeWrong,
    NoMobile,
    TooManyMemberCodes,
)
from host_api.services.partner_spending import access, logic, problems
from host_api.services.partner_spending.schemas import (
    PartnerCodeCreate,
    PartnerCodeRead,
    PartnerSpendingCreate,
    PartnerSpendingRead,
)

router = APIRouter(prefix="/partner-spending", tags=["partner spending"], route_class=ServiceRoute)

Looking = Annotated[ReadWork, reads(access.ACT)]
Acting = Annotated[WriteWork, writes(access.ACT)]
Waiting = Annotated[
    int, Query(ge=0, le=10, description="So many seconds the answer may wait for the switch's decision.")
]
ReferenceInPath = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,32}$")]

_PENDING = pending_response(
    PartnerSpendingRead, "The switch has not decided yet: look again at `Location`, or repeat this"
)
_OF_CONTRACT = (
    problems.NotAPartner,
    problems.PartnerNotOpen,
    problems.ProofNotAccepted,
    problems.PartnerUnitsOutOfRange,
    problems.SpenderNotFound,
)


@router.post(
    "/codes",
    status_code=201,
    summary="Send a member a code for a spending",
    responses=problem_responses(*_OF_CONTRACT, NoMobile, TooManyMemberCodes),
)
async def send_code(work: Acting, wanted: PartnerCodeCreate) -> PartnerCodeRead:
    """It is good for this reference and these units, two minutes and five tries."""
    return await logic.send_code(work.session, work.cipher, work.caller, wanted)


@router.post(
    "/spendings",
    status_code=201,
    summary="Spend a member's points",
    response_model=PartnerSpendingRead,
    responses={
        **_PENDING,
        **problem_responses(
            *_OF_CONTRACT,
            problems.PartnerReferenceUsed,
            PeriodLimitReached,
            MemberCodeWrong,
            MemberCodeOver,
        ),
    },
)
async def spend(
    request: Request, work: Acting, wanted: PartnerSpendingCreate, wait_s: Waiting = 5
) -> JSONResponse:
    """Once for each reference: repeated, it tells what became of it. 201: `accepted` or `refused`."""
    result = await logic.spend(work.session, work.cipher, work.caller, wanted)
    if isinstance(result, Problem):  # answered, not raised, so that the try counts
        return problem_response(request, result)
    spent, request_id = result
    runtime, programme_id = runtime_of(request), work.caller.programme_id

    async def final() -> PartnerSpendingRead | None:
        if request_id is None or await runtime.outcomes.outcome(programme_id, request_id, wait_s) is None:
            return None
        async with runtime.database.reading(programme_id) as session:
            return await logic.read(session, spent.id)

    location = f"/v1/partner-spending/spendings/{spent.reference}"
    return AwaitedAnswer(spent, location=location, final=final)


@router.get(
    "/spendings/{reference}",
    summary="Read an own spending",
    responses=problem_responses(problems.NotAPartner, problems.PartnerSpendingNotFound),
)
async def read_own_spending(work: Looking, reference: ReferenceInPath) -> PartnerSpendingRead:
    """A spending of the partner that calls, by its reference."""
    return await logic.read_own(work.session, work.caller, reference)


@router.post(
    "/spendings/{reference}/cancellation",
    status_code=201,
    summary="Cancel an own spending",
    responses=problem_responses(
        problems.NotAPartner, problems.PartnerSpendingNotFound, problems.PartnerSpendingState
    ),
)
async def cancel(work: Acting, reference: ReferenceInPath) -> PartnerSpendingRead:
    """The units go back with the expiry that they had; what is still on its way goes back on arrival."""
    return await logic.cancel(work.session, work.caller, reference)
