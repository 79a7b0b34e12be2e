"""Endpoints of what is accepted."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from host_api.core.error_handlers import problem_response
from host_api.core.errors import Problem, problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import LARGEST_ID
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.agreements import acceptances, access, problems
from host_api.services.agreements.listing import AcceptanceQuery
from host_api.services.agreements.schemas import (
    AcceptanceCodeCreate,
    AcceptanceCodeSent,
    AcceptanceCreate,
    AcceptanceRead,
    PendingAgreements,
)
from host_api.services.members.logic import MemberNotFound
from host_api.services.merchants.logic import MerchantNotFound
from host_api.services.messages.code_problems import (
    MemberCodeOver,
    MemberCodeWrong,
    NoMobile,
    TooManyMemberCodes,
)

router = APIRouter(prefix="/agreements", tags=["agreements"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Looking = Annotated[ReadWork, reads(access.ACT)]
Acting = Annotated[WriteWork, writes(access.ACT)]


@router.get(
    "/pending", summary="Read what a member has to accept", responses=problem_responses(MemberNotFound)
)
async def read_pending(
    work: Looking, member_id: Annotated[int, Query(ge=1, le=LARGEST_ID)]
) -> PendingAgreements:
    """The texts that something waits for and this member has not accepted, to be shown."""
    return await acceptances.pending(work.session, member_id)


@router.post(
    "/acceptance-codes",
    status_code=201,
    summary="Text a code for accepting",
    responses=problem_responses(
        problems.OtherVersionInForce, problems.OfOtherParty, MemberNotFound, NoMobile, TooManyMemberCodes
    ),
)
async def send_code(work: Acting, wanted: AcceptanceCodeCreate) -> AcceptanceCodeSent:
    """Good for one text and one member: two minutes, five tries."""
    return await acceptances.send_code(work.session, work.cipher, wanted)


@router.post(
    "/acceptances",
    status_code=201,
    summary="Accept a text",
    response_model=AcceptanceRead,
    responses=problem_responses(
        problems.OtherVersionInForce,
        problems.OfOtherParty,
        problems.ProofNotOfMember,
        MemberNotFound,
        MerchantNotFound,
        MemberCodeWrong,
        MemberCodeOver,
    ),
)
async def accept(request: Request, work: Acting, wanted: AcceptanceCreate) -> JSONResponse:
    """Keep the acceptance with its proof; gates of the switch open with the member's next record there."""
    result = await acceptances.accept(work.session, work.cipher, work.caller, wanted)
    if isinstance(result, Problem):  # answered, not raised, so that the try counts
        return problem_response(request, result)
    return JSONResponse(result.model_dump(mode="json"), status_code=201)


@router.get("/acceptances", summary="List acceptances")
async def list_acceptances(work: Reading, query: Annotated[AcceptanceQuery, Query()]) -> Page[AcceptanceRead]:
    """Who accepted which text when, and what proves it; the latest first."""
    return await acceptances.read_page(work.session, query)
