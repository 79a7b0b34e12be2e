"""Faults that stand in the tables of a programme: jobs, records, movements and webhooks."""

from datetime import datetime
from typing import Final

from sqlalchemy import select

from host_api.core.database import AnySession
from host_api.core.jobs.run_table import JobRun, RunState
from host_api.core.ledger.requests import LedgerRequest
from host_api.core.ledger.states import RequestState
from host_api.core.outbox import OutboxRow, OutboxState, SubjectKind
from host_api.services.fault_finder.kinds import FaultKind
from host_api.services.fault_finder.sightings import Sighting
from host_api.services.webhooks.switched_off import switched_off_since
from protocol.dialect import Tag

_AT_ONCE: Final = 500


async def sightings_in(session: AnySession, since: datetime) -> list[Sighting]:
    """The latest faults in the programme's tables, not older than `since`."""
    return [
        *await _failed_jobs(session, since),
        *await _refused_records(session, since),
        *await _doubtful_movements(session, since),
        *await _switched_off_webhooks(session, since),
    ]


async def _failed_jobs(session: AnySession, since: datetime) -> list[Sighting]:
    rows = await session.scalars(
        select(JobRun)
        .where(JobRun.state == RunState.FAILED.value, JobRun.finished_at >= since)
        .order_by(JobRun.id.desc())
        .limit(_AT_ONCE)
    )
    return [
        Sighting(
            FaultKind.JOB_FAILED,
            row.job,
            row.error_kind or "",
            row.finished_at or row.run_at,
            f"run:{row.id}",
        )
        for row in rows
    ]


async def _refused_records(session: AnySession, since: datetime) -> list[Sighting]:
    rows = await session.scalars(
        select(OutboxRow)
        .where(OutboxRow.state == OutboxState.REFUSED.value, OutboxRow.finished_at >= since)
        .order_by(OutboxRow.id.desc())
        .limit(_AT_ONCE)
    )
    return [
        Sighting(
            FaultKind.RECORD_REFUSED,
            row.subject_kind,
            f"code {row.response_code}",
            row.finished_at or row.created_at,
            f"record:{row.id}",
            terminal_id=(
                row.record.get(Tag.SUBJECT_TERMINAL_ID.value)
                if row.subject_kind == SubjectKind.TERMINAL
                else None
            ),
        )
        for row in rows
    ]


async def _doubtful_movements(session: AnySession, since: datetime) -> list[Sighting]:
    rows = await session.scalars(
        select(LedgerRequest)
        .where(LedgerRequest.state == RequestState.DOUBTFUL.value, LedgerRequest.finished_at >= since)
        .order_by(LedgerRequest.id.desc())
        .limit(_AT_ONCE)
    )
    return [
        Sighting(
            FaultKind.MOVEMENT_DOUBTFUL,
            f"{row.service}: {row.kind}",
            f"code {row.reversal_code or row.response_code}",
            row.finished_at or row.created_at,
            f"movement:{row.id}",
            # What it is about is found on a receipt; its own transaction may not be known.
            rrn=row.rrn or row.tags.get(Tag.ORIGINAL_RRN.value),
        )
        for row in rows
    ]


async def _switched_off_webhooks(session: AnySession, since: datetime) -> list[Sighting]:
    return [
        Sighting(
            FaultKind.WEBHOOK_OFF, f"webhook {webhook_id}", reason, at, f"off:{int(at.timestamp() * 1000)}"
        )
        for webhook_id, at, reason in await switched_off_since(session, since, _AT_ONCE)
    ]
