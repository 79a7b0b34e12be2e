"""Placing an order: everything is kept back for the member while the switch is asked for each line."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.movements import debit
from host_api.services.agreements import logic as agreements
from host_api.services.agreements.schemas import GatedProcess
from host_api.services.credit_packages import logic as credit_packages
from host_api.services.discount_codes import logic as discount_codes
from host_api.services.discount_codes.problems import PoolEmpty
from host_api.services.members import logic as members
from host_api.services.shop.cart import logic as cart
from host_api.services.shop.catalogue import logic as catalogue
from host_api.services.shop.catalogue import slots
from host_api.services.shop.catalogue.models import ShopItem
from host_api.services.shop.catalogue.problems import ItemNotFound, LimitReached, NotSold, SoldOut
from host_api.services.shop.catalogue.schemas import ItemKind
from host_api.services.shop.catalogue.stock import change_booked, change_stock
from host_api.services.shop.order.models import DELIVERY, ShopOrder, ShopOrderLine
from host_api.services.shop.order.problems import CartEmpty
from host_api.services.shop.order.schemas import LineWanted, ShopOrderCreate, ShopOrderRead
from host_api.services.shop.order.showing import shown
from host_api.services.shop.order.states import OrderLineState, ShopOrderState

SERVICE: Final = "shop"

# What the switch has not answered by then is taken back, and the order is off.
PATIENCE: Final = timedelta(minutes=5)

_NOT_BOUGHT: Final = (
    OrderLineState.REFUSED.value,
    OrderLineState.UNDONE.value,
    OrderLineState.CANCELLED.value,
)


async def place(
    session: WriteSession, cipher: FieldCipher, wanted: ShopOrderCreate, caller: Caller
) -> tuple[ShopOrderRead, list[int]]:
    """Keep an order, and what it needs, and ask for its points; the order, and its requests' ids.

    Raises:
        members.MemberNotFound, CartEmpty, ItemNotFound, SlotNotFound, NotSold, LimitReached, SoldOut,
        AgreementNotAccepted
    """
    # Whoever orders in a member's name queues here, so that limits are counted one after the other.
    await members.lock(session, wanted.member_id)
    await agreements.check_accepted(session, wanted.member_id, GatedProcess.SHOP_ORDER)
    lines = wanted.lines or await cart.take_all(session, wanted.member_id)
    if not lines:
        raise CartEmpty
    now = utc_now()
    items = await catalogue.items_by_id(session, {line.item_id for line in lines})
    await _check(session, items, lines, wanted.member_id, now)
    order = ShopOrder(
        member_id=wanted.member_id, state=ShopOrderState.PAYING.value, ordered_by=caller.name, ordered_at=now
    )
    session.add(order)
    await session.flush()
    if wanted.delivery is not None:
        DELIVERY.seal(cipher, order, wanted.delivery.model_dump_json())
    # In one order everywhere, so that no two orders wait for each other.
    lines = sorted(lines, key=lambda line: (line.item_id, line.slot_id or 0))
    rows = [
        new_line(order, items[line.item_id], line, catalogue.price_at(items[line.item_id], now), now)
        for line in lines
    ]
    session.add_all(rows)
    await session.flush()
    for row in rows:
        await _keep_back(session, row, items[row.item_id], caller)
    request_ids = [await _ask(session, row, caller) for row in rows]
    return shown(order, rows), request_ids


async def _check(
    session: WriteSession,
    items: dict[int, ShopItem],
    lines: Sequence[LineWanted],
    member_id: int,
    now: datetime,
) -> None:
    """Raises: ItemNotFound, SlotNotFound, NotSold, LimitReached."""
    quantities: dict[int, int] = {}
    for line in lines:
        item = items.get(line.item_id)
        if item is None:
            raise ItemNotFound
        if not await catalogue.is_sold_to(session, item, member_id, now):
            raise NotSold
        if (line.slot_id is not None) != (item.kind == ItemKind.RESERVATION):
            raise NotSold
        if line.slot_id is not None:
            slot = await slots.find(session, item.id, line.slot_id)
            if slot.starts_at <= now:
                raise NotSold
        quantities[item.id] = quantities.get(item.id, 0) + line.quantity
    for item_id, quantity in quantities.items():
        await _check_limit(session, items[item_id], quantity, member_id, now)


async def _check_limit(
    session: WriteSession, item: ShopItem, quantity: int, member_id: int, now: datetime
) -> None:
    if item.limit_quantity is None:
        return
    bought = select(func.sum(ShopOrderLine.quantity - ShopOrderLine.returned)).where(
        ShopOrderLine.member_id == member_id,
        ShopOrderLine.item_id == item.id,
        ShopOrderLine.state.not_in(_NOT_BOUGHT),
    )
    if item.limit_days is not None:
        bought = bought.where(ShopOrderLine.ordered_at > now - timedelta(days=item.limit_days))
    if (await session.scalar(bought) or 0) + quantity > item.limit_quantity:
        raise LimitReached


def new_line(
    order: ShopOrder, item: ShopItem, wanted: LineWanted, unit_price: int, now: datetime
) -> ShopOrderLine:
    """A line as it is ordered, for so many units each."""
    return ShopOrderLine(
        order_id=order.id,
        item_id=item.id,
        slot_id=wanted.slot_id,
        member_id=order.member_id,
        kind=item.kind,
        quantity=wanted.quantity,
        unit_price=unit_price,
        purse=item.purse,
        supplier=item.supplier,
        cost=item.cost,
        charity=item.charity,
        state=OrderLineState.PAYING.value,
        returned=0,
        return_days=item.return_days,
        ordered_at=now,
    )


async def _keep_back(session: WriteSession, line: ShopOrderLine, item: ShopItem, caller: Caller) -> None:
    """Raises: SoldOut, NotSold."""
    if line.slot_id is not None:
        if not await change_booked(session, line.slot_id, line.quantity):
            raise SoldOut
    elif ItemKind(line.kind).has_codes:
        try:
            for reference in unit_references(line):
                await discount_codes.hold_code(
                    session, item.pool_id or 0, line.member_id, service=SERVICE, reference=reference
                )
        except PoolEmpty:
            raise SoldOut from None
    elif not await change_stock(session, item, -line.quantity):
        raise SoldOut
    elif item.credit_package_id is not None:
        try:
            for reference in unit_references(line):
                await credit_packages.keep_back(
                    session,
                    item.credit_package_id,
                    line.member_id,
                    caller,
                    service=SERVICE,
                    reference=reference,
                )
        except credit_packages.PackageNotSold:
            raise NotSold from None


async def free(session: WriteSession, line: ShopOrderLine, item: ShopItem, quantity: int) -> None:
    """Undo what `_keep_back` did for so many of a line that nothing was given for."""
    if line.slot_id is not None:
        await change_booked(session, line.slot_id, -quantity)
    elif ItemKind(line.kind).has_codes:
        for reference in unit_references(line):
            await discount_codes.free_held(session, service=SERVICE, reference=reference)
    else:
        await change_stock(session, item, quantity)
        if item.credit_package_id is not None:
            for reference in unit_references(line):
                await credit_packages.let_go(session, service=SERVICE, reference=reference)


def unit_references(line: ShopOrderLine) -> list[str]:
    """Under which the codes or credit packages of a line are held and given, one by one."""
    return [f"{line.id}-{number}" for number in range(line.quantity)]


async def _ask(session: WriteSession, line: ShopOrderLine, caller: Caller) -> int:
    reason = f"shop order {line.order_id}"
    return await request_points(
        session,
        debit(line.member_id, line.purse, line.unit_price * line.quantity, reason),
        service=SERVICE,
        reference=f"pay-{line.id}",
        asked_by=caller,
        reason=reason,
        patience=PATIENCE,
    )
