"""The limits that count now, as rows and as they are counted."""

from typing import Final

from sqlalchemy import select

from host_api.core.clock import to_epoch_ms
from host_api.core.database import AnySession
from host_api.services.risk.counting.measures import OF_TRADES, RiskMeasure, RiskPer
from host_api.services.risk.counting.window import LimitRule
from host_api.services.risk.limits.models import RiskLimit
from host_api.services.risk.limits.schemas import RiskLimitState

MOST_ACTIVE: Final = 100
_MINUTE_MS: Final = 60_000


async def limits_in_force(session: AnySession, *, of_trades: bool) -> list[RiskLimit]:
    """The active limits of what the feed tells, or of trades; at most `MOST_ACTIVE`."""
    is_of_trades = RiskLimit.measure.in_([measure.value for measure in OF_TRADES])
    rows = await session.scalars(
        select(RiskLimit)
        .where(RiskLimit.state == RiskLimitState.ACTIVE.value, is_of_trades if of_trades else ~is_of_trades)
        .order_by(RiskLimit.id)
        .limit(MOST_ACTIVE)
    )
    return list(rows)


def rule_of(limit: RiskLimit) -> LimitRule:
    """A limit as it is counted."""
    return LimitRule(
        id=limit.id,
        measure=RiskMeasure(limit.measure),
        per=RiskPer(limit.per),
        window_ms=limit.window_minutes * _MINUTE_MS,
        most=limit.most,
        from_minute=limit.from_minute,
        until_minute=limit.until_minute,
        weekdays=None if limit.weekdays is None else frozenset(limit.weekdays),
        speed_kmh=limit.speed_kmh,
        quick_ms=limit.quick_minutes * _MINUTE_MS,
        active_from_ms=0 if limit.active_from is None else to_epoch_ms(limit.active_from),
    )
