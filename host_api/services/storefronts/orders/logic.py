"""Reading orders at storefronts, and what other services take from them."""

from sqlalchemy import Select, select

from host_api.core.database import AnySession, ReadSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.listing import Page, read_rows, read_rows_after
from host_api.services.members import logic as members
from host_api.services.storefronts.fronts import fronts
from host_api.services.storefronts.fronts.models import CONTACT
from host_api.services.storefronts.orders.listing import (
    OwnStorefrontOrderQuery,
    StorefrontOrderFilters,
    StorefrontOrderQuery,
)
from host_api.services.storefronts.orders.models import DELIVERY, StorefrontOrder
from host_api.services.storefronts.orders.problems import StorefrontNoDelivery, StorefrontOrderNotFound
from host_api.services.storefronts.orders.schemas import (
    StorefrontContactRead,
    StorefrontDeliveryRead,
    StorefrontOrderRead,
)
from host_api.services.storefronts.orders.states import BOUGHT


def buyers_of(interest: str) -> Select[int]:
    """Subquery of the members who have bought something of an interest at a storefront."""
    return select(StorefrontOrder.member_id).where(
        StorefrontOrder.interest == interest,
        StorefrontOrder.state.in_([state.value for state in BOUGHT]),
    )


async def read(session: AnySession, order_id: int) -> StorefrontOrderRead:
    """One order.

    Raises:
        StorefrontOrderNotFound
    """
    return shown(await _find(session, order_id))


async def read_delivery(session: AnySession, cipher: FieldCipher, order_id: int) -> StorefrontDeliveryRead:
    """Where an order goes.

    Raises:
        StorefrontOrderNotFound, StorefrontNoDelivery
    """
    delivery = DELIVERY.open(cipher, await _find(session, order_id))
    if delivery is None:
        raise StorefrontNoDelivery
    return StorefrontDeliveryRead(delivery=delivery)


async def read_contact(session: AnySession, cipher: FieldCipher, order_id: int) -> StorefrontContactRead:
    """How the member reaches the seller.

    Raises:
        StorefrontOrderNotFound
    """
    order = await _find(session, order_id)
    front = await fronts.find(session, order.storefront_id)
    return StorefrontContactRead(contact=CONTACT.open(cipher, front))


async def read_page(session: ReadSession, query: StorefrontOrderQuery) -> Page[StorefrontOrderRead]:
    """A page of orders."""
    rows, next_cursor = await read_rows(session, select(StorefrontOrder), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


async def read_after(
    session: AnySession, query: StorefrontOrderFilters, cursor: str | None, limit: int
) -> tuple[list[StorefrontOrderRead], str | None]:
    """Up to `limit` orders after `cursor`, and the cursor of those behind them."""
    rows, next_cursor = await read_rows_after(session, select(StorefrontOrder), query, cursor, limit)
    return [shown(row) for row in rows], next_cursor


async def read_own(
    session: ReadSession, member_id: int, query: OwnStorefrontOrderQuery
) -> Page[StorefrontOrderRead]:
    """A page of a member's orders.

    Raises:
        members.MemberNotFound
    """
    await members.find(session, member_id)
    rows, next_cursor = await read_rows(
        session, select(StorefrontOrder).where(StorefrontOrder.member_id == member_id), query
    )
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


def shown(order: StorefrontOrder) -> StorefrontOrderRead:
    """An order as callers see it."""
    return StorefrontOrderRead.model_validate(order)


async def _find(session: AnySession, order_id: int) -> StorefrontOrder:
    order = await session.get(StorefrontOrder, order_id)
    if order is None:
        raise StorefrontOrderNotFound
    return order
