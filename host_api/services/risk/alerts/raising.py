"""Raises alerts, in the transaction that counted what passed a limit."""

from typing import Final

from host_api.core.access.caller import system_caller
from host_api.core.clock import from_epoch_ms, utc_now
from host_api.core.database import WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.isolation import programme_of
from host_api.core.jobs import run_store
from host_api.core.second_person import asked_by
from host_api.services.risk.alerts.models import RiskAct, RiskAlert
from host_api.services.risk.alerts.schemas import RiskActState, RiskAlertState
from host_api.services.risk.counting.sight import Sight
from host_api.services.risk.events import ALERT_RAISED, AlertTold
from host_api.services.risk.limits.models import RiskLimit
from host_api.services.risk.limits.schemas import BreachAction, RiskSeverity

SERVICE: Final = "risk"
ACT_JOB: Final = "risk-acts"
_MOST_EVIDENCE: Final = 20


async def raise_alert(
    session: WriteSession, limit: RiskLimit, subject: str, sight: Sight, value: int
) -> RiskAlert:
    """A new alert; what the limit does by itself is done by a job, once this is committed."""
    at = from_epoch_ms(sight.at_ms)
    alert = RiskAlert(
        limit_id=limit.id,
        severity=limit.severity,
        subject=subject,
        state=RiskAlertState.OPEN.value,
        times=1,
        value=value,
        most=limit.most,
        member_id=sight.member_id,
        card_reference=sight.card_reference,
        terminal_id=sight.terminal_id,
        merchant_id=sight.merchant_id,
        branch_number=sight.branch_number,
        operator_id=sight.operator_id,
        evidence=[sight.reference],
        first_at=at,
        last_at=at,
    )
    session.add(alert)
    await session.flush()
    if limit.action != BreachAction.WARN:
        system = system_caller(SERVICE, programme_of(session.sync_session))
        session.add(
            RiskAct(alert_id=alert.id, kind=limit.action, state=RiskActState.DUE.value, **asked_by(system))
        )
        run_store.enqueue(session, ACT_JOB, {}, system, now=utc_now())
    told = AlertTold(
        alert_id=alert.id,
        limit_id=limit.id,
        severity=RiskSeverity(limit.severity),
        state=RiskAlertState.OPEN,
        member_id=alert.member_id,
        value=value,
        most=limit.most,
    )
    emit(session, ALERT_RAISED, Subject("risk_alert", alert.id), told)
    return alert


async def note_again(session: WriteSession, alert_id: int, sight: Sight, value: int) -> None:
    """The limit was passed once more within the window; a decided alert stays as it was decided."""
    alert = await session.get(RiskAlert, alert_id, with_for_update=True)
    if alert is None or alert.state != RiskAlertState.OPEN:
        return
    alert.times += 1
    alert.value = max(alert.value, value)
    alert.last_at = max(alert.last_at, from_epoch_ms(sight.at_ms))
    if len(alert.evidence) < _MOST_EVIDENCE and sight.reference not in alert.evidence:
        alert.evidence = [*alert.evidence, sight.reference]
