"""Products: registering, changing, and finding them for other services."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sqlalchemy import or_, select, tuple_

from host_api.core.access.caller import Caller
from host_api.core.bulk.row_numbers import number_to_seal
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.linear_barcode import ean_check_digit
from host_api.core.listing import Page, read_rows_after
from host_api.core.locking import check_version
from host_api.services.products import groups, prices
from host_api.services.products.amounts import tax_of
from host_api.services.products.listing import ProductFilters, StoreProductQuery
from host_api.services.products.models import Product
from host_api.services.products.problems import (
    ProductGroupNotFound,
    StoreProductCodeTaken,
    StoreProductNotFound,
)
from host_api.services.products.schemas import (
    ProductUnit,
    StoreProductCreate,
    StoreProductRead,
    StoreProductUpdate,
)

# GS1 keeps prefix 2 free for numbers that are good within one store (General Specifications, 1.4.2).
_WITHIN_THE_STORE: Final = "2"


async def create(session: WriteSession, wanted: StoreProductCreate, caller: Caller) -> Product:
    """Register a product.

    Raises:
        ProductGroupNotFound, StoreProductCodeTaken
    """
    return (await create_many(session, [wanted], caller))[0]


async def create_many(
    session: WriteSession, wanted: Sequence[StoreProductCreate], caller: Caller
) -> list[Product]:
    """Register some hundreds of products, at least one.

    Raises:
        ProductGroupNotFound, StoreProductCodeTaken
    """
    hung = {group_id: await groups.find(session, group_id) for group_id in {each.group_id for each in wanted}}
    now = utc_now()
    products = [
        Product(
            **each.model_dump(exclude={"price", "unit"}),
            unit=each.unit.value,
            merchant=hung[each.group_id].merchant,
            is_open=True,
            created_at=now,
        )
        for each in wanted
    ]
    await number_to_seal(session, products)
    for product in products:
        if product.barcode is None:
            digits = f"{_WITHIN_THE_STORE}{product.id:011d}"
            product.barcode = digits + ean_check_digit(digits)
    async with conflict_as(StoreProductCodeTaken()):
        await session.flush()
    first_prices = {
        product.id: each.price for product, each in zip(products, wanted, strict=True) if each.price
    }
    await prices.set_now(session, first_prices, caller)
    return products


async def find(session: AnySession, product_id: int) -> Product:
    """One product.

    Raises:
        StoreProductNotFound
    """
    product = await session.get(Product, product_id)
    if product is None:
        raise StoreProductNotFound
    return product


async def change(
    session: WriteSession, product_id: int, if_match: str, wanted: StoreProductUpdate
) -> Product:
    """Change what is given.

    Raises:
        StoreProductNotFound, ChangedMeanwhile, ProductGroupNotFound, StoreProductCodeTaken
    """
    product = await find(session, product_id)
    check_version(product, if_match)
    if wanted.group_id is not None:
        group = await groups.find(session, wanted.group_id)
        if group.merchant != product.merchant:
            raise ProductGroupNotFound
    given = wanted.model_dump(exclude_unset=True)
    for name, value in given.items():
        if value is not None or name == "tag":
            setattr(product, name, value)
    async with conflict_as(StoreProductCodeTaken()):
        await session.flush()
    return product


async def read(session: AnySession, product_id: int) -> StoreProductRead:
    """One product with its price now.

    Raises:
        StoreProductNotFound
    """
    return (await shown(session, [await find(session, product_id)]))[0]


async def read_page(session: ReadSession, query: StoreProductQuery) -> Page[StoreProductRead]:
    """A page of products."""
    items, next_cursor = await read_after(session, query, query.cursor, query.limit)
    return Page(items=items, next_cursor=next_cursor)


async def read_after(
    session: AnySession, query: ProductFilters, cursor: str | None, limit: int
) -> tuple[list[StoreProductRead], str | None]:
    """Up to `limit` products after `cursor`, and the cursor of those behind them."""
    statement = select(Product)
    if query.group_id is not None:
        levels = await groups.levels_from(session, query.group_id)
        statement = statement.where(Product.group_id.in_([number for level in levels for number in level]))
    rows, next_cursor = await read_rows_after(session, statement, query, cursor, limit)
    return await shown(session, rows), next_cursor


async def by_ids(session: AnySession, product_ids: Collection[int]) -> dict[int, Product]:
    """Products by id; unknown ids are left out."""
    rows = await session.scalars(select(Product).where(Product.id.in_(list(product_ids))))
    return {row.id: row for row in rows}


async def by_own_codes(
    session: AnySession, keys: Collection[tuple[int, str]]
) -> dict[tuple[int, str], Product]:
    """Some hundreds of products by merchant and the merchant's own code."""
    rows = await session.scalars(
        select(Product).where(tuple_(Product.merchant, Product.code).in_(sorted(keys)))
    )
    return {(row.merchant, row.code): row for row in rows}


async def by_barcodes(
    session: AnySession, keys: Collection[tuple[int, str]]
) -> dict[tuple[int, str | None], Product]:
    """Some hundreds of products by merchant and bar code."""
    rows = await session.scalars(
        select(Product).where(tuple_(Product.merchant, Product.barcode).in_(sorted(keys)))
    )
    return {(row.merchant, row.barcode): row for row in rows}


async def replace_many(
    session: WriteSession,
    given: Mapping[int, Mapping[str, object]],
    wanted_prices: Mapping[int, int],
    caller: Caller,
) -> None:
    """Write what is given into some hundreds of products.

    Parameters:
        given: by product what of its columns becomes what.
        wanted_prices: by product; one that is its price already adds nothing to the history.

    Raises:
        StoreProductCodeTaken
    """
    rows = await session.scalars(
        select(Product)
        .where(Product.id.in_(list(given)))
        .order_by(Product.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    for product in rows:
        for name, value in given[product.id].items():
            setattr(product, name, value)
    async with conflict_as(StoreProductCodeTaken()):
        await session.flush()
    now_costs = await prices.prices_at(session, list(wanted_prices), utc_now())
    changed = {key: price for key, price in wanted_prices.items() if now_costs.get(key) != price}
    await prices.set_now(session, changed, caller)


async def by_codes(session: AnySession, merchant: int, codes: Collection[str]) -> dict[str, Product]:
    """A merchant's products by whichever of code and barcode was given; a code goes before a barcode."""
    wanted = list(codes)
    rows = await session.scalars(
        select(Product).where(
            Product.merchant == merchant, or_(Product.code.in_(wanted), Product.barcode.in_(wanted))
        )
    )
    found = list(rows)
    by_barcode = {row.barcode: row for row in found if row.barcode is not None}
    by_code = {row.code: row for row in found}
    known = {**by_barcode, **by_code}
    return {code: known[code] for code in wanted if code in known}


async def shown(session: AnySession, products: Sequence[Product]) -> list[StoreProductRead]:
    """Products as the API shows them."""
    now_costs = await prices.prices_at(session, [product.id for product in products], utc_now())
    return [_shown(product, now_costs.get(product.id)) for product in products]


def _shown(product: Product, price: int | None) -> StoreProductRead:
    return StoreProductRead(
        id=product.id,
        merchant=product.merchant,
        group_id=product.group_id,
        code=product.code,
        barcode=product.barcode,
        title=product.title,
        title_fa=product.title_fa,
        tag=product.tag,
        unit=ProductUnit(product.unit),
        price_quantity=product.price_quantity,
        tax_rate=product.tax_rate,
        price=price,
        price_with_tax=None if price is None else price + tax_of(price, product.tax_rate),
        is_open=product.is_open,
        created_at=product.created_at,
    )
