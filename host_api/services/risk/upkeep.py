"""Lets go of what has been kept long enough: decided alerts, frauds that were missed, trades, counters."""

from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, select, tuple_

from host_api.core.clock import to_epoch_ms
from host_api.core.database import WriteSession
from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import DailyAt
from host_api.services.risk.alerts.models import RiskAct, RiskAlert, RiskMiss
from host_api.services.risk.alerts.schemas import RiskAlertState
from host_api.services.risk.counting.models import RiskCounter
from host_api.services.risk.trades.models import RiskTrade

KEPT_FOR: Final = timedelta(days=730)
# Behind the end of their window: the feed and brokers tell late.
COUNTERS_KEPT_FOR: Final = timedelta(days=35)
_BATCH: Final = 1_000


async def _run(running: RunningJob) -> JsonObject:
    outcome: JsonObject = {}
    for name, forget in (
        ("alerts", _forget_alerts),
        ("misses", _forget_misses),
        ("trades", _forget_trades),
        ("counters", _forget_counters),
    ):
        gone = 0
        while True:
            async with running.step() as session:
                count = await forget(session, running.now())
                gone += count
                running.done += count
            if count < _BATCH:
                break
        outcome[name] = gone
    return outcome


async def _forget_alerts(session: WriteSession, now: datetime) -> int:
    """Those that were decided long ago, with what was done about them."""
    old = RiskAlert.state != RiskAlertState.OPEN.value, RiskAlert.decided_at < now - KEPT_FOR
    ids = list(await session.scalars(select(RiskAlert.id).where(*old).order_by(RiskAlert.id).limit(_BATCH)))
    await _delete(session, RiskAct, RiskAct.alert_id.in_(ids))
    await _delete(session, RiskAlert, RiskAlert.id.in_(ids))
    return len(ids)


async def _forget_misses(session: WriteSession, now: datetime) -> int:
    ids = list(await session.scalars(select(RiskMiss.id).where(RiskMiss.at < now - KEPT_FOR).limit(_BATCH)))
    await _delete(session, RiskMiss, RiskMiss.id.in_(ids))
    return len(ids)


async def _forget_trades(session: WriteSession, now: datetime) -> int:
    ids = list(await session.scalars(select(RiskTrade.id).where(RiskTrade.at < now - KEPT_FOR).limit(_BATCH)))
    await _delete(session, RiskTrade, RiskTrade.id.in_(ids))
    return len(ids)


async def _forget_counters(session: WriteSession, now: datetime) -> int:
    """Also those of limits that are not in force any more, which nobody else looks at."""
    key = RiskCounter.limit_id, RiskCounter.subject
    before_ms = to_epoch_ms(now - COUNTERS_KEPT_FOR)
    rows = await session.execute(select(*key).where(RiskCounter.until_ms < before_ms).limit(_BATCH))
    keys = [tuple(row) for row in rows]
    await _delete(session, RiskCounter, tuple_(*key).in_(keys))
    return len(keys)


async def _delete(
    session: WriteSession,
    table: type[RiskAct] | type[RiskAlert] | type[RiskMiss] | type[RiskTrade] | type[RiskCounter],
    which: ColumnElement[bool],
) -> None:
    await session.execute(delete(table).where(which).execution_options(synchronize_session=False))


RISK_UPKEEP: Final = Job(
    "risk-upkeep",
    "Let go of old risk alerts, trades and counters",
    "پاک کردن هشدارها، معاملات و شمارنده‌های کهنهٔ ریسک",
    _run,
    schedule=DailyAt(time(3, 35)),
    is_on_demand=True,
)
