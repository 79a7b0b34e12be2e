"""Endpoints of instalment sales."""

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
from host_api.services.instalment_sales import access, logic, paying, problems
from host_api.services.instalment_sales.listing import (
    InstalmentSaleExportQuery,
    InstalmentSaleQuery,
    OwnInstalmentSaleQuery,
)
from host_api.services.instalment_sales.schemas import (
    DirectPaymentCreate,
    InstalmentPaymentCreate,
    InstalmentPaymentRead,
    InstalmentSaleRead,
    InstalmentSaleStatement,
    InstalmentTotals,
)
from host_api.services.members.logic import MemberNotFound
from host_api.services.sellers.logic import SellerMemberNotActive, SellerNotFound

router = APIRouter(tags=["instalment sales"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Looking = Annotated[ReadWork, reads(access.ACT)]
Acting = Annotated[WriteWork, writes(access.ACT)]
Waiting = Annotated[
    int, Query(ge=0, le=10, description="So many seconds the answer may wait for the switch's decision.")
]

_PAYING = (
    problems.InstalmentSaleNotFound,
    problems.InstalmentSaleOver,
    problems.InstalmentTooMuch,
    problems.InstalmentReferenceUsed,
)
_COLUMNS: Final = (
    ("id", "Sale", "فروش"),
    ("seller_id", "Seller", "فروشنده"),
    ("member_id", "Member", "شمارهٔ عضو"),
    ("price_rials", "Price", "بها"),
    ("charge_rials", "Charge", "سود"),
    ("paid_rials", "Paid", "پرداخته"),
    ("left_rials", "Left", "مانده"),
    ("state", "State", "وضعیت"),
    ("started_on", "Begun on", "آغاز"),
)
exports = APIRouter(prefix="/instalment-sales", tags=["instalment sales"], route_class=ServiceRoute)
add_export(
    exports,
    list_export("sales", InstalmentSaleExportQuery, _COLUMNS, logic.read_after),
    InstalmentSaleExportQuery,
    access.READ,
)


@router.get("/instalment-sales", summary="List instalment sales")
async def list_instalment_sales(
    work: Reading, query: Annotated[InstalmentSaleQuery, Query()]
) -> Page[InstalmentSaleRead]:
    """Of all sellers, the latest first."""
    return await logic.read_page(work.session, query)


@router.get(
    "/instalment-sales/{sale_id}",
    summary="Read an instalment sale's statement",
    responses=problem_responses(problems.InstalmentSaleNotFound),
)
async def read_instalment_sale(work: Reading, sale_id: IdInPath) -> InstalmentSaleStatement:
    """All parts with what of them is paid, and all payments."""
    return await logic.read(work.session, sale_id)


@router.post(
    "/instalment-sales/{sale_id}/payments",
    status_code=201,
    summary="Pay instalments from a purse",
    response_model=InstalmentPaymentRead,
    responses={
        **pending_response(InstalmentPaymentRead),
        **problem_responses(*_PAYING, SellerMemberNotActive),
    },
)
async def pay_instalments(
    request: Request, work: Acting, sale_id: IdInPath, wanted: InstalmentPaymentCreate, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """In the member's name; the oldest unpaid part first, and as much in advance as the member likes.

    201 tells what the switch decided: `done` or `refused`."""
    runtime, programme_id = runtime_of(request), work.caller.programme_id
    payment, request_id = await paying.pay(work.session, work.caller, sale_id, wanted)

    async def final() -> InstalmentPaymentRead | None:
        if request_id is not None:
            outcome = await runtime.outcomes.outcome(programme_id, request_id, wait_s)
            if outcome is None:
                return None
        async with runtime.database.reading(programme_id) as session:
            return await logic.read_payment(session, payment.id)

    return AwaitedAnswer(payment, location=f"/v1/instalment-sales/{sale_id}", final=final)


@router.post(
    "/instalment-sales/{sale_id}/direct-payments",
    status_code=201,
    summary="Tell what was paid at the seller's",
    responses=problem_responses(*_PAYING),
)
async def note_direct_payment(
    work: Writing, sale_id: IdInPath, wanted: DirectPaymentCreate
) -> InstalmentPaymentRead:
    """In the seller's name: money that the member has paid there."""
    return await paying.note_direct(work.session, work.caller, sale_id, wanted)


@router.post(
    "/instalment-sales/{sale_id}/direct-payments/{payment_id}/void",
    summary="Take a direct payment back",
    responses=problem_responses(
        problems.InstalmentSaleNotFound, problems.InstalmentPaymentNotFound, problems.InstalmentPaymentFixed
    ),
)
async def void_direct_payment(
    work: Writing, sale_id: IdInPath, payment_id: IdInPath
) -> InstalmentPaymentRead:
    """One that was told by mistake; a sale that it had settled runs on."""
    return await paying.void(work.session, work.caller, sale_id, payment_id)


@router.get(
    "/sellers/{seller_id}/instalment-totals",
    summary="Read what a seller sold in instalments",
    responses=problem_responses(SellerNotFound),
)
async def read_instalment_totals(work: Reading, seller_id: IdInPath) -> InstalmentTotals:
    """Sums over all the seller's sales up to today, with what is overdue."""
    return await logic.totals(work.session, seller_id)


@router.get(
    "/members/{member_id}/instalment-sales",
    summary="List a member's instalment sales",
    responses=problem_responses(MemberNotFound),
)
async def list_own_instalment_sales(
    work: Looking, member_id: IdInPath, query: Annotated[OwnInstalmentSaleQuery, Query()]
) -> Page[InstalmentSaleRead]:
    """What the member pays in instalments, the latest first."""
    return await logic.read_own(work.session, member_id, query)
