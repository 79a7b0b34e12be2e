"""Filling and emptying carts. Whoever changes one holds its member's row, so that two don't meet."""

from sqlalchemy import delete, select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession
from host_api.services.members import logic as members
from host_api.services.shop.cart.models import ShopCartLine
from host_api.services.shop.cart.schemas import CartLineRead, CartLineSet, CartRead
from host_api.services.shop.catalogue import logic as catalogue
from host_api.services.shop.catalogue import slots
from host_api.services.shop.order.problems import CartFull
from host_api.services.shop.order.schemas import MOST_LINES, LineWanted


async def read(session: AnySession, member_id: int) -> CartRead:
    """A member's cart at the prices now.

    Raises:
        members.MemberNotFound
    """
    await members.read(session, member_id)
    rows = await _lines(session, member_id)
    items = await catalogue.items_by_id(session, {row.item_id for row in rows})
    now = utc_now()
    lines = [
        CartLineRead(
            item_id=row.item_id,
            slot_id=row.slot_id or None,
            title=items[row.item_id].title,
            title_fa=items[row.item_id].title_fa,
            quantity=row.quantity,
            purse=items[row.item_id].purse,
            price_now=catalogue.price_at(items[row.item_id], now),
            is_sold=await catalogue.is_sold_to(session, items[row.item_id], member_id, now),
        )
        for row in rows
    ]
    totals: dict[int, int] = {}
    for line in lines:
        totals[line.purse] = totals.get(line.purse, 0) + line.price_now * line.quantity
    return CartRead(member_id=member_id, lines=lines, totals=totals)


async def put(session: WriteSession, member_id: int, item_id: int, wanted: CartLineSet) -> CartRead:
    """Say how many of an item are in the cart.

    Raises:
        members.MemberNotFound, ItemNotFound, SlotNotFound, CartFull
    """
    await members.lock(session, member_id)
    await catalogue.find_item(session, item_id)
    if wanted.slot_id is not None:
        await slots.find(session, item_id, wanted.slot_id)
    rows = await _lines(session, member_id)
    here = next((row for row in rows if (row.item_id, row.slot_id) == (item_id, wanted.slot_id or 0)), None)
    if here is None and wanted.quantity:
        if len(rows) >= MOST_LINES:
            raise CartFull
        here = ShopCartLine(
            member_id=member_id, item_id=item_id, slot_id=wanted.slot_id or 0, quantity=wanted.quantity
        )
        session.add(here)
    elif here is not None and wanted.quantity:
        here.quantity = wanted.quantity
    elif here is not None:
        await session.delete(here)
    await session.flush()
    return await read(session, member_id)


async def take_all(session: WriteSession, member_id: int) -> list[LineWanted]:
    """What is in the cart of a member whose row is held; it is empty then."""
    rows = await _lines(session, member_id)
    wanted = [
        LineWanted(item_id=row.item_id, quantity=row.quantity, slot_id=row.slot_id or None) for row in rows
    ]
    await forget(session, member_id)
    return wanted


async def forget(session: WriteSession, member_id: int) -> None:
    """Empty a member's cart."""
    await session.execute(
        delete(ShopCartLine)
        .where(ShopCartLine.member_id == member_id)
        .execution_options(synchronize_session=False)
    )


async def _lines(session: AnySession, member_id: int) -> list[ShopCartLine]:
    rows = await session.scalars(
        select(ShopCartLine).where(ShopCartLine.member_id == member_id).order_by(ShopCartLine.id)
    )
    return list(rows)
