"""How many of a prize are left: counted in one statement, so never below zero however many take at once."""

from sqlalchemy import update

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
