"""Reading orders and their lines."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from host_api.core.database import AnySession, ReadSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.listing import Page, read_rows
from host_api.core.service import Notice
from host_api.services.members import logic as members
from host_api.services.shop.order.listing import LineQuery, OrderQuery, OwnOrderQuery
from host_api.services.shop.order.models import DELIVERY, ShopGivingBack, ShopOrder, ShopOrderLine
from host_api.services.shop.order.problems import LineNotFound, NoDelivery, OrderNotFound
from host_api.services.shop.order.schemas import LineRead, OrderDelivery, ShopOrderRead
from host_api.services.shop.order.showing import shown, shown_line
from host_api.services.shop.order.states import GivingBackState


async def read(session: AnySession, order_id: int) -> ShopOrderRead:
    """One order.

    Raises:
        OrderNotFound
    """
    order = await session.get(ShopOrder, order_id)
    if order is None:
        raise OrderNotFound
    return (await _shown(session, [order]))[0]


async def read_line(session: AnySession, line_id: int) -> LineRead:
    """One line.

    Raises:
        LineNotFound
    """
    line = await session.get(ShopOrderLine, line_id)
    if line is None:
        raise LineNotFound
    return shown_line(line)


async def read_delivery(session: AnySession, cipher: FieldCipher, order_id: int) -> OrderDelivery:
    """To whom an order is sent.

    Raises:
        OrderNotFound, NoDelivery
    """
    order = await session.get(ShopOrder, order_id)
    if order is None:
        raise OrderNotFound
    opened = DELIVERY.open(cipher, order)
    if opened is None:
        raise NoDelivery
    return OrderDelivery.model_validate_json(opened)


async def read_page(session: ReadSession, query: OrderQuery) -> Page[ShopOrderRead]:
    """A page of orders."""
    orders, next_cursor = await read_rows(session, select(ShopOrder), query)
    return Page(items=await _shown(session, orders), next_cursor=next_cursor)


async def read_own(session: ReadSession, member_id: int, query: OwnOrderQuery) -> Page[ShopOrderRead]:
    """A page of a member's orders.

    Raises:
        members.MemberNotFound
    """
    await members.read(session, member_id)
    orders, next_cursor = await read_rows(
        session, select(ShopOrder).where(ShopOrder.member_id == member_id), query
    )
    return Page(items=await _shown(session, orders), next_cursor=next_cursor)


async def read_lines(session: ReadSession, query: LineQuery) -> Page[LineRead]:
    """A page of lines of all orders."""
    lines, next_cursor = await read_rows(session, select(ShopOrderLine), query)
    return Page(items=[shown_line(line) for line in lines], next_cursor=next_cursor)


async def notices(session: ReadSession) -> Sequence[Notice]:
    """Points that the switch would not give back."""
    found = await session.execute(
        select(func.count(ShopGivingBack.id), func.min(ShopGivingBack.asked_at)).where(
            ShopGivingBack.state == GivingBackState.FAILED.value
        )
    )
    count, since = found.one()
    if not count or not isinstance(since, datetime):
        return ()
    return (
        Notice(
            "shop-giving-back-failed",
            f"The switch has refused to give back what {count} lines of orders cost; try them again",
            f"سوئیچ برگشت امتیاز {count} ردیف سفارش را نپذیرفته است؛ دوباره بفرستید.",
            since,
        ),
    )


async def _shown(session: AnySession, orders: Sequence[ShopOrder]) -> list[ShopOrderRead]:
    rows = await session.scalars(
        select(ShopOrderLine).where(ShopOrderLine.order_id.in_([order.id for order in orders]))
    )
    by_order: dict[int, list[ShopOrderLine]] = {order.id: [] for order in orders}
    for line in rows:
        by_order[line.order_id].append(line)
    return [shown(order, by_order[order.id]) for order in orders]
