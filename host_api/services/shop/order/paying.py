"""What the switch makes of an order: all its lines are paid, or the whole order is off."""

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
from host_api.services.shop.order.placing import SERVICE, free, unit_references
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


async def on_outcome(session: WriteSession, outcome: Outcome) -> None:
    """Go on with the line, or with what is given back, that a request was for."""
    what, number, *_ = outcome.reference.split("-")
    if what == "back":
        await giving_back.on_outcome(session, outcome, int(number))
    else:
        await _on_paid(session, outcome, int(number))


async def _on_paid(session: WriteSession, outcome: Outcome, line_id: int) -> None:
    line = await session.get(ShopOrderLine, line_id)
    if line is None:
        raise LookupError("a line of an order has gone")
    # Of two lines answered at once the second sees what became of the first.
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
        return
    items = await catalogue.items_by_id(session, {each.item_id for each in lines})
    order.decided_at = utc_now()
    if all(each.state == OrderLineState.PAID for each in lines):
        await _accept(session, order, lines, items)
    else:
        await _refuse(session, order, lines, items)
    await session.flush()


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


async def _refuse(
    session: WriteSession, order: ShopOrder, lines: list[ShopOrderLine], items: dict[int, ShopItem]
) -> None:
    """Let go what was kept back, and give back what lines have paid."""
    order.state = ShopOrderState.REFUSED.value
    caller = system_caller(SERVICE, programme_of(session.sync_session))
    for line in sorted(lines, key=lambda line: (line.item_id, line.slot_id or 0)):
        await free(session, line, items[line.item_id], line.quantity)
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
