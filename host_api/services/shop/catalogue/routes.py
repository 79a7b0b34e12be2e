"""Endpoints of the shop's catalogue."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.credit_packages.logic import PackageNotFound
from host_api.services.discount_codes.problems import PoolNotFound
from host_api.services.members.logic import MemberNotFound
from host_api.services.shop import access
from host_api.services.shop.catalogue import logic, problems, slots
from host_api.services.shop.catalogue.listing import CategoryQuery, ItemQuery, OfferQuery, SlotQuery
from host_api.services.shop.catalogue.schemas import (
    ItemStockChange,
    SaleChange,
    ShopCategoryCreate,
    ShopCategoryRead,
    ShopCategoryUpdate,
    ShopItemCreate,
    ShopItemRead,
    ShopItemUpdate,
    ShopOfferRead,
)
from host_api.services.shop.catalogue.slot_schemas import ShopSlotChange, ShopSlotCreate, ShopSlotRead

router = APIRouter(tags=["shop"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Looking = Annotated[ReadWork, reads(access.ACT)]


@router.post(
    "/shop/categories",
    status_code=201,
    summary="Add a category",
    responses=problem_responses(problems.CategoryTaken),
)
async def create_category(work: Writing, response: Response, wanted: ShopCategoryCreate) -> ShopCategoryRead:
    """Store a category of the shop."""
    category = await logic.create_category(work.session, wanted)
    response.headers["ETag"] = etag(category)
    return ShopCategoryRead.model_validate(category)


@router.get("/shop/categories", summary="List categories")
async def list_categories(work: Reading, query: Annotated[CategoryQuery, Query()]) -> Page[ShopCategoryRead]:
    """Categories in their order."""
    return await logic.read_categories(work.session, query)


@router.get(
    "/shop/categories/{category_id}",
    summary="Read a category",
    responses=problem_responses(problems.CategoryNotFound),
)
async def read_category(work: Reading, response: Response, category_id: IdInPath) -> ShopCategoryRead:
    """One category by id, with the `ETag` that a change needs."""
    category = await logic.find_category(work.session, category_id)
    response.headers["ETag"] = etag(category)
    return ShopCategoryRead.model_validate(category)


@router.patch(
    "/shop/categories/{category_id}",
    summary="Change a category",
    responses=problem_responses(problems.CategoryNotFound, ChangedMeanwhile),
)
async def change_category(
    work: Writing, response: Response, category_id: IdInPath, if_match: IfMatch, wanted: ShopCategoryUpdate
) -> ShopCategoryRead:
    """Change what is given."""
    category = await logic.change_category(work.session, category_id, if_match, wanted)
    response.headers["ETag"] = etag(category)
    return ShopCategoryRead.model_validate(category)


@router.post(
    "/shop/items",
    status_code=201,
    summary="Add an item",
    responses=problem_responses(
        problems.CategoryNotFound, PoolNotFound, PackageNotFound, problems.PictureNotFound
    ),
)
async def create_item(work: Writing, response: Response, wanted: ShopItemCreate) -> ShopItemRead:
    """Store something that members can buy."""
    item = await logic.create_item(work.session, wanted)
    response.headers["ETag"] = etag(item)
    return logic.shown(item)


@router.get("/shop/items", summary="List items")
async def list_items(work: Reading, query: Annotated[ItemQuery, Query()]) -> Page[ShopItemRead]:
    """All items, also those that aren't sold now."""
    return await logic.read_items(work.session, query)


@router.get(
    "/shop/items/{item_id}", summary="Read an item", responses=problem_responses(problems.ItemNotFound)
)
async def read_item(work: Reading, response: Response, item_id: IdInPath) -> ShopItemRead:
    """One item by id, with the `ETag` that a change needs."""
    item = await logic.find_item(work.session, item_id)
    response.headers["ETag"] = etag(item)
    return logic.shown(item)


@router.patch(
    "/shop/items/{item_id}",
    summary="Change an item",
    responses=problem_responses(problems.ItemNotFound, ChangedMeanwhile),
)
async def change_item(
    work: Writing, response: Response, item_id: IdInPath, if_match: IfMatch, wanted: ShopItemUpdate
) -> ShopItemRead:
    """Change what is given, or close the item."""
    item = await logic.change_item(work.session, item_id, if_match, wanted)
    response.headers["ETag"] = etag(item)
    return logic.shown(item)


@router.patch(
    "/shop/items/{item_id}/times",
    summary="Change an item's times and sale",
    responses=problem_responses(problems.ItemNotFound, ChangedMeanwhile),
)
async def change_item_times(
    work: Writing, response: Response, item_id: IdInPath, if_match: IfMatch, wanted: SaleChange
) -> ShopItemRead:
    """Say anew when the item is sold, and for how much between which times; what is left out is none."""
    item = await logic.change_item(work.session, item_id, if_match, wanted)
    response.headers["ETag"] = etag(item)
    return logic.shown(item)


@router.post(
    "/shop/items/{item_id}/stock",
    status_code=201,
    summary="Change an item's stock",
    responses=problem_responses(problems.ItemNotFound, problems.NothingCounted, problems.SoldOut),
)
async def change_item_stock(work: Writing, item_id: IdInPath, wanted: ItemStockChange) -> ShopItemRead:
    """Let pieces come or go; the stock never falls below zero."""
    return logic.shown(await logic.restock(work.session, item_id, wanted.change))


@router.post(
    "/shop/items/{item_id}/slots",
    status_code=201,
    summary="Add a time",
    responses=problem_responses(problems.ItemNotFound, problems.NotSold),
)
async def create_slot(work: Writing, item_id: IdInPath, wanted: ShopSlotCreate) -> ShopSlotRead:
    """Add a time to a reservation."""
    return await slots.create(work.session, item_id, wanted)


@router.get(
    "/shop/items/{item_id}/slots",
    summary="List times",
    responses=problem_responses(problems.ItemNotFound),
)
async def list_slots(
    work: Looking, item_id: IdInPath, query: Annotated[SlotQuery, Query()]
) -> Page[ShopSlotRead]:
    """Times of a reservation, and how many places of each are taken."""
    return await slots.read_page(work.session, item_id, query)


@router.patch(
    "/shop/items/{item_id}/slots/{slot_id}",
    summary="Change a time's places",
    responses=problem_responses(problems.SlotNotFound, problems.SoldOut),
)
async def change_slot(
    work: Writing, item_id: IdInPath, slot_id: IdInPath, wanted: ShopSlotChange
) -> ShopSlotRead:
    """Give a time more places, or fewer, though not fewer than are booked."""
    return await slots.change_capacity(work.session, item_id, slot_id, wanted.capacity)


@router.get(
    "/members/{member_id}/shop",
    summary="List what a member can buy",
    responses=problem_responses(MemberNotFound),
)
async def list_offers(
    work: Looking, member_id: IdInPath, query: Annotated[OfferQuery, Query()]
) -> Page[ShopOfferRead]:
    """Items sold to this member now, at their prices now; a page may have fewer than `limit`."""
    return await logic.read_offers(work.session, member_id, query)
