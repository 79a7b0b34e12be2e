"""Placing an order: stock, the privilege and the seller's cost are held before anybody pays."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.services.members import logic as members
from host_api.services.sellers import logic as sellers
from host_api.services.sellers import movements
from host_api.services.sellers.models import Seller
from host_api.services.sellers.movements import Moving
from host_api.services.sellers.states import PurseMeans
from host_api.services.storefronts.fronts import fronts, goods, privileges
from host_api.services.storefronts.fronts.models import Storefront, StorefrontGood, StorefrontPrivilege
from host_api.services.storefronts.fronts.states import ShowState
from host_api.services.storefronts.orders.models import DELIVERY, StorefrontOrder
from host_api.services.storefronts.orders.problems import (
    StorefrontNoInstalments,
    StorefrontNotSold,
    StorefrontPrivilegeNotForMember,
    StorefrontSoldOut,
)
from host_api.services.storefronts.orders.schemas import StorefrontOrderCreate
from host_api.services.storefronts.orders.states import BOUGHT, StorefrontOrderState, StorefrontPayment
from host_api.services.storefronts.orders.telling import tell

SERVICE: Final = "storefronts"

_BASIS: Final = 10_000
_MEANS: Final = {
    StorefrontPayment.POINTS: PurseMeans.POINTS,
    StorefrontPayment.WALLET: PurseMeans.WALLET,
}


async def place(
    session: WriteSession, cipher: FieldCipher, caller: Caller, wanted: StorefrontOrderCreate
) -> tuple[StorefrontOrder, int | None]:
    """Keep an order and what it needs, and ask for its payment; the order, and the request's id.

    Raises:
        members.MemberNotFound, SellerMemberNotActive, StorefrontGoodNotFound, StorefrontNotSold,
        StorefrontPrivilegeNotFound, StorefrontPrivilegeNotForMember, StorefrontNoInstalments,
        StorefrontSoldOut, SellerLimitReached
    """
    # Whoever orders in a member's name queues here, so that limits are counted one after the other.
    await members.lock(session, wanted.member_id)
    await sellers.check_member(session, wanted.member_id)
    now = utc_now()
    good = await goods.find(session, wanted.good_id)
    front = await fronts.find(session, good.storefront_id)
    seller = await _seller_of(session, front, good, wanted.member_id)
    privilege = None
    if wanted.privilege_id is not None:
        privilege = await privileges.find(session, wanted.privilege_id)
        await _check_privilege(session, privilege, good, wanted, now)
    if wanted.payment is StorefrontPayment.INSTALMENTS and (
        privilege is None or privilege.instalments is None
    ):
        raise StorefrontNoInstalments
    order = _new(wanted, good, front, seller, privilege, caller, now)
    await _keep_back(session, order)
    session.add(order)
    await session.flush()
    if wanted.delivery is not None:
        DELIVERY.seal(cipher, order, wanted.delivery)
    means = _MEANS.get(wanted.payment)
    if means is None:
        await to_seller(session, order, front)
        return order, None
    moving = Moving(seller, order.member_id, SERVICE, f"pay-{order.id}")
    _, request_id = await movements.ask_payment(session, caller, moving, means, order.total_rials)
    await session.flush()
    return order, request_id


async def to_seller(session: WriteSession, order: StorefrontOrder, front: Storefront) -> None:
    """Nothing stands against an order any more: it waits for the seller."""
    order.state = StorefrontOrderState.PLACED.value
    order.deadline_at = utc_now() + timedelta(hours=front.confirm_hours)
    await session.flush()
    await tell(session, order)


async def _seller_of(
    session: WriteSession, front: Storefront, good: StorefrontGood, member_id: int
) -> Seller:
    try:
        seller = await sellers.find_active(session, front.seller_id)
    except sellers.SellerNotActive:
        raise StorefrontNotSold from None
    is_shown = front.state == ShowState.SHOWN and good.state == ShowState.SHOWN and good.is_offered
    if not is_shown or seller.member_id == member_id:
        raise StorefrontNotSold
    return seller


async def _check_privilege(
    session: WriteSession,
    privilege: StorefrontPrivilege,
    good: StorefrontGood,
    wanted: StorefrontOrderCreate,
    now: datetime,
) -> None:
    if not await privileges.is_for(session, privilege, good, wanted.member_id, now):
        raise StorefrontPrivilegeNotForMember
    if privilege.most_per_member is None:
        return
    bought = await session.scalar(
        select(func.sum(StorefrontOrder.quantity)).where(
            StorefrontOrder.member_id == wanted.member_id,
            StorefrontOrder.privilege_id == privilege.id,
            StorefrontOrder.state.in_([state.value for state in BOUGHT]),
        )
    )
    if (bought or 0) + wanted.quantity > privilege.most_per_member:
        raise StorefrontPrivilegeNotForMember


def price_of(good: StorefrontGood, privilege: StorefrontPrivilege | None, quantity: int) -> tuple[int, int]:
    """What so many cost in rials, and what of the price the privilege takes off; parts of a rial stay."""
    whole = good.price_rials * quantity
    discount = 0 if privilege is None else whole * privilege.discount_bp // _BASIS
    return whole - discount, discount


def _new(  # noqa: PLR0917
    wanted: StorefrontOrderCreate,
    good: StorefrontGood,
    front: Storefront,
    seller: Seller,
    privilege: StorefrontPrivilege | None,
    caller: Caller,
    now: datetime,
) -> StorefrontOrder:
    total, discount = price_of(good, privilege, wanted.quantity)
    bonus = 0 if privilege is None else privilege.bonus_points * wanted.quantity
    return StorefrontOrder(
        seller_id=seller.id,
        storefront_id=front.id,
        good_id=good.id,
        privilege_id=None if privilege is None else privilege.id,
        member_id=wanted.member_id,
        interest=good.interest,
        quantity=wanted.quantity,
        unit_price_rials=good.price_rials,
        discount_rials=discount,
        total_rials=total,
        payment=wanted.payment.value,
        bonus_units=bonus,
        bonus_rials=bonus * seller.point_rials,
        state=StorefrontOrderState.PAYING.value,
        ordered_by=caller.name,
        placed_at=now,
    )


async def _keep_back(session: WriteSession, order: StorefrontOrder) -> None:
    """Raises: StorefrontSoldOut, SellerLimitReached."""
    if not await goods.change_stock(session, order.good_id, -order.quantity):
        raise StorefrontSoldOut
    if order.privilege_id is not None and not await privileges.change_left(
        session, order.privilege_id, -order.quantity
    ):
        raise StorefrontSoldOut
    await sellers.hold(session, order.seller_id, order.bonus_rials)
