"""What becomes of an order: the seller's steps, what ends it, and what the switch makes of its units."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import Caller, system_caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession
from host_api.core.isolation import programme_of
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.services.instalment_sales import logic as instalment_sales
from host_api.services.sellers import logic as sellers
from host_api.services.sellers import movements
from host_api.services.sellers.movements import Moving
from host_api.services.sellers.states import SellerMovementState
from host_api.services.storefronts.fronts import fronts, goods, privileges
from host_api.services.storefronts.orders.models import StorefrontOrder
from host_api.services.storefronts.orders.placing import SERVICE, to_seller
from host_api.services.storefronts.orders.problems import StorefrontOrderNotFound, StorefrontOrderNotNow
from host_api.services.storefronts.orders.states import (
    WITH_DEADLINE,
    StorefrontOrderState,
    StorefrontPayment,
)
from host_api.services.storefronts.orders.telling import tell

_State = StorefrontOrderState
# From where an order ends so.
_ENDS: Final = {
    _State.DECLINED: (_State.PLACED,),
    _State.CANCELLED: (_State.PLACED,),
    _State.WITHDRAWN: (_State.CONFIRMED,),
    _State.RETURNED: (_State.DELIVERED,),
    _State.LAPSED: (_State.PLACED, _State.CONFIRMED),
}


async def confirm(session: WriteSession, order_id: int) -> StorefrontOrder:
    """The seller takes an order; one in instalments becomes a sale.

    Raises:
        StorefrontOrderNotFound, StorefrontOrderNotNow
    """
    order, now = await _lock_in(session, order_id, _State.PLACED)
    front = await fronts.find(session, order.storefront_id)
    order.state, order.confirmed_at = _State.CONFIRMED.value, now
    order.deadline_at = now + timedelta(days=front.deliver_days)
    if order.payment == StorefrontPayment.INSTALMENTS and order.privilege_id is not None:
        privilege = await privileges.find(session, order.privilege_id)
        terms = privileges.terms_of(privilege)
        if terms is None:
            raise LookupError("a privilege has lost its instalments")
        await instalment_sales.open_sale(
            session,
            seller_id=order.seller_id,
            member_id=order.member_id,
            price_rials=order.total_rials,
            terms=terms,
            service=SERVICE,
            reference=str(order.id),
        )
    await tell(session, order)
    await session.flush()
    return order


async def deliver(
    session: WriteSession, caller: Caller, order_id: int, tracking: str | None
) -> StorefrontOrder:
    """The seller has handed an order over or sent it; where nothing can go back it is completed.

    Raises:
        StorefrontOrderNotFound, StorefrontOrderNotNow
    """
    order, now = await _lock_in(session, order_id, _State.CONFIRMED)
    front = await fronts.find(session, order.storefront_id)
    order.state, order.delivered_at, order.tracking = _State.DELIVERED.value, now, tracking
    order.deadline_at = now + timedelta(days=front.return_days)
    await tell(session, order)
    if not front.return_days:
        await _complete(session, caller, order)
    await session.flush()
    return order


async def end(
    session: WriteSession, caller: Caller, order_id: int, state: StorefrontOrderState
) -> StorefrontOrder:
    """End an order before it is completed; what was taken for it goes back.

    Raises:
        StorefrontOrderNotFound, StorefrontOrderNotNow
    """
    order, _ = await _lock_in(session, order_id, *_ENDS[state])
    await _end(session, caller, order, state)
    return order


async def due(session: AnySession, now: datetime, limit: int) -> list[int]:
    """Ids of orders whose time has come."""
    found = await session.scalars(
        select(StorefrontOrder.id)
        .where(
            StorefrontOrder.state.in_([state.value for state in WITH_DEADLINE]),
            StorefrontOrder.deadline_at <= now,
        )
        .order_by(StorefrontOrder.deadline_at, StorefrontOrder.id)
        .limit(limit)
    )
    return list(found)


async def end_due(session: WriteSession, order_id: int, now: datetime) -> bool:
    """Let an order lapse whose seller let the time go by, or complete one that can't go back any more."""
    order = await _lock(session, order_id)
    is_due = order.deadline_at is not None and order.deadline_at <= now
    if order.state not in WITH_DEADLINE or not is_due:
        return False
    caller = system_caller(SERVICE, programme_of(session.sync_session))
    if order.state == _State.DELIVERED:
        await _complete(session, caller, order)
    else:
        await _end(session, caller, order, _State.LAPSED)
    return True


async def on_outcomes(session: WriteSession, outcomes: Sequence[Outcome], /) -> None:
    """Go on with orders whose payment the switch has decided; bonuses and returns book themselves.

    Orders, goods, privileges and accounts are taken in the order of their ids, and in this order of kinds,
    as whoever places an order does.
    """
    order_ids = {outcome.request_id: _order_of(outcome) for outcome in outcomes}
    rows = await session.scalars(
        select(StorefrontOrder)
        .where(StorefrontOrder.id.in_(order_ids.values()))
        .order_by(StorefrontOrder.id)
        .with_for_update()
    )
    orders = {order.id: order for order in rows}
    refused = [
        orders[order_ids[outcome.request_id]]
        for outcome in outcomes
        if _is_payment(outcome)
        and outcome.state in (RequestState.DECLINED, RequestState.REVERSED)
        and orders[order_ids[outcome.request_id]].state == _State.PAYING
    ]
    await _put_back(session, refused)
    await sellers.lock_accounts(session, {order.seller_id for order in orders.values()})
    for outcome in outcomes:
        order = orders[order_ids[outcome.request_id]]
        moved = await movements.note_outcome(session, outcome)
        if not _is_payment(outcome) or order.state != _State.PAYING:
            continue
        if moved.state == SellerMovementState.DONE:
            await to_seller(session, order, await fronts.find(session, order.storefront_id))
        elif moved.state == SellerMovementState.REFUSED:
            await sellers.free(session, order.seller_id, order.bonus_rials)
            order.state, order.ended_at = _State.REFUSED.value, utc_now()
            await tell(session, order)
    await session.flush()


async def _complete(session: WriteSession, caller: Caller, order: StorefrontOrder) -> None:
    order.state, order.deadline_at, order.ended_at = _State.COMPLETED.value, None, utc_now()
    await session.flush()
    await sellers.lock_accounts(session, [order.seller_id])
    paid = await movements.find(session, SERVICE, f"pay-{order.id}")
    if paid is not None:
        await movements.book_payment(session, paid)
    if order.bonus_units:
        seller = await sellers.find(session, order.seller_id)
        moving = Moving(seller, order.member_id, SERVICE, f"bonus-{order.id}")
        await movements.ask_bonus(session, caller, moving, order.bonus_units, order.bonus_rials)
    await tell(session, order)
    await session.flush()


async def _end(
    session: WriteSession, caller: Caller, order: StorefrontOrder, state: StorefrontOrderState
) -> None:
    await instalment_sales.call_off(session, caller, service=SERVICE, reference=str(order.id))
    await _put_back(session, [order])
    await sellers.free(session, order.seller_id, order.bonus_rials)
    paid = await movements.find(session, SERVICE, f"pay-{order.id}")
    if paid is not None:
        await movements.give_back(session, caller, paid, paid.units)
    order.state, order.deadline_at, order.ended_at = state.value, None, utc_now()
    await session.flush()
    await tell(session, order)


async def _put_back(session: WriteSession, orders: Sequence[StorefrontOrder]) -> None:
    for order in sorted(orders, key=lambda order: order.good_id):
        await goods.change_stock(session, order.good_id, order.quantity)
    for order in sorted(orders, key=lambda order: order.privilege_id or 0):
        if order.privilege_id is not None:
            await privileges.change_left(session, order.privilege_id, order.quantity)


async def _lock(session: WriteSession, order_id: int) -> StorefrontOrder:
    order = await session.get(StorefrontOrder, order_id, with_for_update=True)
    if order is None:
        raise StorefrontOrderNotFound
    return order


async def _lock_in(
    session: WriteSession, order_id: int, *states: StorefrontOrderState
) -> tuple[StorefrontOrder, datetime]:
    """An order in one of these states, before the end of its time; and the time."""
    order, now = await _lock(session, order_id), utc_now()
    if order.state not in states or (order.deadline_at is not None and order.deadline_at <= now):
        raise StorefrontOrderNotNow
    return order, now


def _is_payment(outcome: Outcome) -> bool:
    return outcome.reference.startswith("pay-") and outcome.reference.endswith(":0")


def _order_of(outcome: Outcome) -> int:
    return int(outcome.reference.partition(":")[0].partition("-")[2])
