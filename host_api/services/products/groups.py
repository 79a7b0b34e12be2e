"""The tree of a merchant's groups."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import select, tuple_

from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.services.merchants import logic as merchants
from host_api.services.products.listing import ProductGroupQuery
from host_api.services.products.models import ProductGroup
from host_api.services.products.problems import (
    ProductGroupNotFound,
    ProductGroupTooDeep,
    StoreProductCodeTaken,
)
from host_api.services.products.schemas import ProductGroupCreate, ProductGroupRead, ProductGroupUpdate

MOST_LEVELS: Final = 8


async def create(session: WriteSession, wanted: ProductGroupCreate) -> ProductGroup:
    """Add a group.

    Raises:
        merchants.MerchantNotFound, ProductGroupNotFound: of the parent, ProductGroupTooDeep,
        StoreProductCodeTaken
    """
    await merchants.find_merchant(session, wanted.merchant)
    if wanted.parent_id is not None:
        parent = await find(session, wanted.parent_id)
        if parent.merchant != wanted.merchant:
            raise ProductGroupNotFound
        if len(await _path(session, parent)) >= MOST_LEVELS:
            raise ProductGroupTooDeep
    group = ProductGroup(**wanted.model_dump())
    session.add(group)
    async with conflict_as(StoreProductCodeTaken()):
        await session.flush()
    return group


async def find(session: AnySession, group_id: int) -> ProductGroup:
    """One group.

    Raises:
        ProductGroupNotFound
    """
    group = await session.get(ProductGroup, group_id)
    if group is None:
        raise ProductGroupNotFound
    return group


async def ids_by_code(session: AnySession, keys: Collection[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """Ids of some hundreds of groups by merchant and code."""
    rows = await session.execute(
        select(ProductGroup.merchant, ProductGroup.code, ProductGroup.id).where(
            tuple_(ProductGroup.merchant, ProductGroup.code).in_(sorted(keys))
        )
    )
    return {(merchant, code): group_id for merchant, code, group_id in rows}


async def change(
    session: WriteSession, group_id: int, if_match: str, wanted: ProductGroupUpdate
) -> ProductGroup:
    """Change what is given, also its place in the tree.

    Raises:
        ProductGroupNotFound, ChangedMeanwhile, ProductGroupTooDeep
    """
    group = await find(session, group_id)
    check_version(group, if_match)
    if "parent_id" in wanted.model_fields_set:
        await _hang(session, group, wanted.parent_id)
    group.title = wanted.title or group.title
    group.title_fa = wanted.title_fa or group.title_fa
    await session.flush()
    return group


async def read_page(session: ReadSession, query: ProductGroupQuery) -> Page[ProductGroupRead]:
    """A page of groups."""
    rows, next_cursor = await read_rows(session, select(ProductGroup), query)
    return Page(items=[ProductGroupRead.model_validate(row) for row in rows], next_cursor=next_cursor)


async def levels_from(session: AnySession, group_id: int) -> list[list[int]]:
    """Ids of a group and of all below it, by level."""
    levels: list[list[int]] = [[group_id]]
    while levels[-1] and len(levels) <= MOST_LEVELS:
        below = await session.scalars(select(ProductGroup.id).where(ProductGroup.parent_id.in_(levels[-1])))
        levels.append(list(below))
    return [level for level in levels if level]


async def _hang(session: WriteSession, group: ProductGroup, parent_id: int | None) -> None:
    # Two moves at once could make a circle that neither sees: a merchant's tree is changed by one at a time.
    await session.execute(
        select(ProductGroup.id)
        .where(ProductGroup.merchant == group.merchant)
        .order_by(ProductGroup.id)
        .with_for_update()
    )
    if parent_id is not None:
        parent = await session.get(ProductGroup, parent_id, populate_existing=True)
        if parent is None or parent.merchant != group.merchant:
            raise ProductGroupNotFound
        path = await _path(session, parent)
        below = await levels_from(session, group.id)
        if group.id in path or len(path) + len(below) > MOST_LEVELS:
            raise ProductGroupTooDeep
    group.parent_id = parent_id


async def _path(session: AnySession, group: ProductGroup) -> list[int]:
    """Ids from a group up to the top."""
    path = [group.id]
    while group.parent_id is not None and len(path) <= MOST_LEVELS:
        group = await find(session, group.parent_id)
        path.append(group.id)
    return path
