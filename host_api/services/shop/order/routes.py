"""Endpoints of orders."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from host_api.core.access.caller import Caller
from host_api.core.awaited_answer import AwaitedAnswer
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.runtime import runtime_of
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.agreements.problems import AgreementNotAccepted
from host_api.services.members.logic import MemberNotFound
from host_api.services.shop import access
from host_api.services.shop.catalogue.problems import (
    ItemNotFound,
    LimitReached,
    NotSold,
    SlotNotFound,
    SoldOut,
)
from host_api.services.shop.order import fulfilment, giving_back, logic, placing, problems
from host_api.services.shop.order.listing import GivingBackQuery, LineQuery, OrderQuery, OwnOrderQuery
from host_api.services.shop.order.schemas import (
    GivingBackRead,
    LineProgress,
    LineRead,
    LineReturnCreate,
    OrderDelivery,
    ShopOrderCreate,
    ShopOrderRead,
)
from host_api.services.shop.order.states import ShopOrderState

router = APIRouter(tags=["shop orders"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.ORDERS_READ)]
Writing = Annotated[WriteWork, writes(access.ORDERS_WRITE)]
Looking = Annotated[ReadWork, reads(access.ACT)]
Acting = Annotated[WriteWork, writes(access.ACT)]
Waiting = Annotated[
    int, Query(ge=0, le=10, description="So many seconds the answer may wait for the switch's decision.")
]


def _pending(model: type[ShopOrderRead] | type[GivingBackRead]) -> dict[int | str, dict[str, Any]]:
    return {202: {"model": model, "description": "The switch has not decided yet: look at `Location`"}}


@router.post(
    "/shop/orders",
    status_code=201,
    summary="Order",
    response_model=ShopOrderRead,
    responses={
        **_pending(ShopOrderRead),
        **problem_responses(
            MemberNotFound,
            ItemNotFound,
            SlotNotFound,
            problems.CartEmpty,
            NotSold,
            LimitReached,
            SoldOut,
            AgreementNotAccepted,
        ),
    },
)
async def create_shop_order(
    request: Request, work: Acting, wanted: ShopOrderCreate, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """Order in a member's name. Each line is a debit of its own; all are paid, or the whole order is off. 201
    tells what became of it: `accepted`, or `refused` (a line's `response_code` 51: too few points)."""
    runtime, programme_id = runtime_of(request), work.caller.programme_id
    order, request_ids = await placing.place(work.session, work.cipher, wanted, work.caller)

    async def final() -> ShopOrderRead | None:
        until = asyncio.get_running_loop().time() + wait_s  # for all lines together
        for request_id in request_ids:
            left_s = max(0.0, until - asyncio.get_running_loop().time())
            if await runtime.outcomes.outcome(programme_id, request_id, left_s) is None:
                return None
        async with runtime.database.reading(programme_id) as session:
            found = await logic.read(session, order.id)
        return found if found.state is not ShopOrderState.PAYING else None

    return AwaitedAnswer(order, location=f"/v1/shop/orders/{order.id}", final=final)


@router.get("/shop/orders", summary="List orders")
async def list_shop_orders(work: Reading, query: Annotated[OrderQuery, Query()]) -> Page[ShopOrderRead]:
    """Orders with their lines, the latest first."""
    return await logic.read_page(work.session, query)


@router.get(
    "/shop/orders/{order_id}", summary="Read an order", responses=problem_responses(problems.OrderNotFound)
)
async def read_shop_order(work: Reading, order_id: IdInPath) -> ShopOrderRead:
    """One order by id."""
    return await logic.read(work.session, order_id)


@router.get(
    "/shop/orders/{order_id}/delivery",
    summary="Read an order's address",
    responses=problem_responses(problems.OrderNotFound, problems.NoDelivery),
)
async def read_delivery(
    work: Annotated[ReadWork, reads(access.ORDERS_WRITE)], order_id: IdInPath
) -> OrderDelivery:
    """To whom it is sent, for those who send it."""
    return await logic.read_delivery(work.session, work.cipher, order_id)


@router.get("/shop/order-lines", summary="List lines of orders")
async def list_order_lines(work: Reading, query: Annotated[LineQuery, Query()]) -> Page[LineRead]:
    """Lines of all orders; `state=paid` are those to be prepared, `slot_id` finds who comes at a time."""
    return await logic.read_lines(work.session, query)


@router.get(
    "/shop/order-lines/{line_id}", summary="Read a line", responses=problem_responses(problems.LineNotFound)
)
async def read_order_line(work: Reading, line_id: IdInPath) -> LineRead:
    """One line by id."""
    return await logic.read_line(work.session, line_id)


@router.post(
    "/shop/order-lines/{line_id}/progress",
    status_code=201,
    summary="Say where a line stands",
    responses=problem_responses(problems.LineNotFound, problems.NotNow),
)
async def progress_line(work: Writing, line_id: IdInPath, wanted: LineProgress) -> LineRead:
    """Prepare, send, lay ready, deliver; of a reservation, from its time on, delivered or no_show."""
    return await fulfilment.progress(work.session, line_id, wanted)


@router.post(
    "/shop/order-lines/{line_id}/cancellation",
    status_code=201,
    summary="Cancel a line",
    response_model=GivingBackRead,
    responses={**_pending(GivingBackRead), **problem_responses(problems.LineNotFound, problems.NotNow)},
)
async def cancel_line(
    request: Request, work: Acting, line_id: IdInPath, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """Call a line off before it is sent or delivered, a reservation until its `release_hours` before."""
    row, request_id = await fulfilment.cancel(work.session, line_id, work.caller)
    return _given_back(request, work.caller, row, request_id, wait_s)


@router.post(
    "/shop/order-lines/{line_id}/returns",
    status_code=201,
    summary="Return some of a line",
    response_model=GivingBackRead,
    responses={
        **_pending(GivingBackRead),
        **problem_responses(problems.LineNotFound, problems.NotReturnable),
    },
)
async def return_line(
    request: Request, work: Writing, line_id: IdInPath, wanted: LineReturnCreate, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """Take back what was delivered, within the item's days; its points come back with their expiry."""
    row, request_id = await fulfilment.take_back(work.session, line_id, wanted, work.caller)
    return _given_back(request, work.caller, row, request_id, wait_s)


@router.get("/shop/givings-back", summary="List what is given back")
async def list_givings_back(
    work: Reading, query: Annotated[GivingBackQuery, Query()]
) -> Page[GivingBackRead]:
    """Points that go back to members; `state=failed` are those that the switch refused."""
    return await giving_back.read_page(work.session, query)


@router.get(
    "/shop/givings-back/{giving_back_id}",
    summary="Read what is given back",
    responses=problem_responses(problems.GivingBackNotFound),
)
async def read_giving_back(work: Reading, giving_back_id: IdInPath) -> GivingBackRead:
    """One by id."""
    return await giving_back.find(work.session, giving_back_id)


@router.post(
    "/shop/givings-back/{giving_back_id}/retry",
    status_code=201,
    summary="Give back once more",
    response_model=GivingBackRead,
    responses={
        **_pending(GivingBackRead),
        **problem_responses(problems.GivingBackNotFound, problems.NotFailed),
    },
)
async def retry_giving_back(
    request: Request, work: Writing, giving_back_id: IdInPath, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """Ask the switch again for what it refused to give back."""
    row, request_id = await giving_back.retry(work.session, giving_back_id, work.caller)
    return _given_back(request, work.caller, row, request_id, wait_s)


@router.get(
    "/members/{member_id}/shop-orders",
    summary="List a member's orders",
    responses=problem_responses(MemberNotFound),
)
async def list_own_orders(
    work: Looking, member_id: IdInPath, query: Annotated[OwnOrderQuery, Query()]
) -> Page[ShopOrderRead]:
    """A member's orders with their lines, the latest first."""
    return await logic.read_own(work.session, member_id, query)


def _given_back(
    request: Request, caller: Caller, row: GivingBackRead, request_id: int, wait_s: int
) -> AwaitedAnswer:
    runtime, programme_id = runtime_of(request), caller.programme_id

    async def final() -> GivingBackRead | None:
        if await runtime.outcomes.outcome(programme_id, request_id, wait_s) is None:
            return None
        async with runtime.database.reading(programme_id) as session:
            return await giving_back.find(session, row.id)

    return AwaitedAnswer(row, location=f"/v1/shop/givings-back/{row.id}", final=final)
