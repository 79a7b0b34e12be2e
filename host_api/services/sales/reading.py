"""Sales and returns as the API shows them."""

from collections.abc import Sequence

from sqlalchemy import select

from host_api.core.database import AnySession, ReadSession
from host_api.core.listing import Page, read_rows
from host_api.services.sales.listing import StoreReturnQuery, StoreSaleQuery
from host_api.services.sales.models import StoreReturn, StoreReturnLine, StoreSale, StoreSaleLine
from host_api.services.sales.problems import SaleNotFound, SaleReturnNotFound
from host_api.services.sales.schemas import (
    SalePointsState,
    StorePayment,
    StoreReturnLineRead,
    StoreReturnRead,
    StoreSaleKind,
    StoreSaleLineRead,
    StoreSaleRead,
)
from host_api.services.transaction_requests import logic as transaction_requests


async def read_sale(session: AnySession, sale_id: int) -> StoreSaleRead:
    """One sale or gift.

    Raises:
        SaleNotFound
    """
    sale = await session.get(StoreSale, sale_id)
    if sale is None:
        raise SaleNotFound
    return (await shown_sales(session, [sale]))[0]


async def read_sales(session: ReadSession, query: StoreSaleQuery) -> Page[StoreSaleRead]:
    """A page of sales and gifts."""
    rows, next_cursor = await read_rows(session, select(StoreSale), query)
    return Page(items=await shown_sales(session, rows), next_cursor=next_cursor)


async def read_return(session: AnySession, return_id: int) -> StoreReturnRead:
    """One return.

    Raises:
        SaleReturnNotFound
    """
    row = await session.get(StoreReturn, return_id)
    if row is None:
        raise SaleReturnNotFound
    return (await shown_returns(session, [row]))[0]


async def read_returns(session: ReadSession, query: StoreReturnQuery) -> Page[StoreReturnRead]:
    """A page of returns."""
    rows, next_cursor = await read_rows(session, select(StoreReturn), query)
    return Page(items=await shown_returns(session, rows), next_cursor=next_cursor)


async def shown_sales(session: AnySession, sales: Sequence[StoreSale]) -> list[StoreSaleRead]:
    """Sales with their lines."""
    rows = await session.scalars(
        select(StoreSaleLine)
        .where(StoreSaleLine.sale_id.in_([sale.id for sale in sales]))
        .order_by(StoreSaleLine.sale_id, StoreSaleLine.number)
    )
    lines: dict[int, list[StoreSaleLineRead]] = {}
    for row in rows:
        lines.setdefault(row.sale_id, []).append(_line(row))
    return [_sale(sale, lines.get(sale.id, [])) for sale in sales]


async def shown_returns(session: AnySession, returns: Sequence[StoreReturn]) -> list[StoreReturnRead]:
    """Returns with their lines, and where their points stand."""
    rows = await session.scalars(
        select(StoreReturnLine)
        .where(StoreReturnLine.return_id.in_([row.id for row in returns]))
        .order_by(StoreReturnLine.return_id, StoreReturnLine.number)
    )
    lines: dict[int, list[StoreReturnLineRead]] = {}
    for row in rows:
        read = StoreReturnLineRead(number=row.number, quantity=row.quantity, net=row.net, tax=row.tax)
        lines.setdefault(row.return_id, []).append(read)
    return [await _return(session, row, lines.get(row.id, [])) for row in returns]


def _line(row: StoreSaleLine) -> StoreSaleLineRead:
    return StoreSaleLineRead(
        number=row.number,
        product_id=row.product_id,
        quantity=row.quantity,
        returned=row.returned,
        unit_price=row.unit_price,
        discount=row.discount,
        net=row.net,
        tax=row.tax,
    )


def _sale(sale: StoreSale, lines: list[StoreSaleLineRead]) -> StoreSaleRead:
    return StoreSaleRead(
        id=sale.id,
        kind=StoreSaleKind(sale.kind),
        till=sale.till,
        reference=sale.reference,
        merchant=sale.merchant,
        branch_id=sale.branch_id,
        member_id=sale.member_id,
        lines=lines,
        net=sale.net,
        tax=sale.tax,
        total=sale.net + sale.tax,
        payments=[StorePayment.model_validate(payment) for payment in sale.payments],
        debt=sale.debt,
        at=sale.sold_at,
        registered_at=sale.registered_at,
        by_name=sale.by_name,
        points_state=SalePointsState(sale.points_state),
        points=sale.points,
        club_discount=sale.club_discount,
        rrn=sale.rrn,
        response_code=sale.response_code,
    )


async def _return(session: AnySession, row: StoreReturn, lines: list[StoreReturnLineRead]) -> StoreReturnRead:
    asked = row.transaction_request_id
    state = None if asked is None else (await transaction_requests.read(session, asked)).state
    return StoreReturnRead(
        id=row.id,
        till=row.till,
        reference=row.reference,
        sale_id=row.sale_id,
        lines=lines,
        net=row.net,
        tax=row.tax,
        total=row.net + row.tax,
        refunds=[StorePayment.model_validate(refund) for refund in row.refunds],
        debt=row.debt,
        at=row.returned_at,
        registered_at=row.registered_at,
        by_name=row.by_name,
        reason=row.reason,
        rrn=row.rrn,
        points_request_id=asked,
        points_request_state=state,
    )
