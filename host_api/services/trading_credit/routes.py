"""Endpoints of trading credit."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request

from host_api.core.awaited_answer import AwaitedAnswer, pending_response
from host_api.core.bulk.export_route import add_export, list_export
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.period_limits import PeriodLimitReached
from host_api.core.policy_versions import PolicyInThePast, PolicyMissing
from host_api.core.runtime import runtime_of
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.members.logic import MemberNotFound
from host_api.services.trading_credit import access, logic, policies, problems
from host_api.services.trading_credit.listing import (
    CreditLineExportQuery,
    CreditLineQuery,
    TradingCreditPolicyQuery,
)
from host_api.services.trading_credit.schemas import (
    CreditLineCreate,
    CreditLineRead,
    CreditLineReversal,
    TradingCreditPolicyCreate,
    TradingCreditPolicyRead,
)

router = APIRouter(prefix="/trading-credit", tags=["trading credit"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]
Acting = Annotated[WriteWork, writes(access.ACT)]
Waiting = Annotated[
    int, Query(ge=0, le=10, description="So many seconds the answer may wait for the switch's decision.")
]

_PENDING = pending_response(CreditLineRead)
_COLUMNS: Final = (
    ("id", "Line", "شناسه"),
    ("member_id", "Member", "شمارهٔ عضو"),
    ("state", "State", "وضعیت"),
    ("units", "Units", "امتیاز"),
    ("rials", "Rials", "ریال"),
    ("granted_at", "Granted at", "زمان اعطا"),
    ("valid_until", "Valid until", "اعتبار تا"),
    ("reversed_at", "Reversed at", "زمان برگشت"),
)
add_export(
    router,
    list_export("lines", CreditLineExportQuery, _COLUMNS, logic.read_after),
    CreditLineExportQuery,
    access.READ,
)


@router.post(
    "/policies",
    status_code=201,
    summary="Make a version of the trading credit policy",
    responses=problem_responses(PolicyInThePast),
)
async def create_policy(work: Writing, wanted: TradingCreditPolicyCreate) -> TradingCreditPolicyRead:
    """Rate, limits and audience from an instant on; lines keep the version under which they were bought."""
    return await policies.create(work.session, work.caller, wanted)


@router.get("/policies", summary="List versions of the trading credit policy")
async def list_policies(
    work: Reading, query: Annotated[TradingCreditPolicyQuery, Query()]
) -> Page[TradingCreditPolicyRead]:
    """Past, present and future versions, the latest first."""
    return await policies.read_page(work.session, query)


@router.get(
    "/policies/current", summary="Read the trading credit policy", responses=problem_responses(PolicyMissing)
)
async def read_current_policy(work: Reading) -> TradingCreditPolicyRead:
    """The version in force."""
    return await policies.read_current(work.session)


@router.post(
    "/lines",
    status_code=201,
    summary="Buy trading credit",
    response_model=CreditLineRead,
    responses={
        **_PENDING,
        **problem_responses(
            MemberNotFound,
            PolicyMissing,
            PeriodLimitReached,
            problems.CreditNotForMember,
            problems.CreditUnitsOutOfRange,
        ),
    },
)
async def buy(request: Request, work: Acting, wanted: CreditLineCreate, wait_s: Waiting = 5) -> AwaitedAnswer:
    """Pay with a member's units. 201 tells what the switch decided: `granted` or `refused`; 202 that it has
    not yet."""
    runtime, programme_id = runtime_of(request), work.caller.programme_id
    line, request_id = await logic.buy(work.session, work.caller, wanted)

    async def final() -> CreditLineRead | None:
        if await runtime.outcomes.outcome(programme_id, request_id, wait_s) is None:
            return None
        async with runtime.database.reading(programme_id) as session:
            return await logic.read(session, line.id)

    return AwaitedAnswer(line, location=f"/v1/trading-credit/lines/{line.id}", final=final)


@router.get("/lines", summary="List lines of trading credit")
async def list_lines(work: Reading, query: Annotated[CreditLineQuery, Query()]) -> Page[CreditLineRead]:
    """The latest first; a broker reads those `granted_from` its last visit; events tell reversals."""
    return await logic.read_page(work.session, query)


@router.get(
    "/lines/{line_id}",
    summary="Read a line of trading credit",
    responses=problem_responses(problems.CreditLineNotFound),
)
async def read_line(work: Reading, line_id: IdInPath) -> CreditLineRead:
    """One line by id."""
    return await logic.read(work.session, line_id)


@router.post(
    "/lines/{line_id}/reversal",
    status_code=201,
    summary="Reverse a line of trading credit",
    responses=problem_responses(problems.CreditLineNotFound, problems.CreditLineNotInThisState),
)
async def reverse(work: Deciding, line_id: IdInPath, wanted: CreditLineReversal) -> CreditLineRead:
    """The broker hears of it at once, and the units go back with the expiry that they had. Also for one that
    is `unreturned`: the switch is asked again."""
    return await logic.reverse(work.session, work.caller, line_id, wanted.reason)
