"""Endpoints of orders at storefronts."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request

from host_api.core.awaited_answer import AwaitedAnswer, pending_response
from host_api.core.bulk.export_route import add_export, list_export
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.runtime import runtime_of
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.members.logic import MemberNotFound
from host_api.services.sellers import access as sellers_access
from host_api.services.sellers.logic import SellerLimitReached, SellerMemberNotActive
from host_api.services.storefronts import access
from host_api.services.storefronts.fronts.problems import StorefrontGoodNotFound, StorefrontPrivilegeNotFound
from host_api.services.storefronts.orders import following, logic, placing, problems
from host_api.services.storefronts.orders.listing import (
    OwnStorefrontOrderQuery,
    StorefrontOrderExportQuery,
    StorefrontOrderQuery,
)
from host_api.services.storefronts.orders.schemas import (
    StorefrontContactRead,
    StorefrontDeliveryRead,
    StorefrontDeliveryUpdate,
    StorefrontOrderCreate,
    StorefrontOrderRead,
)
from host_api.services.storefronts.orders.states import StorefrontOrderState

router = APIRouter(tags=["storefront orders"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Looking = Annotated[ReadWork, reads(access.ACT)]
Acting = Annotated[WriteWork, writes(access.ACT)]
SellerLooking = Annotated[ReadWork, reads(sellers_access.ACT)]
Selling = Annotated[WriteWork, writes(sellers_access.ACT)]
Waiting = Annotated[
    int, Query(ge=0, le=10, description="So many seconds the answer may wait for the switch's decision.")
]

_STEP = problem_responses(problems.StorefrontOrderNotFound, problems.StorefrontOrderNotNow)
_COLUMNS: Final = (
    ("id", "Order", "سفارش"),
    ("seller_id", "Seller", "فروشنده"),
    ("member_id", "Member", "شمارهٔ عضو"),
    ("good_id", "Goods", "کالا"),
    ("privilege_id", "Privilege", "مزیت"),
    ("quantity", "Quantity", "تعداد"),
    ("total_rials", "Total", "جمع"),
    ("payment", "Payment", "پرداخت"),
    ("bonus_units", "Points", "امتیاز"),
    ("bonus_rials", "Cost of points", "هزینهٔ امتیاز"),
    ("state", "State", "وضعیت"),
    ("placed_at", "Placed at", "زمان سفارش"),
    ("ended_at", "Ended at", "زمان پایان"),
)
exports = APIRouter(prefix="/storefronts", tags=["storefront orders"], route_class=ServiceRoute)
add_export(
    exports,
    list_export("orders", StorefrontOrderExportQuery, _COLUMNS, logic.read_after),
    StorefrontOrderExportQuery,
    access.READ,
)


@router.post(
    "/storefronts/orders",
    status_code=201,
    summary="Order at a storefront",
    response_model=StorefrontOrderRead,
    responses={
        **pending_response(StorefrontOrderRead),
        **problem_responses(
            MemberNotFound,
            SellerMemberNotActive,
            StorefrontGoodNotFound,
            StorefrontPrivilegeNotFound,
            problems.StorefrontNotSold,
            problems.StorefrontPrivilegeNotForMember,
            problems.StorefrontNoInstalments,
            problems.StorefrontSoldOut,
            SellerLimitReached,
        ),
    },
)
async def place_storefront_order(
    request: Request, work: Acting, wanted: StorefrontOrderCreate, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """In a member's name. 201 tells what became of the payment: `placed`, or `refused`."""
    runtime, programme_id = runtime_of(request), work.caller.programme_id
    order, request_id = await placing.place(work.session, work.cipher, work.caller, wanted)
    number = order.id

    async def final() -> StorefrontOrderRead | None:
        if request_id is not None:
            outcome = await runtime.outcomes.outcome(programme_id, request_id, wait_s)
            if outcome is None:
                return None
        async with runtime.database.reading(programme_id) as session:
            return await logic.read(session, number)

    return AwaitedAnswer(logic.shown(order), location=f"/v1/storefronts/orders/{number}", final=final)


@router.get("/storefronts/orders", summary="List orders at storefronts")
async def list_storefront_orders(
    work: Reading, query: Annotated[StorefrontOrderQuery, Query()]
) -> Page[StorefrontOrderRead]:
    """Of all sellers, the latest first."""
    return await logic.read_page(work.session, query)


@router.get(
    "/storefronts/orders/{order_id}",
    summary="Read an order at a storefront",
    responses=problem_responses(problems.StorefrontOrderNotFound),
)
async def read_storefront_order(work: Reading, order_id: IdInPath) -> StorefrontOrderRead:
    """One order by id."""
    return await logic.read(work.session, order_id)


@router.get(
    "/storefronts/orders/{order_id}/delivery",
    summary="Read where an order goes",
    responses=problem_responses(problems.StorefrontOrderNotFound, problems.StorefrontNoDelivery),
)
async def read_storefront_delivery(work: SellerLooking, order_id: IdInPath) -> StorefrontDeliveryRead:
    """For the seller."""
    return await logic.read_delivery(work.session, work.cipher, order_id)


@router.get(
    "/storefronts/orders/{order_id}/contact",
    summary="Read how to reach an order's seller",
    responses=problem_responses(problems.StorefrontOrderNotFound),
)
async def read_storefront_contact(work: Looking, order_id: IdInPath) -> StorefrontContactRead:
    """For the member who has ordered."""
    return await logic.read_contact(work.session, work.cipher, order_id)


@router.post("/storefronts/orders/{order_id}/confirmation", summary="Confirm an order", responses=_STEP)
async def confirm_storefront_order(work: Selling, order_id: IdInPath) -> StorefrontOrderRead:
    """The seller takes it; one in instalments becomes an instalment sale."""
    return logic.shown(await following.confirm(work.session, order_id))


@router.post("/storefronts/orders/{order_id}/decline", summary="Decline an order", responses=_STEP)
async def decline_storefront_order(work: Selling, order_id: IdInPath) -> StorefrontOrderRead:
    """The seller doesn't take it; what was paid goes back."""
    state = StorefrontOrderState.DECLINED
    return logic.shown(await following.end(work.session, work.caller, order_id, state))


@router.post(
    "/storefronts/orders/{order_id}/delivery", summary="Tell that an order was delivered", responses=_STEP
)
async def deliver_storefront_order(
    work: Selling, order_id: IdInPath, wanted: StorefrontDeliveryUpdate
) -> StorefrontOrderRead:
    """Handed over or sent; it is completed when it can't go back any more."""
    return logic.shown(await following.deliver(work.session, work.caller, order_id, wanted.tracking))


@router.post(
    "/storefronts/orders/{order_id}/withdrawal", summary="Call a confirmed order off", responses=_STEP
)
async def withdraw_storefront_order(work: Selling, order_id: IdInPath) -> StorefrontOrderRead:
    """The seller can't deliver; what was paid goes back."""
    state = StorefrontOrderState.WITHDRAWN
    return logic.shown(await following.end(work.session, work.caller, order_id, state))


@router.post("/storefronts/orders/{order_id}/return", summary="Take a delivered order back", responses=_STEP)
async def return_storefront_order(work: Selling, order_id: IdInPath) -> StorefrontOrderRead:
    """Within the storefront's days; what was paid goes back, and there are no points."""
    state = StorefrontOrderState.RETURNED
    return logic.shown(await following.end(work.session, work.caller, order_id, state))


@router.post("/storefronts/orders/{order_id}/cancellation", summary="Cancel an order", responses=_STEP)
async def cancel_storefront_order(work: Acting, order_id: IdInPath) -> StorefrontOrderRead:
    """In the member's name, until the seller confirms; what was paid goes back."""
    state = StorefrontOrderState.CANCELLED
    return logic.shown(await following.end(work.session, work.caller, order_id, state))


@router.get(
    "/members/{member_id}/storefront-orders",
    summary="List a member's orders at storefronts",
    responses=problem_responses(MemberNotFound),
)
async def list_own_storefront_orders(
    work: Looking, member_id: IdInPath, query: Annotated[OwnStorefrontOrderQuery, Query()]
) -> Page[StorefrontOrderRead]:
    """The latest first."""
    return await logic.read_own(work.session, member_id, query)
