"""Endpoints of points between members."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from host_api.core.awaited_answer import AwaitedAnswer, pending_response
from host_api.core.error_handlers import problem_response
from host_api.core.errors import Problem, problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.period_limits import PeriodLimitReached
from host_api.core.policy_versions import PolicyInThePast, PolicyMissing
from host_api.core.runtime import runtime_of
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.agreements.problems import AgreementNotAccepted
from host_api.services.members.logic import MemberNotFound
from host_api.services.messages.code_problems import (
    MemberCodeOver,
    MemberCodeWrong,
    NoMobile,
    TooManyMemberCodes,
)
from host_api.services.point_transfers import access, logic, policies, problems, report
from host_api.services.point_transfers.listing import (
    PointTransferPolicyQuery,
    PointTransferQuery,
    ReportQuery,
)
from host_api.services.point_transfers.schemas import (
    PointTransferCancellation,
    PointTransferCodeTry,
    PointTransferCreate,
    PointTransferPolicyCreate,
    PointTransferPolicyRead,
    PointTransferRead,
    PointTransferReport,
)

router = APIRouter(prefix="/point-transfers", tags=["point transfers"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]
Acting = Annotated[WriteWork, writes(access.ACT)]
Waiting = Annotated[
    int, Query(ge=0, le=10, description="So many seconds the answer may wait for the switch's decision.")
]

_PENDING = pending_response(
    PointTransferRead, "Not decided yet, by the giver's code or by the switch: look again at `Location`"
)
_OF_GIVER = (
    MemberNotFound,
    PolicyMissing,
    PeriodLimitReached,
    problems.GiverNotAllowed,
    problems.TransferUnitsOutOfRange,
    problems.TooLittleLeft,
    AgreementNotAccepted,
)


def _awaited(request: Request, work: WriteWork, asked: logic.Asked, wait_s: int) -> AwaitedAnswer:
    runtime, programme_id = runtime_of(request), work.caller.programme_id
    transfer, request_id = asked

    async def final() -> PointTransferRead | None:
        if request_id is None or await runtime.outcomes.outcome(programme_id, request_id, wait_s) is None:
            return None
        async with runtime.database.reading(programme_id) as session:
            return await logic.read(session, transfer.id)

    return AwaitedAnswer(transfer, location=f"/v1/point-transfers/{transfer.id}", final=final)


@router.post(
    "/policies",
    status_code=201,
    summary="Make a version of the transfer policy",
    responses=problem_responses(PolicyInThePast),
)
async def create_policy(work: Writing, wanted: PointTransferPolicyCreate) -> PointTransferPolicyRead:
    """Limits, audience and when a code is wanted, from an instant on."""
    return await policies.create(work.session, work.caller, wanted)


@router.get("/policies", summary="List versions of the transfer policy")
async def list_policies(
    work: Reading, query: Annotated[PointTransferPolicyQuery, Query()]
) -> Page[PointTransferPolicyRead]:
    """Past, present and future versions, the latest first."""
    return await policies.read_page(work.session, query)


@router.get(
    "/policies/current", summary="Read the transfer policy", responses=problem_responses(PolicyMissing)
)
async def read_current_policy(work: Reading) -> PointTransferPolicyRead:
    """The version in force."""
    return await policies.read_current(work.session)


@router.get("/report", summary="Sum up transfers")
async def read_report(work: Reading, query: Annotated[ReportQuery, Query()]) -> PointTransferReport:
    """How many units were given in a time, by state, and by whom most."""
    return await report.read(work.session, query)


@router.post(
    "",
    status_code=201,
    summary="Give points to a member",
    response_model=PointTransferRead,
    responses={
        **_PENDING,
        **problem_responses(*_OF_GIVER, problems.ReceiverNotFound, NoMobile, TooManyMemberCodes),
    },
)
async def ask(
    request: Request, work: Acting, wanted: PointTransferCreate, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """The giver is texted a code, and 202 tells `asked`; where the policy wants none it goes to the switch at
    once, and 201 tells `done` or `failed`."""
    asked = await logic.ask(work.session, work.cipher, work.caller, wanted)
    return _awaited(request, work, asked, wait_s)


@router.get("", summary="List transfers between members")
async def list_transfers(
    work: Reading, query: Annotated[PointTransferQuery, Query()]
) -> Page[PointTransferRead]:
    """The latest first."""
    return await logic.read_page(work.session, query)


@router.get(
    "/{transfer_id}",
    summary="Read a transfer",
    responses=problem_responses(problems.PointTransferNotFound),
)
async def read_transfer(work: Reading, transfer_id: IdInPath) -> PointTransferRead:
    """One transfer by id."""
    return await logic.read(work.session, transfer_id)


@router.post(
    "/{transfer_id}/code",
    status_code=201,
    summary="Send another code",
    responses=problem_responses(
        problems.PointTransferNotFound, problems.TransferNotInThisState, NoMobile, TooManyMemberCodes
    ),
)
async def send_code(work: Acting, transfer_id: IdInPath) -> PointTransferRead:
    """Text the giver a fresh code, which takes the place of the last one."""
    return await logic.send_code(work.session, work.cipher, transfer_id)


@router.post(
    "/{transfer_id}/confirmation",
    status_code=201,
    summary="Confirm a transfer",
    response_model=PointTransferRead,
    responses={
        **_PENDING,
        **problem_responses(
            *_OF_GIVER,
            problems.PointTransferNotFound,
            problems.TransferNotInThisState,
            MemberCodeWrong,
            MemberCodeOver,
        ),
    },
)
async def confirm(
    request: Request, work: Acting, transfer_id: IdInPath, wanted: PointTransferCodeTry, wait_s: Waiting = 5
) -> JSONResponse:
    """Send the giver's code: two minutes, five tries. 201 tells `done` or `failed`; 202 that the switch has
    not decided yet."""
    result = await logic.confirm(work.session, work.cipher, work.caller, transfer_id, wanted.code)
    if isinstance(result, Problem):  # answered, not raised, so that the try counts
        return problem_response(request, result)
    return _awaited(request, work, result, wait_s)


@router.post(
    "/{transfer_id}/withdrawal",
    status_code=201,
    summary="Withdraw a transfer",
    responses=problem_responses(problems.PointTransferNotFound, problems.TransferNotInThisState),
)
async def withdraw(work: Acting, transfer_id: IdInPath) -> PointTransferRead:
    """As the giver wishes, before it is confirmed."""
    return await logic.cancel(work.session, work.caller, transfer_id)


@router.post(
    "/{transfer_id}/cancellation",
    status_code=201,
    summary="Cancel a transfer that is done",
    responses=problem_responses(problems.PointTransferNotFound, problems.TransferNotInThisState),
)
async def cancel(
    work: Deciding, transfer_id: IdInPath, wanted: PointTransferCancellation
) -> PointTransferRead:
    """The units go back, as long as the receiver has them; else it stays `done` with the switch's code."""
    return await logic.cancel(work.session, work.caller, transfer_id, wanted.reason)
