"""Endpoints of the transaction_requests service."""

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
from host_api.services.transaction_requests import access, logic, problems
from host_api.services.transaction_requests.listing import RequestQuery
from host_api.services.transaction_requests.schemas import (
    RequestDecision,
    ReturnCreate,
    TransactionRequestRead,
    VoidCreate,
)
from host_api.services.transactions.logic import TransactionNotFound

router = APIRouter(prefix="/transaction-requests", tags=["voids and returns"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Asking = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]
Waiting = Annotated[
    int, Query(ge=0, le=10, description="So many seconds the answer may wait for the switch's decision.")
]

_PENDING = pending_response(
    TransactionRequestRead, "Sent, and the switch has not decided yet: look again at `Location`"
)


@router.post(
    "/voids",
    status_code=201,
    summary="Void a sale or hold",
    response_model=TransactionRequestRead,
    responses={
        **_PENDING,
        **problem_responses(
            TransactionNotFound,
            problems.NotReturnable,
            problems.AlreadyUndone,
            problems.DayIsClosed,
            problems.UnderWay,
        ),
    },
)
async def ask_void(request: Request, work: Asking, wanted: VoidCreate, wait_s: Waiting = 5) -> AwaitedAnswer:
    """Undo all of a sale on its own business day, or free what an authorisation holds.

    Above the limit (setting `return_alone_limit`) it is `asked` and waits for a second person.
    """
    limit = runtime_of(request).settings.return_alone_limit
    asked = await logic.ask_void(work.session, work.cipher, wanted, work.caller, limit)
    return await _answer(request, work, asked, wait_s)


@router.post(
    "/returns",
    status_code=201,
    summary="Return a sale, whole or in part",
    response_model=TransactionRequestRead,
    responses={
        **_PENDING,
        **problem_responses(
            TransactionNotFound,
            problems.NotReturnable,
            problems.AlreadyUndone,
            problems.MoreThanIsLeft,
            problems.LinesDiffer,
            problems.UnderWay,
        ),
    },
)
async def ask_return(
    request: Request, work: Asking, wanted: ReturnCreate, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """Take back some or all of a sale, by the rules of its day: what it gave goes, what it took comes back.

    Above the limit (setting `return_alone_limit`), together with what came back before, it waits for a
    second person.
    """
    limit = runtime_of(request).settings.return_alone_limit
    asked = await logic.ask_return(work.session, work.cipher, wanted, work.caller, limit)
    return await _answer(request, work, asked, wait_s)


@router.get("", summary="List voids and returns")
async def list_requests(
    work: Reading, query: Annotated[RequestQuery, Query()]
) -> Page[TransactionRequestRead]:
    """Voids and returns, the latest first; `state=asked` are those to be decided."""
    return await logic.read_page(work.session, query)


@router.get(
    "/{request_id}", summary="Read a void or return", responses=problem_responses(problems.RequestNotFound)
)
async def read_request(work: Reading, request_id: IdInPath) -> TransactionRequestRead:
    """One by id."""
    return await logic.read(work.session, request_id)


@router.post(
    "/{request_id}/approval",
    status_code=201,
    summary="Approve a void or return",
    response_model=TransactionRequestRead,
    responses={
        **_PENDING,
        **problem_responses(problems.RequestNotFound, AlreadyDecided, OwnAct, problems.NotReturnable),
    },
)
async def approve_request(
    request: Request, work: Deciding, request_id: IdInPath, decision: RequestDecision, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """Send it to the switch as the second person. 201 tells what the switch decided: `done` or `failed`;
    202 that it has not yet."""
    approved = await logic.approve(work.session, work.cipher, request_id, work.caller, decision.note)
    return await _answer(request, work, approved, wait_s)


@router.post(
    "/{request_id}/rejection",
    status_code=201,
    summary="Reject a void or return",
    responses=problem_responses(problems.RequestNotFound, AlreadyDecided, OwnAct),
)
async def reject_request(
    work: Deciding, request_id: IdInPath, decision: RequestDecision
) -> TransactionRequestRead:
    """Turn down what another has asked for; nothing moves."""
    return await logic.reject(work.session, request_id, work.caller, decision.note)


@router.post(
    "/{request_id}/cancellation",
    status_code=201,
    summary="Cancel a void or return",
    responses=problem_responses(problems.RequestNotFound, AlreadyDecided, ActOfAnother),
)
async def cancel_request(work: Asking, request_id: IdInPath) -> TransactionRequestRead:
    """Take back what you asked for and nobody has decided yet."""
    return await logic.cancel(work.session, request_id, work.caller)


async def _answer(
    request: Request, work: WriteWork, asked: TransactionRequestRead, wait_s: int
) -> AwaitedAnswer:
    """What became of it once the switch has decided; at once where it waits for a person."""
    runtime, programme_id = runtime_of(request), work.caller.programme_id
    ledger_request_id = await logic.ledger_request_of(work.session, asked.id)

    async def final() -> TransactionRequestRead | None:
        if ledger_request_id is None:
            return asked
        if await runtime.outcomes.outcome(programme_id, ledger_request_id, wait_s) is None:
            return None
        async with runtime.database.reading(programme_id) as session:
            return await logic.read(session, asked.id)

    return AwaitedAnswer(asked, location=f"/v1/transaction-requests/{asked.id}", final=final)
