"""How many of a prize are left: counted in one statement, so never below zero however many take at once."""

from collections.abc import Iterable

from sqlalchemy import select, update

from host_api.core.database import WriteSession
from host_api.services.prizes.models import Prize


async def change_stock(session: WriteSession, prize: Prize, change: int) -> bool:
    """Take from the stock or give back to it; False where not enough is left. Endless ones stay so."""
    if prize.stock is None:
        return True
    left = await session.scalar(
        update(Prize)
        .where(Prize.id == prize.id, Prize.stock + change >= 0)
        .values(stock=Prize.stock + change)
        .returning(Prize.stock)
        .execution_options(synchronize_session=False)
    )
    if left is None:
        return False
    await session.refresh(prize, ["stock"])
    return True


async def lock_stocks(session: WriteSession, prize_ids: Iterable[int]) -> None:
    """Keep the stocks of prizes from others until the transaction ends, in the order in which all take them.

    For whoever takes from several or gives back to several in one transaction.
    """
    await session.execute(
        select(Prize.id)
        .where(Prize.id.in_(set(prize_ids)), Prize.stock.is_not(None))
        .order_by(Prize.id)
        .with_for_update()
    )
