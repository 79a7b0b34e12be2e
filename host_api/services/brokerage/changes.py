"""Changes of trades, for services that count along."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from host_api.core.database import AnySession
from host_api.services.brokerage.models import TradeChange


class Change(NamedTuple):
    """What was added to all trades, or taken off them: then turnover and commission are less than zero."""

    id: int
    trade_id: int
    member_id: int
    traded_at: datetime
    is_taken_off: bool
    turnover_rials: int
    commission_rials: int


async def changes_after(session: AnySession, change_id: int, limit: int) -> list[Change]:
    """The changes behind one, in the order in which they happened: none comes in before one that was read."""
    rows = await session.execute(
        select(
            TradeChange.id,
            TradeChange.trade_id,
            TradeChange.member_id,
            TradeChange.traded_at,
            TradeChange.is_taken_off,
            TradeChange.turnover_rials,
            TradeChange.commission_rials,
        )
        .where(TradeChange.id > change_id)
        .order_by(TradeChange.id)
        .limit(limit)
    )
    return [Change(*row) for row in rows]
