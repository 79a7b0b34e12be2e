"""Endpoints of the credit conversions service."""

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
from host_api.services.credit_conversions import access, logic, problems, rates
from host_api.services.credit_conversions.listing import ConversionQuery, RateQuery
from host_api.services.credit_conversions.schemas import (
    ConversionCreate,
    ConversionRateCreate,
    ConversionRateRead,
    ConversionRead,
    RateDecision,
)
from host_api.services.members.logic import MemberNotFound

router = APIRouter(tags=["credit conversions"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Asking = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]
Acting = Annotated[WriteWork, writes(access.ACT)]
Waiting = Annotated[
    int, Query(ge=0, le=10, description="So many seconds the answer may wait for the switch's decision.")
]

_PENDING = pending_response(ConversionRead)


@router.post("/conversion-rates", status_code=201, summary="Ask for a conversion rate")
async def ask_conversion_rate(work: Asking, wanted: ConversionRateCreate) -> ConversionRateRead:
    """What a purse is worth from an instant on; it holds once a second person has approved it."""
    return await rates.ask(work.session, wanted, work.caller)


@router.get("/conversion-rates", summary="List conversion rates")
async def list_conversion_rates(
    work: Reading, query: Annotated[RateQuery, Query()]
) -> Page[ConversionRateRead]:
    """All rates that were ever asked for, the latest first, with those in force marked."""
    return await rates.read_page(work.session, query)


@router.post(
    "/conversion-rates/{rate_id}/approval",
    status_code=201,
    summary="Approve a conversion rate",
    responses=problem_responses(problems.RateNotFound, AlreadyDecided, OwnAct, problems.RateTooLate),
)
async def approve_conversion_rate(
    work: Deciding, rate_id: IdInPath, decision: RateDecision
) -> ConversionRateRead:
    """The rate holds from its instant on, as the second person agrees."""
    return await rates.approve(work.session, rate_id, work.caller, decision.note)


@router.post(
    "/conversion-rates/{rate_id}/rejection",
    status_code=201,
    summary="Reject a conversion rate",
    responses=problem_responses(problems.RateNotFound, AlreadyDecided, OwnAct),
)
async def reject_conversion_rate(
    work: Deciding, rate_id: IdInPath, decision: RateDecision
) -> ConversionRateRead:
    """Turn a rate of another down."""
    return await rates.reject(work.session, rate_id, work.caller, decision.note)


@router.post(
    "/conversion-rates/{rate_id}/cancellation",
    status_code=201,
    summary="Cancel a conversion rate",
    responses=problem_responses(problems.RateNotFound, AlreadyDecided, ActOfAnother),
)
async def cancel_conversion_rate(work: Asking, rate_id: IdInPath) -> ConversionRateRead:
    """Take back a rate that you asked for and nobody has decided yet."""
    return await rates.cancel(work.session, rate_id, work.caller)


@router.post(
    "/members/{member_id}/credit-conversions",
    status_code=201,
    summary="Turn credit into rials",
    response_model=ConversionRead,
    responses={
        **_PENDING,
        **problem_responses(MemberNotFound, problems.NotConvertible, problems.UnitsNotConvertible),
    },
)
async def convert_credit(
    request: Request, work: Acting, member_id: IdInPath, wanted: ConversionCreate, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """Take a member's units and put their value into the wallet, at the rate in force. 201 tells what the
    switch made of taking them: `refused`, or `giving` and soon `done`."""
    runtime, programme_id = runtime_of(request), work.caller.programme_id
    made, request_id = await logic.convert(work.session, member_id, wanted, work.caller)

    async def final() -> ConversionRead | None:
        if await runtime.outcomes.outcome(programme_id, request_id, wait_s) is None:
            return None
        async with runtime.database.reading(programme_id) as session:
            return await logic.read(session, made.id)

    return AwaitedAnswer(made, location=f"/v1/credit-conversions/{made.id}", final=final)


@router.get("/credit-conversions", summary="List conversions")
async def list_credit_conversions(
    work: Reading, query: Annotated[ConversionQuery, Query()]
) -> Page[ConversionRead]:
    """Conversions, the latest first, of all or of one member."""
    return await logic.read_page(work.session, query)


@router.get(
    "/credit-conversions/{conversion_id}",
    summary="Read a conversion",
    responses=problem_responses(problems.ConversionNotFound),
)
async def read_credit_conversion(work: Reading, conversion_id: IdInPath) -> ConversionRead:
    """One conversion and where it stands."""
    return await logic.read(work.session, conversion_id)
