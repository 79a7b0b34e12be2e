"""Turnover against credit: how productive the trading credit of members is, member by member."""

from sqlalchemy import func, select

from host_api.core.database import AnySession, ReadSession
from host_api.core.errors import ValidationFailed
from host_api.core.listing import Page, decode_cursor, encode_cursor
from host_api.services.risk.period import period_of
from host_api.services.risk.trades.listing import CreditEfficiencyQuery, EfficiencyFilters
from host_api.services.risk.trades.models import RiskTrade
from host_api.services.risk.trades.schemas import CreditEfficiencyRead
from host_api.services.trading_credit.credit_in_force import credit_in_force


async def read_page(session: ReadSession, query: CreditEfficiencyQuery) -> Page[CreditEfficiencyRead]:
    """A page of the members who had credit in the period, by member number."""
    items, next_cursor = await read_after(session, query, query.cursor, query.limit)
    return Page(items=items, next_cursor=next_cursor)


async def read_after(
    session: AnySession, query: EfficiencyFilters, cursor: str | None, limit: int
) -> tuple[list[CreditEfficiencyRead], str | None]:
    """Up to `limit` members after `cursor`, and the cursor of those behind them.

    Raises:
        ValidationFailed: the cursor belongs to another list.
    """
    after = 0
    if cursor is not None:
        order, value, _ = decode_cursor(cursor)
        if order != query.order or not isinstance(value, int) or abs(value) >= 2**63:
            raise ValidationFailed([])
        after = value
    period = period_of(query.begin, query.end)
    credit = await credit_in_force(session, period, after=after, limit=limit + 1)
    member_ids = [member_id for member_id, _ in credit]
    rows = await session.execute(
        select(RiskTrade.member_id, func.count(), func.sum(RiskTrade.amount))
        .where(RiskTrade.member_id.in_(member_ids), RiskTrade.at >= period.start, RiskTrade.at < period.end)
        .group_by(RiskTrade.member_id)
    )
    turnover = {member_id: (trades, int(amount)) for member_id, trades, amount in rows}
    items = []
    for member_id, rials in credit[:limit]:
        trades, amount = turnover.get(member_id, (0, 0))
        items.append(
            CreditEfficiencyRead(
                member_id=member_id,
                credit=rials,
                turnover=amount,
                trades=trades,
                ratio_percent=amount * 100 // rials,
            )
        )
    if len(credit) <= limit:
        return items, None
    last = items[-1].member_id
    return items, encode_cursor((query.order, last, last))
