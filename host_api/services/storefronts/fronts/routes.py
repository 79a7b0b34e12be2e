"""Endpoints of sellers and of the back office about storefronts, goods and privileges."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.second_person import AlreadyDecided, OwnAct
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.sellers import access as sellers_access
from host_api.services.sellers.logic import SellerNotActive, SellerNotFound
from host_api.services.storefronts import access
from host_api.services.storefronts.fronts import fronts, goods, privileges, problems
from host_api.services.storefronts.fronts.listing import (
    StorefrontGoodQuery,
    StorefrontPrivilegeQuery,
    StorefrontQuery,
)
from host_api.services.storefronts.fronts.schemas import (
    StorefrontCreate,
    StorefrontGoodCreate,
    StorefrontGoodRead,
    StorefrontGoodUpdate,
    StorefrontPrivilegeCreate,
    StorefrontPrivilegeRead,
    StorefrontPrivilegeUpdate,
    StorefrontRead,
    StorefrontUpdate,
)
from host_api.services.storefronts.fronts.states import ShowState

router = APIRouter(prefix="/storefronts", tags=["storefronts"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]
Selling = Annotated[WriteWork, writes(sellers_access.ACT)]

_ADDING = (problems.StorefrontNotFound, problems.StorefrontClosed, SellerNotActive)


@router.post(
    "",
    status_code=201,
    summary="Open a storefront",
    responses=problem_responses(SellerNotFound, SellerNotActive, problems.StorefrontPictureNotFound),
)
async def open_storefront(work: Selling, response: Response, wanted: StorefrontCreate) -> StorefrontRead:
    """In an active seller's name; members see it once a second person has approved."""
    row = await fronts.open_front(work.session, work.cipher, work.caller, wanted)
    response.headers["ETag"] = etag(row)
    return fronts.shown(row)


@router.get("", summary="List storefronts")
async def list_storefronts(work: Reading, query: Annotated[StorefrontQuery, Query()]) -> Page[StorefrontRead]:
    """All of them; `state=asked` wait for a second person."""
    return await fronts.read_page(work.session, query)


@router.post(
    "/goods",
    status_code=201,
    summary="Present goods or a service",
    responses=problem_responses(
        *_ADDING, problems.StorefrontInterestUnknown, problems.StorefrontPictureNotFound
    ),
)
async def add_storefront_good(
    work: Selling, response: Response, wanted: StorefrontGoodCreate
) -> StorefrontGoodRead:
    """At a storefront of the seller; members see it once a second person has approved."""
    row = await goods.add(work.session, work.caller, wanted)
    response.headers["ETag"] = etag(row)
    return goods.shown(row)


@router.get("/goods", summary="List goods of storefronts")
async def list_storefront_goods(
    work: Reading, query: Annotated[StorefrontGoodQuery, Query()]
) -> Page[StorefrontGoodRead]:
    """All of them, with what is left; `state=asked` wait for a second person."""
    return await goods.read_page(work.session, query)


@router.get(
    "/goods/{good_id}",
    summary="Read goods of a storefront",
    responses=problem_responses(problems.StorefrontGoodNotFound),
)
async def read_storefront_good(work: Reading, response: Response, good_id: IdInPath) -> StorefrontGoodRead:
    """One by id, with the `ETag` that a change needs."""
    row = await goods.find(work.session, good_id)
    response.headers["ETag"] = etag(row)
    return goods.shown(row)


@router.patch(
    "/goods/{good_id}",
    summary="Change goods of a storefront",
    responses=problem_responses(
        problems.StorefrontGoodNotFound,
        problems.StorefrontClosed,
        problems.StorefrontInterestUnknown,
        problems.StorefrontPictureNotFound,
        ChangedMeanwhile,
    ),
)
async def change_storefront_good(
    work: Selling, response: Response, good_id: IdInPath, if_match: IfMatch, wanted: StorefrontGoodUpdate
) -> StorefrontGoodRead:
    """Price, stock and `is_offered` hold at once; other texts, tag or pictures are approved anew."""
    row = await goods.change(work.session, work.caller, good_id, if_match, wanted)
    response.headers["ETag"] = etag(row)
    return goods.shown(row)


@router.post(
    "/goods/{good_id}/approval",
    summary="Have goods shown",
    responses=problem_responses(problems.StorefrontGoodNotFound, AlreadyDecided, OwnAct),
)
async def approve_storefront_good(work: Deciding, good_id: IdInPath) -> StorefrontGoodRead:
    """As the second person."""
    return goods.shown(await goods.decide_good(work.session, work.caller, good_id, ShowState.SHOWN))


@router.post(
    "/goods/{good_id}/rejection",
    summary="Don't have goods shown",
    responses=problem_responses(problems.StorefrontGoodNotFound, AlreadyDecided, OwnAct),
)
async def reject_storefront_good(work: Deciding, good_id: IdInPath) -> StorefrontGoodRead:
    """As the second person; the seller may change them and so ask again."""
    return goods.shown(await goods.decide_good(work.session, work.caller, good_id, ShowState.REJECTED))


@router.post(
    "/privileges",
    status_code=201,
    summary="Grant members a privilege",
    responses=problem_responses(*_ADDING, problems.StorefrontGoodNotFound, problems.PrivilegeGrantsNothing),
)
async def grant_storefront_privilege(
    work: Selling, response: Response, wanted: StorefrontPrivilegeCreate
) -> StorefrontPrivilegeRead:
    """Discount, instalments or points at the seller's discretion; members have it once it is approved."""
    row = await privileges.grant(work.session, work.caller, wanted)
    response.headers["ETag"] = etag(row)
    return privileges.shown(row)


@router.get("/privileges", summary="List privileges")
async def list_storefront_privileges(
    work: Reading, query: Annotated[StorefrontPrivilegeQuery, Query()]
) -> Page[StorefrontPrivilegeRead]:
    """Of all sellers, the latest first; `state=asked` wait for a second person."""
    return await privileges.read_page(work.session, query)


@router.get(
    "/privileges/{privilege_id}",
    summary="Read a privilege",
    responses=problem_responses(problems.StorefrontPrivilegeNotFound),
)
async def read_storefront_privilege(
    work: Reading, response: Response, privilege_id: IdInPath
) -> StorefrontPrivilegeRead:
    """One by id, with the `ETag` that a change needs."""
    row = await privileges.find(work.session, privilege_id)
    response.headers["ETag"] = etag(row)
    return privileges.shown(row)


@router.patch(
    "/privileges/{privilege_id}",
    summary="End a privilege",
    responses=problem_responses(problems.StorefrontPrivilegeNotFound, ChangedMeanwhile),
)
async def end_storefront_privilege(
    work: Selling,
    response: Response,
    privilege_id: IdInPath,
    if_match: IfMatch,
    wanted: StorefrontPrivilegeUpdate,
) -> StorefrontPrivilegeRead:
    """At another time; orders that have it keep it."""
    row = await privileges.end(work.session, privilege_id, if_match, wanted)
    response.headers["ETag"] = etag(row)
    return privileges.shown(row)


@router.post(
    "/privileges/{privilege_id}/approval",
    summary="Have a privilege granted",
    responses=problem_responses(problems.StorefrontPrivilegeNotFound, AlreadyDecided, OwnAct),
)
async def approve_storefront_privilege(work: Deciding, privilege_id: IdInPath) -> StorefrontPrivilegeRead:
    """As the second person."""
    row = await privileges.decide_privilege(work.session, work.caller, privilege_id, ShowState.SHOWN)
    return privileges.shown(row)


@router.post(
    "/privileges/{privilege_id}/rejection",
    summary="Don't have a privilege granted",
    responses=problem_responses(problems.StorefrontPrivilegeNotFound, AlreadyDecided, OwnAct),
)
async def reject_storefront_privilege(work: Deciding, privilege_id: IdInPath) -> StorefrontPrivilegeRead:
    """As the second person; the seller may ask with another one."""
    row = await privileges.decide_privilege(work.session, work.caller, privilege_id, ShowState.REJECTED)
    return privileges.shown(row)


@router.get(
    "/{storefront_id}",
    summary="Read a storefront",
    responses=problem_responses(problems.StorefrontNotFound),
)
async def read_storefront(work: Reading, response: Response, storefront_id: IdInPath) -> StorefrontRead:
    """One by id, with the `ETag` that a change needs."""
    row = await fronts.find(work.session, storefront_id)
    response.headers["ETag"] = etag(row)
    return fronts.shown(row)


@router.patch(
    "/{storefront_id}",
    summary="Change a storefront",
    responses=problem_responses(
        problems.StorefrontNotFound,
        problems.StorefrontClosed,
        problems.StorefrontPictureNotFound,
        ChangedMeanwhile,
    ),
)
async def change_storefront(
    work: Selling,
    response: Response,
    storefront_id: IdInPath,
    if_match: IfMatch,
    wanted: StorefrontUpdate,
) -> StorefrontRead:
    """Deadlines and contact hold at once; other name, description or pictures are approved anew."""
    row = await fronts.change(work.session, work.cipher, work.caller, storefront_id, if_match, wanted)
    response.headers["ETag"] = etag(row)
    return fronts.shown(row)


@router.post(
    "/{storefront_id}/approval",
    summary="Have a storefront shown",
    responses=problem_responses(problems.StorefrontNotFound, AlreadyDecided, OwnAct),
)
async def approve_storefront(work: Deciding, storefront_id: IdInPath) -> StorefrontRead:
    """As the second person."""
    return fronts.shown(await fronts.decide_front(work.session, work.caller, storefront_id, ShowState.SHOWN))


@router.post(
    "/{storefront_id}/rejection",
    summary="Don't have a storefront shown",
    responses=problem_responses(problems.StorefrontNotFound, AlreadyDecided, OwnAct),
)
async def reject_storefront(work: Deciding, storefront_id: IdInPath) -> StorefrontRead:
    """As the second person; the seller may change it and so ask again."""
    return fronts.shown(
        await fronts.decide_front(work.session, work.caller, storefront_id, ShowState.REJECTED)
    )
