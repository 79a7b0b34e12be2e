"""Points that go back to the member as returns of the debit, so that they keep the expiry they had."""

from sqlalchemy import exists, select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.movements import return_of_debit
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.core.listing import Page, read_rows
from host_api.services.shop.events import ORDER_REFUSED, POINTS_GIVEN_BACK, OrderDecided, PointsGivenBack
from host_api.services.shop.order.listing import GivingBackQuery
from host_api.services.shop.order.models import ShopGivingBack, ShopOrder, ShopOrderLine
from host_api.services.shop.order.placing import SERVICE
from host_api.services.shop.order.problems import GivingBackNotFound, NotFailed
from host_api.services.shop.order.schemas import GivingBackRead
from host_api.services.shop.order.showing import shown_giving_back
from host_api.services.shop.order.states import GivingBackCause, GivingBackState, ShopOrderState
from host_api.services.shop.order.telling import tell_given_back

_STATES = {
    RequestState.APPROVED: GivingBackState.DONE,
    RequestState.DECLINED: GivingBackState.FAILED,
    RequestState.REVERSED: GivingBackState.FAILED,
    RequestState.DOUBTFUL: GivingBackState.DOUBTFUL,
}


async def give_back(
    session: WriteSession,
    line: ShopOrderLine,
    quantity: int,
    cause: GivingBackCause,
    caller: Caller,
    *,
    is_restocked: bool = True,
) -> tuple[ShopGivingBack, int]:
    """Ask for what so many of a line cost; the row, and the request's id. The line's row is held."""
    line.returned += quantity
    row = ShopGivingBack(
        line_id=line.id,
        member_id=line.member_id,
        cause=cause.value,
        quantity=quantity,
        units=line.unit_price * quantity,
        is_restocked=is_restocked,
        state=GivingBackState.ASKED.value,
        attempt=0,
        asked_by=caller.name,
        asked_at=utc_now(),
    )
    session.add(row)
    await session.flush()
    return row, await _ask(session, row, line, caller)


async def retry(session: WriteSession, giving_back_id: int, caller: Caller) -> tuple[GivingBackRead, int]:
    """Ask the switch once more for what it refused; the request's id too.

    Raises:
        GivingBackNotFound, NotFailed
    """
    row = await _lock(session, giving_back_id)
    if row.state != GivingBackState.FAILED:
        raise NotFailed
    line = await session.get(ShopOrderLine, row.line_id)
    if line is None:
        raise LookupError("a line of an order has gone")
    row.state, row.finished_at = GivingBackState.ASKED.value, None
    row.attempt += 1
    request_id = await _ask(session, row, line, caller)
    await session.flush()
    return shown_giving_back(row), request_id


async def find(session: AnySession, giving_back_id: int) -> GivingBackRead:
    """One.

    Raises:
        GivingBackNotFound
    """
    row = await session.get(ShopGivingBack, giving_back_id)
    if row is None:
        raise GivingBackNotFound
    return shown_giving_back(row)


async def read_page(session: ReadSession, query: GivingBackQuery) -> Page[GivingBackRead]:
    """A page of them."""
    rows, next_cursor = await read_rows(session, select(ShopGivingBack), query)
    return Page(items=[shown_giving_back(row) for row in rows], next_cursor=next_cursor)


async def on_outcome(session: WriteSession, outcome: Outcome, giving_back_id: int) -> None:
    """Keep what became of the units."""
    row = await _lock(session, giving_back_id)
    row.state = _STATES[outcome.state].value
    row.response_code, row.rrn = outcome.response_code, outcome.rrn
    row.finished_at = utc_now()
    await session.flush()
    if row.state != GivingBackState.DONE:
        return
    given_back = PointsGivenBack(
        line_id=row.line_id,
        member_id=row.member_id,
        cause=GivingBackCause(row.cause),
        quantity=row.quantity,
        units=row.units,
    )
    emit(session, POINTS_GIVEN_BACK, Subject("shop_order_line", row.line_id), given_back)
    if row.cause == GivingBackCause.UNDO:
        await _end_undoing(session, row)
    else:
        await tell_given_back(session, row)


async def _end_undoing(session: WriteSession, row: ShopGivingBack) -> None:
    """The order is off once all that its lines have paid is back."""
    line = await session.get(ShopOrderLine, row.line_id)
    if line is None:
        raise LookupError("a line of an order has gone")
    order = await session.get(ShopOrder, line.order_id, with_for_update=True)
    if order is None:
        raise LookupError("an order has gone")
    is_left = select(
        exists().where(
            ShopOrderLine.order_id == order.id,
            ShopGivingBack.line_id == ShopOrderLine.id,
            ShopGivingBack.state != GivingBackState.DONE.value,
        )
    )
    if order.state != ShopOrderState.UNDOING or await session.scalar(is_left):
        return
    order.state = ShopOrderState.REFUSED.value
    decided = OrderDecided(order_id=order.id, member_id=order.member_id)
    emit(session, ORDER_REFUSED, Subject("shop_order", order.id), decided)
    await session.flush()


async def _ask(session: WriteSession, row: ShopGivingBack, line: ShopOrderLine, caller: Caller) -> int:
    """Without an end to the patience: it is the member's, however late the switch answers."""
    return await request_points(
        session,
        return_of_debit(line.member_id, line.purse, row.units, line.rrn or ""),
        service=SERVICE,
        reference=f"back-{row.id}-{row.attempt}",
        asked_by=caller,
        reason=f"shop order {line.order_id}: {row.cause}",
    )


async def _lock(session: WriteSession, giving_back_id: int) -> ShopGivingBack:
    row = await session.get(ShopGivingBack, giving_back_id, with_for_update=True)
    if row is None:
        raise GivingBackNotFound
    return row
