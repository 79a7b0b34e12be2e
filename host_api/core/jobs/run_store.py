"""What is done to the table of runs. Every function works in the caller's transaction.

A run belongs to whoever holds its lease: process and attempt stand in the WHERE of each statement, so one
whose lease was taken over changes nothing any more.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Update, and_, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from host_api.core.access.caller import Caller, system_caller
from host_api.core.database import AnySession, WriteSession
from host_api.core.isolation import ANY_PROGRAMME
from host_api.core.jobs.run_table import FINISHED, JobRun, JsonObject, RunState
from host_api.core.programmes import Programme, ProgrammeStatus
from host_api.core.waking import Worker, makes_work_for

_NO_SYNC = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Lease:
    """A claim to a run: by which process, as which attempt."""

    run_id: int
    programme_id: int
    holder: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Load:
    """How much there is to do in a programme."""

    waiting: int
    running: int
    failed: int
    oldest_waiting_at: datetime | None


@dataclass(frozen=True, slots=True)
class LatestRun:
    """How a job's latest run ended, and how many runs failed for good of late."""

    state: RunState
    finished_at: datetime | None
    failures: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A run that could be begun now."""

    run_id: int
    programme_id: int
    job: str


def enqueue(
    session: WriteSession,
    job: str,
    arguments: JsonObject,
    caller: Caller,
    *,
    now: datetime,
    run_at: datetime | None = None,
) -> JobRun:
    """Have `job` run in the caller's name, soon after the transaction is committed, or at `run_at`."""
    run = JobRun(**_fresh(job, arguments, caller, due_at=None, now=now))
    if run_at is not None:
        run.run_at = run_at
    session.add(run)
    makes_work_for(session, Worker.JOBS)
    return run


async def waiting_due(session: AnySession) -> dict[tuple[int, str], datetime]:
    """The first due time that waits, by programme and job."""
    rows = await session.execute(
        select(JobRun.programme_id, JobRun.job, func.min(JobRun.due_at))
        .where(JobRun.state == RunState.WAITING.value, JobRun.due_at.is_not(None))
        .group_by(JobRun.programme_id, JobRun.job),
        execution_options=ANY_PROGRAMME,
    )
    return {(programme_id, job): due_at for programme_id, job, due_at in rows if due_at is not None}


async def make_due(
    session: WriteSession, due_at: Mapping[str, datetime], programme_id: int, *, now: datetime
) -> None:
    """Make the runs of due times, by job, where nobody has."""
    rows = [
        {
            "programme_id": programme_id,
            **_fresh(job, {}, system_caller(job, programme_id), due_at=at, now=now),
        }
        for job, at in due_at.items()
    ]
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    await session.execute(
        (sqlite.insert if is_sqlite else postgresql.insert)(JobRun).values(rows).on_conflict_do_nothing()
    )


def _fresh(
    job: str, arguments: JsonObject, caller: Caller, *, due_at: datetime | None, now: datetime
) -> dict[str, object]:
    return {
        "job": job,
        "arguments": arguments,
        "state": RunState.WAITING.value,
        "due_at": due_at,
        "run_at": due_at or now,
        "attempts": 0,
        "is_cancel_wanted": False,
        "checkpoint": {},
        "progress_done": 0,
        "started_by_kind": caller.kind.value,
        "started_by_id": caller.identity,
        "started_by_name": caller.name,
        "created_at": now,
    }


async def active_programmes(session: AnySession) -> list[int]:
    """Programmes whose jobs run."""
    statement = select(Programme.id).where(Programme.status == ProgrammeStatus.ACTIVE.value)
    return list(await session.scalars(statement.order_by(Programme.id)))


async def candidates(
    session: AnySession, jobs: Collection[str], *, now: datetime, limit: int
) -> list[Candidate]:
    """Runs of all programmes that wait or whose lease has ended, the longest waiting first."""
    other = aliased(JobRun)
    is_under_way = (
        select(other.id)
        .where(
            other.programme_id == JobRun.programme_id,
            other.job == JobRun.job,
            other.id != JobRun.id,
            other.state == RunState.RUNNING.value,
        )
        .exists()
    )
    rows = await session.execute(
        select(JobRun.id, JobRun.programme_id, JobRun.job)
        .join(Programme, Programme.id == JobRun.programme_id)
        .where(
            Programme.status == ProgrammeStatus.ACTIVE.value,
            JobRun.job.in_(jobs),
            or_(
                and_(JobRun.state == RunState.WAITING.value, JobRun.run_at <= now, ~is_under_way),
                and_(JobRun.state == RunState.RUNNING.value, JobRun.lease_until < now),
            ),
        )
        .order_by(JobRun.run_at, JobRun.id)
        .limit(limit),
        execution_options=ANY_PROGRAMME,
    )
    return [Candidate(run_id, programme_id, job) for run_id, programme_id, job in rows]


async def claim(
    session: WriteSession, candidate: Candidate, holder: str, *, now: datetime, lease: timedelta
) -> JobRun | None:
    """Take the lease of a run; None where somebody else was faster.

    Raises:
        sqlalchemy.exc.IntegrityError: another run of the job has begun meanwhile.
    """
    found: JobRun | None = await session.scalar(
        update(JobRun)
        .where(
            JobRun.id == candidate.run_id,
            or_(
                and_(JobRun.state == RunState.WAITING.value, JobRun.run_at <= now),
                and_(JobRun.state == RunState.RUNNING.value, JobRun.lease_until < now),
            ),
        )
        .values(
            state=RunState.RUNNING.value,
            lease_holder=holder,
            lease_until=now + lease,
            attempts=JobRun.attempts + 1,
            started_at=func.coalesce(JobRun.started_at, now),
        )
        .returning(JobRun),
        execution_options=_NO_SYNC,
    )
    return found


async def renew(session: WriteSession, lease: Lease, *, until: datetime) -> bool | None:
    """Hold the lease longer. Whether a person wants the run to end; None where the lease is lost."""
    wanted: bool | None = await session.scalar(
        _held(lease).values(lease_until=until).returning(JobRun.is_cancel_wanted), execution_options=_NO_SYNC
    )
    return wanted


async def keep_progress(
    session: WriteSession, lease: Lease, *, checkpoint: JsonObject, done: int, total: int | None
) -> bool | None:
    """Save how far a run has come. Answers as `renew` does."""
    wanted: bool | None = await session.scalar(
        _held(lease)
        .values(checkpoint=checkpoint, progress_done=done, progress_total=total)
        .returning(JobRun.is_cancel_wanted),
        execution_options=_NO_SYNC,
    )
    return wanted


async def finish(
    session: WriteSession,
    lease: Lease,
    state: RunState,
    *,
    now: datetime,
    outcome: JsonObject | None = None,
    error_kind: str | None = None,
) -> None:
    """End a run that is held."""
    await session.execute(
        _held(lease).values(
            state=state.value,
            outcome=outcome,
            error_kind=error_kind,
            lease_holder=None,
            lease_until=None,
            finished_at=now,
        ),
        execution_options=_NO_SYNC,
    )


async def give_back(
    session: WriteSession, lease: Lease, *, run_at: datetime, error_kind: str | None, is_counted: bool
) -> None:
    """Let a run that is held wait again.

    Parameters:
        is_counted: whether the attempt counts, which it doesn't where the process ends in good order.
    """
    await session.execute(
        _held(lease).values(
            state=RunState.WAITING.value,
            run_at=run_at,
            attempts=lease.attempt if is_counted else lease.attempt - 1,
            lease_holder=None,
            lease_until=None,
            error_kind=error_kind,
        ),
        execution_options=_NO_SYNC,
    )


async def want_cancelled(session: WriteSession, run_id: int, *, now: datetime) -> None:
    """Cancel a run that waits, at once, or ask the holder of one under way to end it."""
    marked = await session.scalar(
        update(JobRun)
        .where(JobRun.id == run_id, JobRun.state.in_([RunState.WAITING.value, RunState.RUNNING.value]))
        .values(is_cancel_wanted=True)
        .returning(JobRun.state),
        execution_options=_NO_SYNC,
    )
    if marked == RunState.WAITING.value:
        await session.execute(
            update(JobRun).where(JobRun.id == run_id).values(state=RunState.CANCELLED.value, finished_at=now),
            execution_options=_NO_SYNC,
        )


async def load(session: AnySession, *, now: datetime) -> Load:
    """Counts for the status page: runs that could begin, are under way, or failed within a day."""
    waiting, oldest = (
        await session.execute(
            select(func.count(), func.min(JobRun.run_at)).where(
                JobRun.state == RunState.WAITING.value, JobRun.run_at <= now
            )
        )
    ).one()
    counts = {
        state: await session.scalar(select(func.count(JobRun.id)).where(JobRun.state == state, *conditions))
        for state, conditions in (
            (RunState.RUNNING.value, ()),
            (RunState.FAILED.value, (JobRun.finished_at >= now - timedelta(days=1),)),
        )
    }
    return Load(waiting, counts[RunState.RUNNING] or 0, counts[RunState.FAILED] or 0, oldest)


async def latest(session: AnySession, *, since: datetime) -> dict[str, LatestRun]:
    """By job, how its latest run that is over ended, and how many failed for good after `since`."""
    finished = [state.value for state in FINISHED]
    newest = (
        select(func.max(JobRun.id))
        .where(JobRun.state.in_(finished))
        .group_by(JobRun.programme_id, JobRun.job)
    )
    runs = list(await session.scalars(select(JobRun).where(JobRun.id.in_(newest))))
    counted = await session.execute(
        select(JobRun.job, func.count())
        .where(JobRun.state == RunState.FAILED.value, JobRun.finished_at >= since)
        .group_by(JobRun.job)
    )
    failures: dict[str, int] = {row[0]: row[1] for row in counted}
    return {
        run.job: LatestRun(RunState(run.state), run.finished_at, failures.get(run.job, 0)) for run in runs
    }


async def prune(session: WriteSession, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` of the runs that ended before, and give their number."""
    old = (
        select(JobRun.id)
        .where(JobRun.state.in_([state.value for state in FINISHED]), JobRun.finished_at < before)
        .order_by(JobRun.id)
        .limit(limit)
    )
    ids = list(await session.scalars(old))
    if ids:
        await session.execute(delete(JobRun).where(JobRun.id.in_(ids)), execution_options=_NO_SYNC)
    return len(ids)


def _held(lease: Lease) -> Update:
    return update(JobRun).where(
        JobRun.id == lease.run_id,
        JobRun.state == RunState.RUNNING.value,
        JobRun.lease_holder == lease.holder,
        JobRun.attempts == lease.attempt,
    )
