"""How right alerts were: precision of what was raised, recall of what is known to have happened."""

from datetime import datetime

from sqlalchemy import func, select

from host_api.core.database import ReadSession
from host_api.services.risk.alerts.models import RiskAlert, RiskMiss
from host_api.services.risk.alerts.schemas import RiskAlertState, RiskFiguresRead
from host_api.services.risk.limits.models import RiskLimit

_MOST_LIMITS = 1_000


async def figures(session: ReadSession, begin: datetime, end: datetime) -> list[RiskFiguresRead]:
    """Of all limits together, then of each that raised or missed something in a period."""
    counted: dict[int, dict[str, int]] = {}
    rows = await session.execute(
        select(RiskAlert.limit_id, RiskAlert.state, func.count())
        .where(RiskAlert.first_at >= begin, RiskAlert.first_at < end)
        .group_by(RiskAlert.limit_id, RiskAlert.state)
    )
    for limit_id, state, number in rows:
        counted.setdefault(limit_id, {})[state] = number
    of_misses = await session.execute(
        select(RiskMiss.limit_id, func.count())
        .where(RiskMiss.at >= begin, RiskMiss.at < end)
        .group_by(RiskMiss.limit_id)
    )
    missed = dict(of_misses.all())
    together: dict[str, int] = {}
    for of_limit in counted.values():
        for state, number in of_limit.items():
            together[state] = together.get(state, 0) + number
    named = {
        limit.id: limit
        for limit in await session.scalars(
            select(RiskLimit)
            .where(RiskLimit.id.in_({*counted, *(key for key in missed if key is not None)}))
            .order_by(RiskLimit.id)
            .limit(_MOST_LIMITS)
        )
    }
    return [
        _figures(None, together, sum(missed.values())),
        *(_figures(limit, counted.get(limit.id, {}), missed.get(limit.id, 0)) for limit in named.values()),
    ]


def percent(part: int, whole: int) -> int | None:
    """`part` of `whole`, half a percent rounded up; None of nothing."""
    return (200 * part + whole) // (2 * whole) if whole else None


def _figures(limit: RiskLimit | None, states: dict[str, int], missed: int) -> RiskFiguresRead:
    right, wrong = states.get(RiskAlertState.TRUE_POSITIVE, 0), states.get(RiskAlertState.FALSE_POSITIVE, 0)
    return RiskFiguresRead(
        limit_id=None if limit is None else limit.id,
        name=None if limit is None else limit.name,
        name_fa=None if limit is None else limit.name_fa,
        alerts=sum(states.values()),
        open=states.get(RiskAlertState.OPEN, 0),
        true_positives=right,
        false_positives=wrong,
        missed=missed,
        precision_percent=percent(right, right + wrong),
        recall_percent=percent(right, right + missed),
    )
