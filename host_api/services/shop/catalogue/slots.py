"""Times of reservations."""

from sqlalchemy import select, update

from host_api.core import audit
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.listing import Page, read_rows
from host_api.services.shop.catalogue.listing import SlotQuery
from host_api.services.shop.catalogue.logic import find_item
from host_api.services.shop.catalogue.models import ShopSlot
from host_api.services.shop.catalogue.problems import NotSold, SlotNotFound, SoldOut
from host_api.services.shop.catalogue.schemas import ItemKind
from host_api.services.shop.catalogue.slot_schemas import ShopSlotCreate, ShopSlotRead


async def create(session: WriteSession, item_id: int, wanted: ShopSlotCreate) -> ShopSlotRead:
    """Add a time to a reservation.

    Raises:
        ItemNotFound, NotSold: it is no reservation.
    """
    item = await find_item(session, item_id)
    if item.kind != ItemKind.RESERVATION:
        raise NotSold
    slot = ShopSlot(item_id=item_id, **wanted.model_dump(), booked=0)
    session.add(slot)
    await session.flush()
    return ShopSlotRead.model_validate(slot)


async def find(session: AnySession, item_id: int, slot_id: int) -> ShopSlot:
    """One time of an item.

    Raises:
        SlotNotFound
    """
    slot = await session.get(ShopSlot, slot_id)
    if slot is None or slot.item_id != item_id:
        raise SlotNotFound
    return slot


async def change_capacity(session: WriteSession, item_id: int, slot_id: int, capacity: int) -> ShopSlotRead:
    """Give a time more places or fewer.

    Raises:
        SlotNotFound, SoldOut: more are booked.
    """
    slot = await find(session, item_id, slot_id)
    changed = await session.scalar(
        update(ShopSlot)
        .where(ShopSlot.id == slot.id, ShopSlot.booked <= capacity)
        .values(capacity=capacity)
        .returning(ShopSlot.id)
        .execution_options(synchronize_session=False)
    )
    if changed is None:
        raise SoldOut
    audit.note(session, "update", ShopSlot.__tablename__, str(slot_id), after={"capacity": capacity})
    await session.refresh(slot)
    return ShopSlotRead.model_validate(slot)


async def read_page(session: ReadSession, item_id: int, query: SlotQuery) -> Page[ShopSlotRead]:
    """A page of an item's times.

    Raises:
        ItemNotFound
    """
    await find_item(session, item_id)
    rows, next_cursor = await read_rows(session, select(ShopSlot).where(ShopSlot.item_id == item_id), query)
    return Page(items=[ShopSlotRead.model_validate(row) for row in rows], next_cursor=next_cursor)
