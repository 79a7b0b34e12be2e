"""Endpoints of vouchers."""

from typing import Annotated

from fastapi import APIRouter, Query

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.members.logic import MemberNotFound
from host_api.services.shop import access
from host_api.services.shop.vouchers import logic, problems
from host_api.services.shop.vouchers.listing import OwnVoucherQuery, RedemptionQuery, VoucherQuery
from host_api.services.shop.vouchers.schemas import (
    OwnShopVoucherRead,
    ShopVoucherRead,
    VoucherRedemptionCreate,
    VoucherRedemptionRead,
    VoucherShown,
)

router = APIRouter(tags=["shop vouchers"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.VOUCHERS_READ)]
Looking = Annotated[ReadWork, reads(access.VOUCHERS_ACT)]
Acting = Annotated[WriteWork, writes(access.VOUCHERS_ACT)]


@router.get("/shop/vouchers", summary="List vouchers")
async def list_vouchers(work: Reading, query: Annotated[VoucherQuery, Query()]) -> Page[ShopVoucherRead]:
    """Vouchers that members bought, without their codes."""
    return await logic.read_page(work.session, query)


@router.post(
    "/shop/vouchers/lookup",
    summary="Look a voucher up",
    responses=problem_responses(problems.VoucherNotFound),
)
async def look_voucher_up(work: Looking, wanted: VoucherShown) -> ShopVoucherRead:
    """What is left of the voucher whose code a member shows; nothing changes."""
    return await logic.look_up(work.session, wanted.code)


@router.post(
    "/shop/vouchers/redemptions",
    status_code=201,
    summary="Redeem a voucher",
    responses=problem_responses(
        problems.VoucherNotFound,
        problems.VoucherOver,
        problems.TooLittleLeft,
        problems.ReferenceOfAnother,
    ),
)
async def redeem_voucher(work: Acting, wanted: VoucherRedemptionCreate) -> VoucherRedemptionRead:
    """Take a part of a voucher or all that is left; once for each of the counter's references."""
    return await logic.redeem(work.session, wanted, work.caller)


@router.get("/shop/vouchers/redemptions", summary="List redemptions of vouchers")
async def list_redemptions(
    work: Reading, query: Annotated[RedemptionQuery, Query()]
) -> Page[VoucherRedemptionRead]:
    """What counters took, the latest first."""
    return await logic.read_redemptions(work.session, query)


@router.post(
    "/shop/vouchers/{voucher_id}/withdrawal",
    status_code=201,
    summary="Withdraw a voucher",
    responses=problem_responses(problems.VoucherNotFound, problems.VoucherOver),
)
async def withdraw_voucher(
    work: Annotated[WriteWork, writes(access.VOUCHERS_WRITE)], voucher_id: IdInPath
) -> ShopVoucherRead:
    """Make a voucher useless, whatever is left of it; its points stay where they are."""
    return await logic.withdraw(work.session, voucher_id)


@router.get(
    "/members/{member_id}/shop-vouchers",
    summary="List a member's own vouchers",
    responses=problem_responses(MemberNotFound),
)
async def list_own_vouchers(
    work: Looking, member_id: IdInPath, query: Annotated[OwnVoucherQuery, Query()]
) -> Page[OwnShopVoucherRead]:
    """A member's vouchers with their codes, to be shown to that member only."""
    return await logic.read_own(work.session, member_id, query)
