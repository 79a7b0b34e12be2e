"""What becomes of a paid line: preparing and handing over, cancelling, taking back."""

from datetime import timedelta

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import WriteSession
from host_api.services.discount_codes import logic as discount_codes
from host_api.services.shop.catalogue import logic as catalogue
from host_api.services.shop.catalogue import slots
from host_api.services.shop.catalogue.schemas import ItemKind
from host_api.services.shop.order.giving_back import give_back
from host_api.services.shop.order.models import ShopOrder, ShopOrderLine
from host_api.services.shop.order.paying import tell_changed
from host_api.services.shop.order.placing import SERVICE, free, unit_references
from host_api.services.shop.order.problems import LineNotFound, NotNow, NotReturnable
from host_api.services.shop.order.schemas import GivingBackRead, LineProgress, LineRead, LineReturnCreate
from host_api.services.shop.order.showing import return_until, shown_giving_back, shown_line
from host_api.services.shop.order.states import GivingBackCause, OrderLineState, ShopOrderState
from host_api.services.shop.order.telling import tell_progress
from host_api.services.shop.vouchers import logic as vouchers

_NEXT = {
    OrderLineState.PAID: {
        OrderLineState.PREPARING,
        OrderLineState.SENT,
        OrderLineState.READY,
        OrderLineState.DELIVERED,
    },
    OrderLineState.PREPARING: {OrderLineState.SENT, OrderLineState.READY, OrderLineState.DELIVERED},
    OrderLineState.SENT: {OrderLineState.DELIVERED},
    OrderLineState.READY: {OrderLineState.SENT, OrderLineState.DELIVERED},
}
_OF_A_RESERVATION = {OrderLineState.PAID: {OrderLineState.DELIVERED, OrderLineState.NO_SHOW}}
_CANCELLABLE = (OrderLineState.PAID, OrderLineState.PREPARING, OrderLineState.READY)


async def progress(session: WriteSession, line_id: int, wanted: LineProgress) -> LineRead:
    """Say where a line stands now.

    Raises:
        LineNotFound, NotNow
    """
    line = await _lock_accepted(session, line_id)
    state = OrderLineState(wanted.state)
    is_reservation = line.kind == ItemKind.RESERVATION
    after = _OF_A_RESERVATION if is_reservation else _NEXT
    if state not in after.get(OrderLineState(line.state), ()):
        raise NotNow
    if line.slot_id is not None:
        slot = await slots.find(session, line.item_id, line.slot_id)
        if utc_now() < slot.starts_at:
            raise NotNow
    line.state = state.value
    if state is OrderLineState.SENT:
        line.tracking = wanted.tracking
    if state is OrderLineState.DELIVERED:
        line.delivered_at = utc_now()
    tell_changed(session, line)
    await tell_progress(session, line)
    await session.flush()
    return shown_line(line)


async def cancel(session: WriteSession, line_id: int, caller: Caller) -> tuple[GivingBackRead, int]:
    """Call a line off that is not on its way; what is given back, and the request's id.

    Raises:
        LineNotFound, NotNow
    """
    line = await _lock_accepted(session, line_id)
    if line.state not in _CANCELLABLE:
        raise NotNow
    item = await catalogue.find_item(session, line.item_id)
    if line.slot_id is not None:
        slot = await slots.find(session, line.item_id, line.slot_id)
        if utc_now() > slot.starts_at - timedelta(hours=item.release_hours):
            raise NotNow
    line.state = OrderLineState.CANCELLED.value
    quantity = line.quantity - line.returned
    await free(session, line, item, quantity)
    row, request_id = await give_back(session, line, quantity, GivingBackCause.CANCELLATION, caller)
    tell_changed(session, line)
    await session.flush()
    return shown_giving_back(row), request_id


async def take_back(
    session: WriteSession, line_id: int, wanted: LineReturnCreate, caller: Caller
) -> tuple[GivingBackRead, int]:
    """Take back some of a delivered line; what is given back, and the request's id.

    Raises:
        LineNotFound, NotReturnable
    """
    line = await _lock_accepted(session, line_id, NotReturnable())
    until = return_until(line)
    is_in_time = until is not None and utc_now() <= until
    if (
        line.state != OrderLineState.DELIVERED
        or not is_in_time
        or wanted.quantity > line.quantity - line.returned
    ):
        raise NotReturnable
    await _withdraw(session, line, wanted)
    row, request_id = await give_back(
        session, line, wanted.quantity, GivingBackCause.RETURN, caller, is_restocked=wanted.is_restocked
    )
    if line.returned == line.quantity:
        line.state = OrderLineState.RETURNED.value
        tell_changed(session, line)
    await session.flush()
    return shown_giving_back(row), request_id


async def _withdraw(session: WriteSession, line: ShopOrderLine, wanted: LineReturnCreate) -> None:
    """Make useless what was given as a code, or put back what can be sold again.

    Raises:
        NotReturnable: not so many are unused.
    """
    kind = ItemKind(line.kind)
    if kind.has_codes:
        left = wanted.quantity
        for reference in unit_references(line):
            if left and await discount_codes.withdraw_given(session, service=SERVICE, reference=reference):
                left -= 1
        if left:
            raise NotReturnable
    elif kind is ItemKind.VOUCHER and not await vouchers.withdraw_unused(session, line.id, wanted.quantity):
        raise NotReturnable
    if wanted.is_restocked and not kind.has_codes:
        await free(session, line, await catalogue.find_item(session, line.item_id), wanted.quantity)


async def _lock_accepted(
    session: WriteSession, line_id: int, otherwise: NotNow | NotReturnable | None = None
) -> ShopOrderLine:
    line = await session.get(ShopOrderLine, line_id, with_for_update=True)
    if line is None:
        raise LineNotFound
    order = await session.get(ShopOrder, line.order_id, populate_existing=True)
    if order is None or order.state != ShopOrderState.ACCEPTED:
        raise otherwise or NotNow()
    return line
