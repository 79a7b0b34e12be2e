"""What the switch makes of an order: all its lines are paid, or the whole order is off."""

from collections.abc import Sequence

from sqlalchemy import select

from host_api.core.access.caller import system_caller
from host_api.core.clock import utc_now
from host_api.core.database import WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.isolation import programme_of
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.services.credit_packages import logic as credit_packages
from host_api.services.discount_codes import logic as discount_codes
from host_api.services.shop.catalogue import logic as catalogue
from host_api.services.shop.catalogue.models import ShopItem
from host_api.services.shop.catalogue.schemas import ItemKind
from host_api.services.shop.events import (
    LINE_CHANGED,
    ORDER_ACCEPTED,
    ORDER_REFUSED,
    LineChanged,
    OrderDecided,
)
from host_api.services.shop.order import giving_back
from host_api.services.shop.order.models import ShopOrder, ShopOrderLine
from host_api.services.shop.order.placing import SERVICE, free, new_line, unit_references
from host_api.services.shop.order.schemas import LineWanted
from host_api.services.shop.order.states import GivingBackCause, OrderLineState, ShopOrderState
from host_api.services.shop.order.telling import tell_accepted
from host_api.services.shop.vouchers import logic as vouchers

_STATES = {
    RequestState.APPROVED: OrderLineState.PAID,
    RequestState.DECLINED: OrderLineState.REFUSED,
    RequestState.REVERSED: OrderLineState.REFUSED,
    RequestState.DOUBTFUL: OrderLineState.DOUBTFUL,
}
_UNDECIDED = (OrderLineState.PAYING, OrderLineState.DOUBTFUL)


async def on_outcomes(session: WriteSession, outcomes: Sequence[Outcome], /) -> None:
    """Go on with the lines, or with what is given back, that requests were for.

    Of two lines answered at once the second sees what became of the first. What is free again goes back when
    all orders are decided, items and times in the order in which orders take them.
    """
    line_ids = {outcome.request_id: _line_of(outcome) for outcome in outcomes}
    await _lock_orders(session, [line_id for line_id in line_ids.values() if line_id is not None])
    refused: list[ShopOrderLine] = []
    for outcome in outcomes:
        line_id = line_ids[outcome.request_id]
        if line_id is None:
            await giving_back.on_outcome(session, outcome, int(outcome.reference.split("-")[1]))
        else:
            refused += await _on_paid(session, outcome, line_id)
    items = await catalogue.items_by_id(session, {line.item_id for line in refused})
    for line in sorted(refused, key=lambda line: (line.item_id, line.slot_id or 0)):
        await free(session, line, items[line.item_id], line.quantity)
    await session.flush()


def _line_of(outcome: Outcome) -> int | None:
    """The line that an outcome is the payment of; None where something is given back."""
    what, number, *_ = outcome.reference.split("-")
    return None if what == "back" else int(number)


async def _lock_orders(session: WriteSession, line_ids: Sequence[int]) -> None:
    orders = select(ShopOrderLine.order_id).where(ShopOrderLine.id.in_(line_ids))
    await session.execute(
        select(ShopOrder.id).where(ShopOrder.id.in_(orders)).order_by(ShopOrder.id).with_for_update()
    )


async def _on_paid(session: WriteSession, outcome: Outcome, line_id: int) -> list[ShopOrderLine]:
    """Keep what became of a payment, whose order is locked; the lines of an order that is off by it."""
    line = await session.get(ShopOrderLine, line_id)
    if line is None:
        raise LookupError("a line of an order has gone")
    order = await session.get(ShopOrder, line.order_id, with_for_update=True)
    if order is None:
        raise LookupError("an order has gone")
    rows = await session.scalars(
        select(ShopOrderLine)
        .where(ShopOrderLine.order_id == order.id)
        .order_by(ShopOrderLine.id)
        .execution_options(populate_existing=True)
    )
    lines = list(rows)
    line.state = _STATES[outcome.state].value
    line.response_code, line.rrn = outcome.response_code, outcome.rrn
    await session.flush()
    if order.state != ShopOrderState.PAYING or any(each.state in _UNDECIDED for each in lines):
        return []
    order.decided_at = utc_now()
    if all(each.state == OrderLineState.PAID for each in lines):
        items = await catalogue.items_by_id(session, {each.item_id for each in lines})
        await _accept(session, order, lines, items)
        await session.flush()
        return []
    await _refuse(session, order, lines)
    await session.flush()
    return lines


async def sell_paid(
    session: WriteSession, item: ShopItem, member_id: int, *, units: int, rrn: str, by: str
) -> ShopOrder:
    """An order of one piece that has been kept back, and paid by the debit `rrn`, already."""
    now = utc_now()
    order = ShopOrder(
        member_id=member_id, state=ShopOrderState.PAYING.value, ordered_by=by, ordered_at=now, decided_at=now
    )
    session.add(order)
    await session.flush()
    line = new_line(order, item, LineWanted(item_id=item.id), units, now)
    line.state, line.rrn = OrderLineState.PAID.value, rrn
    session.add(line)
    await session.flush()
    await _accept(session, order, [line], {item.id: item})
    await session.flush()
    return order


async def _accept(
    session: WriteSession, order: ShopOrder, lines: list[ShopOrderLine], items: dict[int, ShopItem]
) -> None:
    order.state = ShopOrderState.ACCEPTED.value
    for line in lines:
        line.accepted_at = order.decided_at
        if ItemKind(line.kind).is_delivered_at_once:
            await _deliver(session, line, items[line.item_id])
    decided = OrderDecided(order_id=order.id, member_id=order.member_id)
    emit(session, ORDER_ACCEPTED, Subject("shop_order", order.id), decided)
    await tell_accepted(session, order)


async def _deliver(session: WriteSession, line: ShopOrderLine, item: ShopItem) -> None:
    """Hand over what nobody has to prepare."""
    if ItemKind(line.kind).has_codes:
        for reference in unit_references(line):
            await discount_codes.give_held(session, service=SERVICE, reference=reference)
    elif line.kind == ItemKind.VOUCHER:
        await vouchers.issue(session, line, item)
    elif line.kind == ItemKind.CREDIT:
        for reference in unit_references(line):
            await credit_packages.give_kept(session, service=SERVICE, reference=reference)
    line.state, line.delivered_at = OrderLineState.DELIVERED.value, utc_now()
    tell_changed(session, line)


async def _refuse(session: WriteSession, order: ShopOrder, lines: list[ShopOrderLine]) -> None:
    """Give back what lines have paid."""
    order.state = ShopOrderState.REFUSED.value
    caller = system_caller(SERVICE, programme_of(session.sync_session))
    for line in lines:
        if line.state == OrderLineState.PAID:
            order.state, line.state = ShopOrderState.UNDOING.value, OrderLineState.UNDONE.value
            await giving_back.give_back(session, line, line.quantity, GivingBackCause.UNDO, caller)
    if order.state == ShopOrderState.REFUSED:
        decided = OrderDecided(order_id=order.id, member_id=order.member_id)
        emit(session, ORDER_REFUSED, Subject("shop_order", order.id), decided)


def tell_changed(session: WriteSession, line: ShopOrderLine) -> None:
    """Emit where a line stands."""
    changed = LineChanged(
        line_id=line.id,
        order_id=line.order_id,
        member_id=line.member_id,
        item_id=line.item_id,
        kind=ItemKind(line.kind),
        state=OrderLineState(line.state),
    )
    emit(session, LINE_CHANGED, Subject("shop_order_line", line.id), changed)
