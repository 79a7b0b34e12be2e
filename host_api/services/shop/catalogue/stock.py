"""How many are left: counted in one statement, so never below zero however many buy at once."""

from sqlalchemy import update

from host_api.core.counted_rows import change_count
from host_api.core.database import WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.services.shop.catalogue.models import ShopItem, ShopSlot
from host_api.services.shop.events import ITEM_SOLD_OUT, ItemSoldOut


async def change_stock(session: WriteSession, item: ShopItem, change: int) -> bool:
    """Take from an item's stock or give back to it; False where not enough is left."""
    if item.stock is None:
        return True
    left = await change_count(session, ShopItem.stock, [ShopItem.id == item.id], change)
    if left is None:
        return False
    if left == 0 and change < 0:
        emit(session, ITEM_SOLD_OUT, Subject("shop_item", item.id), ItemSoldOut(item_id=item.id))
    await session.refresh(item, ["stock"])
    return True


async def change_booked(session: WriteSession, slot_id: int, change: int) -> bool:
    """Book places of a time or free them; False where not enough are free."""
    booked = await session.scalar(
        update(ShopSlot)
        .where(ShopSlot.id == slot_id, ShopSlot.booked + change <= ShopSlot.capacity)
        .values(booked=ShopSlot.booked + change)
        .returning(ShopSlot.booked)
        .execution_options(synchronize_session=False)
    )
    return booked is not None
