"""How much trading credit members had, for reports of what they did with it."""

from sqlalchemy import func, or_, select

from host_api.core.database import AnySession
from host_api.core.tehran_time import UtcPeriod
from host_api.services.trading_credit.models import CreditLine


async def credit_in_force(
    session: AnySession, period: UtcPeriod, *, after: int, limit: int
) -> list[tuple[int, int]]:
    """The next members behind an id who had credit at some time of the period, and how many rials."""
    rows = await session.execute(
        select(CreditLine.member_id, func.sum(CreditLine.rials))
        .where(
            CreditLine.member_id > after,
            CreditLine.granted_at < period.end,
            or_(CreditLine.valid_until.is_(None), CreditLine.valid_until > period.start),
            or_(CreditLine.reversed_at.is_(None), CreditLine.reversed_at > period.start),
        )
        .group_by(CreditLine.member_id)
        .order_by(CreditLine.member_id)
        .limit(limit)
    )
    return [(member_id, int(rials)) for member_id, rials in rows]
