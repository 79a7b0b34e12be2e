"""The inbox of alerts: reading, telling whether they were right, and frauds that none has caught."""

from sqlalchemy import select

from host_api.core import audit
from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.events.emission import Subject, emit
from host_api.core.listing import Page, read_rows, read_rows_after
from host_api.services.risk.alerts import acts
from host_api.services.risk.alerts.listing import (
    RiskActQuery,
    RiskAlertFilters,
    RiskAlertQuery,
    RiskMissQuery,
)
from host_api.services.risk.alerts.models import RiskAct, RiskAlert, RiskMiss
from host_api.services.risk.alerts.schemas import (
    RiskActKind,
    RiskActRead,
    RiskAlertFeedback,
    RiskAlertRead,
    RiskAlertState,
    RiskAlertWithActs,
    RiskMissCreate,
    RiskMissRead,
)
from host_api.services.risk.events import ALERT_DECIDED, AlertTold
from host_api.services.risk.limits.logic import find_limit
from host_api.services.risk.limits.schemas import RiskSeverity
from host_api.services.risk.problems import AlertDecided, AlertNotFound

_MOST_ACTS = 50


async def read(session: AnySession, alert_id: int) -> RiskAlertWithActs:
    """One alert, and what was done about it.

    Raises:
        AlertNotFound
    """
    alert = await session.get(RiskAlert, alert_id)
    if alert is None:
        raise AlertNotFound
    done = await acts.acts_of(session, alert_id, _MOST_ACTS)
    return RiskAlertWithActs(**shown(alert).model_dump(), acts=done)


async def decide(
    session: WriteSession, cipher: FieldCipher, caller: Caller, alert_id: int, wanted: RiskAlertFeedback
) -> RiskAlertWithActs:
    """Tell whether an alert was right; once it was not, a card that was held is released.

    Raises:
        AlertNotFound, AlertDecided
    """
    alert = await _lock(session, alert_id)
    if alert.state != RiskAlertState.OPEN:
        raise AlertDecided
    alert.state, alert.note = wanted.verdict.value, wanted.note
    alert.decided_by_name, alert.decided_at = caller.name, utc_now()
    if wanted.verdict is RiskAlertState.FALSE_POSITIVE:
        await acts.lift_holds(session, cipher, caller, alert)
    told = AlertTold(
        alert_id=alert.id,
        limit_id=alert.limit_id,
        severity=RiskSeverity(alert.severity),
        state=wanted.verdict,
        member_id=alert.member_id,
        value=alert.value,
        most=alert.most,
    )
    emit(session, ALERT_DECIDED, Subject("risk_alert", alert.id), told)
    audit.note(session, "update", RiskAlert.__tablename__, str(alert.id), after={"state": alert.state})
    await session.flush()
    return await read(session, alert_id)


async def act(
    session: WriteSession, cipher: FieldCipher, caller: Caller, alert_id: int, kind: RiskActKind
) -> RiskActRead:
    """Block what the alert is about, or ask that a block be lifted; whatever was decided of it.

    Raises:
        AlertNotFound, NothingToAct; and what stands against it
    """
    alert = await _lock(session, alert_id)
    return acts.shown(await acts.ask(session, cipher, caller, alert, kind))


async def report_miss(session: WriteSession, caller: Caller, wanted: RiskMissCreate) -> RiskMissRead:
    """Write down a fraud that no limit has caught.

    Raises:
        LimitNotFound
    """
    if wanted.limit_id is not None:
        await find_limit(session, wanted.limit_id)
    row = RiskMiss(
        **wanted.model_dump(exclude={"at"}), at=wanted.at or utc_now(), reported_by_name=caller.name
    )
    session.add(row)
    await session.flush()
    return _miss(row)


async def read_page(session: ReadSession, query: RiskAlertQuery) -> Page[RiskAlertRead]:
    """A page of alerts."""
    rows, next_cursor = await read_rows(session, select(RiskAlert), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


async def read_after(
    session: AnySession, query: RiskAlertFilters, cursor: str | None, limit: int
) -> tuple[list[RiskAlertRead], str | None]:
    """Up to `limit` alerts after `cursor`, and the cursor of those behind them."""
    rows, next_cursor = await read_rows_after(session, select(RiskAlert), query, cursor, limit)
    return [shown(row) for row in rows], next_cursor


async def read_acts(session: ReadSession, query: RiskActQuery) -> Page[RiskActRead]:
    """A page of acts."""
    rows, next_cursor = await read_rows(session, select(RiskAct), query)
    return Page(items=[acts.shown(row) for row in rows], next_cursor=next_cursor)


async def read_misses(session: ReadSession, query: RiskMissQuery) -> Page[RiskMissRead]:
    """A page of frauds that were missed."""
    rows, next_cursor = await read_rows(session, select(RiskMiss), query)
    return Page(items=[_miss(row) for row in rows], next_cursor=next_cursor)


def shown(alert: RiskAlert) -> RiskAlertRead:
    """An alert as callers see it."""
    return RiskAlertRead(
        id=alert.id,
        limit_id=alert.limit_id,
        severity=RiskSeverity(alert.severity),
        subject=alert.subject,
        state=RiskAlertState(alert.state),
        times=alert.times,
        value=alert.value,
        most=alert.most,
        member_id=alert.member_id,
        card_reference=alert.card_reference,
        terminal_id=alert.terminal_id,
        merchant_id=alert.merchant_id,
        branch_number=alert.branch_number,
        operator_id=alert.operator_id,
        evidence=alert.evidence,
        first_at=alert.first_at,
        last_at=alert.last_at,
        decided_by=alert.decided_by_name,
        decided_at=alert.decided_at,
        note=alert.note,
    )


def _miss(row: RiskMiss) -> RiskMissRead:
    return RiskMissRead(
        id=row.id,
        limit_id=row.limit_id,
        rrn=row.rrn,
        member_id=row.member_id,
        note=row.note,
        at=row.at,
        reported_by=row.reported_by_name,
    )


async def _lock(session: WriteSession, alert_id: int) -> RiskAlert:
    alert = await session.get(RiskAlert, alert_id, with_for_update=True)
    if alert is None:
        raise AlertNotFound
    return alert
