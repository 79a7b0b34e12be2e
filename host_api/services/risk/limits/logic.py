"""Limits: made, approved where they act by themselves, changed, paused and ended."""

from sqlalchemy import delete, func, select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.core.second_person import asked_by, cancel, decide
from host_api.services.risk.counting.measures import RiskMeasure, RiskPer
from host_api.services.risk.counting.models import RiskCounter
from host_api.services.risk.limits.in_force import MOST_ACTIVE
from host_api.services.risk.limits.listing import RiskLimitQuery
from host_api.services.risk.limits.models import RiskLimit
from host_api.services.risk.limits.schemas import (
    BreachAction,
    RiskLimitCreate,
    RiskLimitRead,
    RiskLimitState,
    RiskLimitUpdate,
    RiskSeverity,
)
from host_api.services.risk.problems import LimitNotFound, LimitNotInThisState, TooManyLimits

_OVER = (RiskLimitState.REJECTED, RiskLimitState.CANCELLED, RiskLimitState.ENDED)


async def create(session: WriteSession, caller: Caller, wanted: RiskLimitCreate) -> RiskLimit:
    """Add a limit; one that only warns is in force at once.

    Raises:
        TooManyLimits
    """
    limit = RiskLimit(
        **wanted.model_dump(mode="json"),
        **asked_by(caller),
        state=RiskLimitState.ASKED.value,
        active_from=None,
        gate_rule_id=None,
    )
    if wanted.action is BreachAction.WARN:
        await _activate(session, limit)
    session.add(limit)
    await session.flush()
    return limit


async def change(
    session: WriteSession, caller: Caller, limit_id: int, if_match: str, wanted: RiskLimitUpdate
) -> RiskLimit:
    """Change a limit; what it measures, of whom and over what time stays. One that acts by itself waits for a
    second person again.

    Raises:
        LimitNotFound, ChangedMeanwhile, LimitNotInThisState
    """
    limit = await lock_limit(session, limit_id)
    check_version(limit, if_match)
    if limit.state in _OVER:
        raise LimitNotInThisState
    for name, value in wanted.model_dump(exclude_none=True, mode="json").items():
        setattr(limit, name, value)
    if limit.action != BreachAction.WARN:
        asker = asked_by(caller)
        limit.state, limit.active_from = RiskLimitState.ASKED.value, None
        limit.asked_by, limit.asked_by_name = asker["asked_by"], asker["asked_by_name"]
        limit.asked_at = asker["asked_at"]
        limit.decided_by = limit.decided_by_name = limit.decided_at = None
    await session.flush()
    return limit


async def approve(session: WriteSession, caller: Caller, limit_id: int) -> RiskLimit:
    """Put a limit in force that another has asked for.

    Raises:
        LimitNotFound, AlreadyDecided, OwnAct, TooManyLimits
    """
    limit = await lock_limit(session, limit_id)
    decide(limit, RiskLimitState.ACTIVE, caller)
    await _activate(session, limit)
    await session.flush()
    return limit


async def reject(session: WriteSession, caller: Caller, limit_id: int) -> RiskLimit:
    """Reject it.

    Raises:
        LimitNotFound, AlreadyDecided, OwnAct
    """
    limit = await lock_limit(session, limit_id)
    decide(limit, RiskLimitState.REJECTED, caller)
    await session.flush()
    return limit


async def take_back(session: WriteSession, caller: Caller, limit_id: int) -> RiskLimit:
    """Take one's own limit back before it is decided.

    Raises:
        LimitNotFound, AlreadyDecided, ActOfAnother
    """
    limit = await lock_limit(session, limit_id)
    cancel(limit, caller)
    await session.flush()
    return limit


async def pause(session: WriteSession, limit_id: int) -> RiskLimit:
    """Have an active limit see nothing for a while.

    Raises:
        LimitNotFound, LimitNotInThisState
    """
    limit = await lock_limit(session, limit_id)
    if limit.state != RiskLimitState.ACTIVE:
        raise LimitNotInThisState
    limit.state = RiskLimitState.PAUSED.value
    await session.flush()
    return limit


async def resume(session: WriteSession, limit_id: int) -> RiskLimit:
    """Have a paused limit count again, from now on.

    Raises:
        LimitNotFound, LimitNotInThisState, TooManyLimits
    """
    limit = await lock_limit(session, limit_id)
    if limit.state != RiskLimitState.PAUSED:
        raise LimitNotInThisState
    await _activate(session, limit)
    await session.flush()
    return limit


async def end(session: WriteSession, limit_id: int) -> RiskLimit:
    """End a limit for good; a gate of it stays in the rules until it is taken out there.

    Raises:
        LimitNotFound, LimitNotInThisState
    """
    limit = await lock_limit(session, limit_id)
    if limit.state in _OVER:
        raise LimitNotInThisState
    limit.state = RiskLimitState.ENDED.value
    await session.flush()
    return limit


async def find_limit(session: AnySession, limit_id: int) -> RiskLimit:
    """One limit, as a row with its version.

    Raises:
        LimitNotFound
    """
    limit = await session.get(RiskLimit, limit_id)
    if limit is None:
        raise LimitNotFound
    return limit


async def lock_limit(session: WriteSession, limit_id: int) -> RiskLimit:
    """The same, kept from other writers until the transaction ends.

    Raises:
        LimitNotFound
    """
    limit = await session.get(RiskLimit, limit_id, with_for_update=True)
    if limit is None:
        raise LimitNotFound
    return limit


async def read_page(session: ReadSession, query: RiskLimitQuery) -> Page[RiskLimitRead]:
    """A page of limits."""
    rows, next_cursor = await read_rows(session, select(RiskLimit), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


def shown(limit: RiskLimit) -> RiskLimitRead:
    """A limit as callers see it."""
    return RiskLimitRead(
        id=limit.id,
        name=limit.name,
        name_fa=limit.name_fa,
        measure=RiskMeasure(limit.measure),
        per=RiskPer(limit.per),
        window_minutes=limit.window_minutes,
        most=limit.most,
        from_minute=limit.from_minute,
        until_minute=limit.until_minute,
        weekdays=limit.weekdays,
        speed_kmh=limit.speed_kmh,
        quick_minutes=limit.quick_minutes,
        severity=RiskSeverity(limit.severity),
        action=BreachAction(limit.action),
        state=RiskLimitState(limit.state),
        asked_by=limit.asked_by_name,
        asked_at=limit.asked_at,
        decided_by=limit.decided_by_name,
        decided_at=limit.decided_at,
        active_from=limit.active_from,
        gate_rule_id=limit.gate_rule_id,
    )


async def _activate(session: WriteSession, limit: RiskLimit) -> None:
    active = await session.scalar(
        select(func.count(RiskLimit.id)).where(RiskLimit.state == RiskLimitState.ACTIVE.value)
    )
    if (active or 0) >= MOST_ACTIVE:
        raise TooManyLimits
    # A rebuild would not count what was before either.
    await session.execute(
        delete(RiskCounter)
        .where(RiskCounter.limit_id == limit.id)
        .execution_options(synchronize_session=False)
    )
    limit.state, limit.active_from = RiskLimitState.ACTIVE.value, utc_now()
