"""Endpoints of sales, gifts, returns and tills."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request

from host_api.core.awaited_answer import AwaitedAnswer, pending_response
from host_api.core.errors import Problem, preferred_language, problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.runtime import runtime_of
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.members.logic import MemberNotFound
from host_api.services.merchants.logic import BranchNotFound
from host_api.services.sales import access, problems, reading, returning, selling, till_batches
from host_api.services.sales.listing import StoreReturnQuery, StoreSaleQuery
from host_api.services.sales.models import StoreReturn, StoreSale
from host_api.services.sales.schemas import (
    StoreGiftCreate,
    StoreReturnCreate,
    StoreReturnRead,
    StoreSaleCreate,
    StoreSaleRead,
)
from host_api.services.sales.till_batches import TillBatch, TillBatchRead
from host_api.services.stock.problems import NotInStock
from host_api.services.store_accounts.problems import DebtExceeded, DebtorNotServed
from host_api.services.store_accounts.till_documents import TillReferenceUsed
from host_api.services.transaction_requests import logic as transaction_requests
from host_api.services.transaction_requests import problems as transaction_problems
from host_api.services.transactions.logic import TransactionNotFound

router = APIRouter(tags=["sales"], route_class=ServiceRoute)
till_router = APIRouter(tags=["tills"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
TillActing = Annotated[WriteWork, writes(access.TILLS_ACT)]
Waiting = Annotated[
    int, Query(ge=0, le=10, description="So many seconds the answer may wait for the switch's decision.")
]

_OUTGOING: Final[tuple[type[Problem], ...]] = (
    MemberNotFound,
    BranchNotFound,
    NotInStock,
    TillReferenceUsed,
    problems.SaleCustomerNotFound,
    problems.SaleLinesRefused,
    problems.SaleTimeRefused,
)
_ASKING: Final[tuple[type[Problem], ...]] = (
    problems.SalePointsUndecided,
    transaction_problems.NotReturnable,
    transaction_problems.AlreadyUndone,
    transaction_problems.MoreThanIsLeft,
    transaction_problems.LinesDiffer,
    transaction_problems.UnderWay,
)


@router.post(
    "/store-sales",
    status_code=201,
    summary="Register a sale",
    response_model=StoreSaleRead,
    responses={
        **pending_response(StoreSaleRead),
        **problem_responses(
            *_OUTGOING,
            TransactionNotFound,
            DebtorNotServed,
            problems.PaymentsDiffer,
            problems.SaleTooLarge,
            problems.SaleTransactionDiffers,
        ),
    },
)
async def register_sale(
    request: Request, work: Writing, wanted: StoreSaleCreate, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """Goods go out, money or a debt comes in, and the member earns: by the terminal's transaction that `rrn`
    names, else now. The same document again is the same sale."""
    sale = await selling.register(work.session, work.cipher, wanted, work.caller)
    return await _sale_answer(request, work, sale, wait_s)


@router.post(
    "/store-gifts", status_code=201, summary="Register a gift", responses=problem_responses(*_OUTGOING)
)
async def register_gift(work: Writing, wanted: StoreGiftCreate) -> StoreSaleRead:
    """Goods go out for nothing; it is read among the sales."""
    gift = await selling.give(work.session, work.cipher, wanted, work.caller)
    return await reading.read_sale(work.session, gift.id)


@router.get("/store-sales", summary="List sales")
async def list_sales(work: Reading, query: Annotated[StoreSaleQuery, Query()]) -> Page[StoreSaleRead]:
    """Sales and gifts, the latest first."""
    return await reading.read_sales(work.session, query)


@router.get(
    "/store-sales/{sale_id}", summary="Read a sale", responses=problem_responses(problems.SaleNotFound)
)
async def read_sale(work: Reading, sale_id: IdInPath) -> StoreSaleRead:
    """One sale or gift by id."""
    return await reading.read_sale(work.session, sale_id)


@router.post(
    "/store-returns",
    status_code=201,
    summary="Take goods back",
    response_model=StoreReturnRead,
    responses={
        **pending_response(StoreReturnRead),
        **problem_responses(
            problems.SaleNotFound,
            problems.SaleLinesRefused,
            problems.SaleTimeRefused,
            problems.PaymentsDiffer,
            problems.SaleTransactionDiffers,
            TransactionNotFound,
            DebtExceeded,
            TillReferenceUsed,
            *_ASKING,
        ),
    },
)
async def take_back(
    request: Request, work: Writing, wanted: StoreReturnCreate, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """Goods come back, money goes or the debt shrinks, and the switch takes back what the sale gave.

    Above the limit (setting `return_alone_limit`) that waits for a second person.
    """
    limit = runtime_of(request).settings.return_alone_limit
    row = await returning.take_back(work.session, work.cipher, wanted, work.caller, limit)
    return await _return_answer(request, work, row, wait_s)


@router.get("/store-returns", summary="List returns")
async def list_returns(work: Reading, query: Annotated[StoreReturnQuery, Query()]) -> Page[StoreReturnRead]:
    """Returns, the latest first."""
    return await reading.read_returns(work.session, query)


@router.get(
    "/store-returns/{return_id}",
    summary="Read a return",
    responses=problem_responses(problems.SaleReturnNotFound),
)
async def read_return(work: Reading, return_id: IdInPath) -> StoreReturnRead:
    """One return by id, with where its points stand."""
    return await reading.read_return(work.session, return_id)


@router.post(
    "/store-returns/{return_id}/points",
    status_code=201,
    summary="Ask for a return's points again",
    response_model=StoreReturnRead,
    responses={
        **pending_response(StoreReturnRead),
        **problem_responses(problems.SaleReturnNotFound, problems.SalePointsSettled, *_ASKING),
    },
)
async def ask_points_again(
    request: Request, work: Writing, return_id: IdInPath, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """Where the switch or the second person has refused to take them back: ask once more."""
    limit = runtime_of(request).settings.return_alone_limit
    row = await returning.ask_points_again(work.session, work.cipher, return_id, work.caller, limit)
    return await _return_answer(request, work, row, wait_s)


@till_router.post("/till-batches", status_code=201, summary="Take a till's batch")
async def take_batch(request: Request, work: TillActing, batch: TillBatch) -> TillBatchRead:
    """Up to fifty documents that a till made while it had no link. Each is stored or refused alone; a refused
    one names its lines. The whole batch may be sent again: what is stored stays as it is."""
    return await till_batches.take(
        work.session,
        work.cipher,
        batch,
        work.caller,
        alone_limit=runtime_of(request).settings.return_alone_limit,
        language=preferred_language(request.headers.get("accept-language")),
    )


async def _sale_answer(request: Request, work: WriteWork, sale: StoreSale, wait_s: int) -> AwaitedAnswer:
    runtime, programme_id = runtime_of(request), work.caller.programme_id
    shown = await reading.read_sale(work.session, sale.id)
    request_id = sale.request_id

    async def final() -> StoreSaleRead | None:
        if request_id is None:
            return shown
        if await runtime.outcomes.outcome(programme_id, request_id, wait_s) is None:
            return None
        async with runtime.database.reading(programme_id) as session:
            return await reading.read_sale(session, shown.id)

    return AwaitedAnswer(shown, location=f"/v1/store-sales/{shown.id}", final=final)


async def _return_answer(request: Request, work: WriteWork, row: StoreReturn, wait_s: int) -> AwaitedAnswer:
    runtime, programme_id = runtime_of(request), work.caller.programme_id
    shown = await reading.read_return(work.session, row.id)
    asked = row.transaction_request_id
    request_id = None if asked is None else await transaction_requests.ledger_request_of(work.session, asked)

    async def final() -> StoreReturnRead | None:
        if request_id is None:
            return shown
        if await runtime.outcomes.outcome(programme_id, request_id, wait_s) is None:
            return None
        async with runtime.database.reading(programme_id) as session:
            return await reading.read_return(session, shown.id)

    return AwaitedAnswer(shown, location=f"/v1/store-returns/{shown.id}", final=final)
