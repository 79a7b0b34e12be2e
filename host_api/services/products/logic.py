"""Products: registering, changing, and finding them for other services."""

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import or_, select

from host_api.core.access.caller import Caller
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
    ProductPriceCreate,
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
    group = await groups.find(session, wanted.group_id)
    values = wanted.model_dump(exclude={"price", "unit"})
    product = Product(
        **values, unit=wanted.unit.value, merchant=group.merchant, is_open=True, created_at=utc_now()
    )
    session.add(product)
    async with conflict_as(StoreProductCodeTaken()):
        await session.flush()
        if product.barcode is None:
            digits = f"{_WITHIN_THE_STORE}{product.id:011d}"
            product.barcode = digits + ean_check_digit(digits)
            await session.flush()
    if wanted.price is not None:
        await prices.set_price(session, product.id, ProductPriceCreate(price=wanted.price), caller)
    return product


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
