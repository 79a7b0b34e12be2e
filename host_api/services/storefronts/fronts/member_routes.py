"""Endpoints of members who look at storefronts."""

from typing import Annotated

from fastapi import APIRouter, Query

from host_api.core.clock import utc_now
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.tehran_time import tehran_date
from host_api.core.work import ReadWork, reads
from host_api.services.instalment_sales import logic as instalment_sales
from host_api.services.instalment_sales.logic import InstalmentPlanRead
from host_api.services.members.logic import MemberNotFound
from host_api.services.storefronts import access
from host_api.services.storefronts.fronts import goods, privileges, problems
from host_api.services.storefronts.fronts.listing import OwnPrivilegeQuery, StorefrontOfferQuery
from host_api.services.storefronts.fronts.schemas import StorefrontOfferRead, StorefrontPrivilegeRead
from host_api.services.storefronts.orders.placing import price_of
from host_api.services.storefronts.orders.problems import StorefrontNoInstalments

router = APIRouter(tags=["storefronts"], route_class=ServiceRoute)

Looking = Annotated[ReadWork, reads(access.ACT)]


@router.get("/storefronts/offers", summary="Search goods of storefronts")
async def search_storefront_offers(
    work: Looking, query: Annotated[StorefrontOfferQuery, Query()]
) -> Page[StorefrontOfferRead]:
    """What members can order, by words, storefront, kind or interest."""
    return await goods.read_offers(work.session, query)


@router.get(
    "/members/{member_id}/storefront-privileges",
    summary="List what sellers grant a member",
    responses=problem_responses(MemberNotFound),
)
async def list_own_storefront_privileges(
    work: Looking, member_id: IdInPath, query: Annotated[OwnPrivilegeQuery, Query()]
) -> Page[StorefrontPrivilegeRead]:
    """In force now, and for this member; a page may have fewer than its limit and still go on."""
    return await privileges.read_own(work.session, member_id, query)


@router.get(
    "/storefronts/privileges/{privilege_id}/plans/{good_id}",
    summary="Read the plan of instalments",
    responses=problem_responses(
        problems.StorefrontPrivilegeNotFound, problems.StorefrontGoodNotFound, StorefrontNoInstalments
    ),
)
async def read_storefront_plan(
    work: Looking,
    privilege_id: IdInPath,
    good_id: IdInPath,
    quantity: Annotated[int, Query(ge=1, le=1_000)] = 1,
) -> InstalmentPlanRead:
    """What an order that is confirmed today would be paid in; an order itself begins when it is confirmed."""
    privilege = await privileges.find(work.session, privilege_id)
    good = await goods.find(work.session, good_id)
    terms = privileges.terms_of(privilege)
    if terms is None or good.storefront_id != privilege.storefront_id:
        raise StorefrontNoInstalments
    total, _ = price_of(good, privilege, quantity)
    return await instalment_sales.plan(work.session, total, tehran_date(utc_now()), terms)
