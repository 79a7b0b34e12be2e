"""The reconciliation of every day, and what is told of the latest."""

from collections.abc import Sequence
from datetime import time, timedelta
from typing import Final

from sqlalchemy import select

from host_api.core.database import ReadSession
from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import DailyAt
from host_api.core.service import Notice
from host_api.services.reconciliation import logic
from host_api.services.reconciliation.models import Reconciliation
from host_api.services.reconciliation.schemas import ReconciliationState


async def _reconcile(running: RunningJob) -> JsonObject:
    """Reconcile where the programme has a switch whose journal can be asked for."""
    switch = running.switch
    if switch.settings.feed is None:
        return {"is_compared": False}
    report = await logic.reconcile(
        running.database,
        running.programme_id,
        feed=switch.settings.feed,
        host_id=switch.settings.host_id,
        settle=switch.ledger_worker.settle,
        asked_by=running.caller.name,
    )
    return {
        "is_compared": report.fault is None,
        "reconciliation_id": report.id,
        "is_balanced": report.is_balanced,
        "differences": report.difference_count,
    }


async def notices(session: ReadSession) -> Sequence[Notice]:
    """Differences that the latest report has, or why it compared nothing."""
    row = await session.scalar(
        select(Reconciliation)
        .where(Reconciliation.state != ReconciliationState.RUNNING.value)
        .order_by(Reconciliation.id.desc())
        .limit(1)
    )
    if row is None or row.is_balanced:
        return []
    if row.difference_count:
        return [
            Notice(
                "reconciliation-differs",
                f"Reconciliation {row.id} found {row.difference_count} differences.",
                f"مغایرت‌گیری {row.id} شمار {row.difference_count} اختلاف یافت.",
                row.began_at,
            )
        ]
    return [
        Notice(
            "reconciliation-incomplete",
            f"Reconciliation {row.id} could not compare everything.",
            f"مغایرت‌گیری {row.id} نتوانست همه چیز را بسنجد.",
            row.began_at,
        )
    ]


# After the club's day has been cut over, and before its shops open.
DAILY_RECONCILIATION: Final = Job(
    "reconciliation",
    "Reconcile with the switch",
    "مغایرت‌گیری با سوئیچ",
    _reconcile,
    schedule=DailyAt(time(4, 20)),
    is_on_demand=True,
    timeout=timedelta(minutes=15),
)
