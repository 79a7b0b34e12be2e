"""Prices: what holds when, the history, and how a price moved."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.jalali_periods import this_month
from host_api.core.listing import Page, read_rows
from host_api.core.policy_versions import keep_version
from host_api.core.tehran_time import UtcPeriod, today
from host_api.services.products.listing import ProductPriceQuery
from host_api.services.products.models import ProductPrice
from host_api.services.products.schemas import (
    ChartStep,
    PriceChart,
    PriceStep,
    ProductPriceCreate,
    ProductPriceRead,
)

MOST_STEPS: Final = 400

# Within these the calendars go without a fault, however many steps are wanted.
_FIRST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(2100, 1, 1, tzinfo=UTC)


async def set_price(
    session: WriteSession, product_id: int, wanted: ProductPriceCreate, caller: Caller
) -> ProductPriceRead:
    """Add a price; the product is known to be there.

    Raises:
        PolicyInThePast
    """
    row = ProductPrice(product_id=product_id, price=wanted.price)
    await keep_version(session, row, caller, wanted.valid_from)
    return ProductPriceRead.model_validate(row)


async def set_now(session: WriteSession, wanted: Mapping[int, int], caller: Caller) -> None:
    """Add prices, by product, that hold from now on."""
    now = utc_now()
    session.add_all(
        ProductPrice(product_id=key, price=price, valid_from=now, created_at=now, created_by=caller.name)
        for key, price in wanted.items()
    )
    await session.flush()


async def prices_at(session: AnySession, product_ids: Collection[int], at: datetime) -> dict[int, int]:
    """What some hundreds of products cost at an instant; those without a price are left out."""
    place = func.row_number().over(
        partition_by=ProductPrice.product_id,
        order_by=(ProductPrice.valid_from.desc(), ProductPrice.id.desc()),
    )
    ranked = (
        select(ProductPrice.id, place.label("place"))
        .where(ProductPrice.product_id.in_(list(product_ids)), ProductPrice.valid_from <= at)
        .subquery()
    )
    rows = await session.execute(
        select(ProductPrice.product_id, ProductPrice.price)
        .join(ranked, ranked.c.id == ProductPrice.id)
        .where(ranked.c.place == 1)
    )
    return {row.product_id: row.price for row in rows}


async def read_page(
    session: ReadSession, product_id: int, query: ProductPriceQuery
) -> Page[ProductPriceRead]:
    """A page of a product's prices."""
    statement = select(ProductPrice).where(ProductPrice.product_id == product_id)
    rows, next_cursor = await read_rows(session, statement, query)
    return Page(items=[ProductPriceRead.model_validate(row) for row in rows], next_cursor=next_cursor)


async def chart(
    session: ReadSession, product_id: int, step: ChartStep, count: int, until: datetime | None
) -> PriceChart:
    """The last `count` steps, of which the last holds `until`."""
    periods = _periods(step, count, min(max(until or utc_now(), _FIRST), _LAST))
    first, last = periods[0].start, periods[-1].end
    before = (await prices_at(session, [product_id], first - timedelta(microseconds=1))).get(product_id)
    rows = await session.execute(
        select(ProductPrice.valid_from, ProductPrice.price)
        .where(
            ProductPrice.product_id == product_id,
            ProductPrice.valid_from >= first,
            ProductPrice.valid_from < last,
        )
        .order_by(ProductPrice.valid_from, ProductPrice.id)
    )
    changes = [(at, price) for at, price in rows]
    return PriceChart(product_id=product_id, step=step, steps=_steps(periods, before, changes))


def _periods(step: ChartStep, count: int, until: datetime) -> list[UtcPeriod]:
    period_of = today if step is ChartStep.DAY else this_month
    periods = [period_of(until)]
    while len(periods) < count:
        periods.append(period_of(periods[-1].start - timedelta(microseconds=1)))
    return periods[::-1]


def _steps(
    periods: Sequence[UtcPeriod], price: int | None, changes: Sequence[tuple[datetime, int]]
) -> list[PriceStep]:
    steps = []
    at = 0
    for period in periods:
        opening = price
        seen = [] if opening is None else [opening]
        begun = at
        while at < len(changes) and changes[at][0] < period.end:
            price = changes[at][1]
            seen.append(price)
            at += 1
        steps.append(
            PriceStep(
                starts_at=period.start,
                opening=opening,
                highest=max(seen, default=None),
                lowest=min(seen, default=None),
                closing=price,
                changes=at - begun,
            )
        )
    return steps
