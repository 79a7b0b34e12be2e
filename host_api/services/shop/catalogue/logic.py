"""The catalogue: categories and items, and who is sold what at which price."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy import select

from host_api.core import audit
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.files.file_table import find_file
from host_api.core.files.media_types import MediaType
from host_api.core.files.references import FileUse, refers_to_files
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.services.credit_packages import logic as credit_packages
from host_api.services.discount_codes import pools
from host_api.services.groups.audience import is_in, stored_audience
from host_api.services.groups.query_schema import Query
from host_api.services.members import logic as members
from host_api.services.shop.catalogue.listing import CategoryQuery, ItemQuery, OfferQuery
from host_api.services.shop.catalogue.models import ShopCategory, ShopItem
from host_api.services.shop.catalogue.problems import (
    CategoryNotFound,
    CategoryTaken,
    ItemNotFound,
    NothingCounted,
    PictureNotFound,
    SoldOut,
)
from host_api.services.shop.catalogue.schemas import (
    ItemKind,
    PackagePart,
    SaleChange,
    ShopCategoryCreate,
    ShopCategoryRead,
    ShopCategoryUpdate,
    ShopItemCreate,
    ShopItemRead,
    ShopItemUpdate,
    ShopOfferRead,
)
from host_api.services.shop.catalogue.stock import change_stock

VOUCHER_DAYS: Final = 365

_PICTURES: Final = (MediaType.PNG.value, MediaType.JPEG.value)
_AUDIENCE: Final[TypeAdapter[Query]] = TypeAdapter(Query)


async def create_category(session: WriteSession, wanted: ShopCategoryCreate) -> ShopCategory:
    """Make a category.

    Raises:
        CategoryTaken
    """
    category = ShopCategory(**wanted.model_dump())
    session.add(category)
    async with conflict_as(CategoryTaken()):
        await session.flush()
    return category


async def find_category(session: AnySession, category_id: int) -> ShopCategory:
    """One category.

    Raises:
        CategoryNotFound
    """
    category = await session.get(ShopCategory, category_id)
    if category is None:
        raise CategoryNotFound
    return category


async def change_category(
    session: WriteSession, category_id: int, if_match: str, wanted: ShopCategoryUpdate
) -> ShopCategory:
    """Change what is given.

    Raises:
        CategoryNotFound, ChangedMeanwhile
    """
    category = await find_category(session, category_id)
    check_version(category, if_match)
    for name, value in wanted.model_dump(exclude_unset=True, exclude_none=True).items():
        setattr(category, name, value)
    await session.flush()
    return category


async def read_categories(session: ReadSession, query: CategoryQuery) -> Page[ShopCategoryRead]:
    """A page of categories."""
    rows, next_cursor = await read_rows(session, select(ShopCategory), query)
    return Page(items=[ShopCategoryRead.model_validate(row) for row in rows], next_cursor=next_cursor)


async def create_item(session: WriteSession, wanted: ShopItemCreate) -> ShopItem:
    """Make an item.

    Raises:
        CategoryNotFound, PoolNotFound, PackageNotFound, PictureNotFound
    """
    await find_category(session, wanted.category_id)
    if wanted.pool_id is not None:
        await pools.find(session, wanted.pool_id)
    if wanted.credit_package_id is not None:
        await credit_packages.find_package(session, wanted.credit_package_id)
    await _check_pictures(session, wanted.file_ids)
    values = wanted.model_dump(exclude={"kind", "audience", "parts", "voucher_days"})
    item = ShopItem(
        **values,
        kind=wanted.kind.value,
        audience=stored_audience(wanted.audience),
        parts=[part.model_dump() for part in wanted.parts] or None,
        voucher_days=(wanted.voucher_days or VOUCHER_DAYS) if wanted.kind is ItemKind.VOUCHER else None,
        is_open=True,
        created_at=utc_now(),
    )
    session.add(item)
    await session.flush()
    return item


async def find_item(session: AnySession, item_id: int) -> ShopItem:
    """One item.

    Raises:
        ItemNotFound
    """
    item = await session.get(ShopItem, item_id)
    if item is None:
        raise ItemNotFound
    return item


async def items_by_id(session: AnySession, item_ids: Iterable[int]) -> dict[int, ShopItem]:
    """Items by their ids."""
    rows = await session.scalars(select(ShopItem).where(ShopItem.id.in_(list(item_ids))))
    return {item.id: item for item in rows}


async def change_item(
    session: WriteSession, item_id: int, if_match: str, wanted: ShopItemUpdate | SaleChange
) -> ShopItem:
    """Change what is given; of its times and sale, what isn't is none.

    Raises:
        ItemNotFound, ChangedMeanwhile
    """
    item = await find_item(session, item_id)
    check_version(item, if_match)
    is_update = isinstance(wanted, ShopItemUpdate)
    for name, value in wanted.model_dump(exclude_unset=is_update, exclude_none=is_update).items():
        setattr(item, name, value)
    await session.flush()
    return item


async def restock(session: WriteSession, item_id: int, change: int) -> ShopItem:
    """Let pieces come or go.

    Raises:
        ItemNotFound, NothingCounted, SoldOut
    """
    item = await find_item(session, item_id)
    if item.stock is None:
        raise NothingCounted
    if not await change_stock(session, item, change):
        raise SoldOut
    audit.note(session, "stock", ShopItem.__tablename__, str(item_id), after={"change": change})
    return item


async def read_items(session: ReadSession, query: ItemQuery) -> Page[ShopItemRead]:
    """A page of items."""
    items, next_cursor = await read_rows(session, select(ShopItem), query)
    return Page(items=[shown(item) for item in items], next_cursor=next_cursor)


async def read_offers(session: ReadSession, member_id: int, query: OfferQuery) -> Page[ShopOfferRead]:
    """A page of what is sold to a member now.

    Raises:
        members.MemberNotFound
    """
    await members.read(session, member_id)
    now = utc_now()
    items, next_cursor = await read_rows(session, select(ShopItem).where(ShopItem.is_open.is_(True)), query)
    sold = [item for item in items if await is_sold_to(session, item, member_id, now)]
    return Page(items=[_offer(item, now) for item in sold], next_cursor=next_cursor)


async def is_sold_to(session: AnySession, item: ShopItem, member_id: int, now: datetime) -> bool:
    """Whether a member may buy an item now, as far as times and audience go."""
    if not is_on_sale(item, now):
        return False
    return item.audience is None or await is_in(session, item.audience, member_id, now)


def is_on_sale(item: ShopItem, now: datetime) -> bool:
    """Whether an item is open and within its times."""
    has_begun = item.starts_at is None or item.starts_at <= now
    return item.is_open and has_begun and (item.ends_at is None or now < item.ends_at)


def price_at(item: ShopItem, now: datetime) -> int:
    """The price of one at an instant."""
    if item.sale_price is None or item.sale_starts_at is None or item.sale_ends_at is None:
        return item.price
    return item.sale_price if item.sale_starts_at <= now < item.sale_ends_at else item.price


def shown(item: ShopItem) -> ShopItemRead:
    """An item as the API shows it."""
    now = utc_now()
    columns = {name: getattr(item, name) for name in ShopItemRead.model_fields if hasattr(item, name)}
    return ShopItemRead(
        **columns
        | {
            "parts": _parts(item),
            "audience": None if item.audience is None else _AUDIENCE.validate_python(item.audience),
        },
        is_on_sale=is_on_sale(item, now),
        price_now=price_at(item, now),
    )


def _offer(item: ShopItem, now: datetime) -> ShopOfferRead:
    price = price_at(item, now)
    return ShopOfferRead(
        item_id=item.id,
        category_id=item.category_id,
        kind=ItemKind(item.kind),
        title=item.title,
        title_fa=item.title_fa,
        description=item.description,
        description_fa=item.description_fa,
        parts=_parts(item),
        file_ids=item.file_ids,
        supplier=item.supplier,
        purse=item.purse,
        price=item.price,
        price_now=price,
        sale_ends_at=item.sale_ends_at if price != item.price else None,
        is_sold_out=item.stock == 0,
    )


def _parts(item: ShopItem) -> list[PackagePart]:
    return [PackagePart.model_validate(part) for part in item.parts or ()]


async def _check_pictures(session: AnySession, file_ids: Iterable[int]) -> None:
    for file_id in set(file_ids):
        file = await find_file(session, file_id, now=utc_now())
        if file is None or file.media_type not in _PICTURES:
            raise PictureNotFound


@refers_to_files
async def _uses_of_file(session: AnySession, file_id: int) -> list[FileUse]:
    items = await session.execute(select(ShopItem.id, ShopItem.file_ids).order_by(ShopItem.id))
    return [
        FileUse("shop-item", f"It is a picture of shop item {item_id}", f"تصویر قلم {item_id} فروشگاه است.")
        for item_id, file_ids in items
        if file_id in file_ids
    ]
