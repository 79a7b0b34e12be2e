"""Looking at jobs, starting and cancelling them."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.error_handlers import field_problem
from host_api.core.errors import Problem, ValidationFailed
from host_api.core.jobs import run_store
from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import FINISHED, JobRun, JsonObject, RunState
from host_api.core.jobs.schedules import describe
from host_api.core.listing import Page, read_rows
from host_api.services.jobs.listing import JobRunQuery
from host_api.services.jobs.schemas import JobRead, JobRunRead


class JobNotFound(Problem):
    """No job has this name."""

    status = 404
    code = "job-not-found"
    title = "Job not found"
    title_fa = "کار پیدا نشد"
    detail = "There is no job with this name."
    detail_fa = "کاری با این نام وجود ندارد."


class RunNotFound(Problem):
    """No run has this id."""

    status = 404
    code = "job-run-not-found"
    title = "Run not found"
    title_fa = "اجرا پیدا نشد"
    detail = "There is no run of a job with this id."
    detail_fa = "اجرایی با این شناسه وجود ندارد."


class JobNotOnDemand(Problem):
    """The job isn't started by name."""

    status = 409
    code = "job-not-on-demand"
    title = "Job is not started by name"
    title_fa = "این کار با نام آغاز نمی‌شود"
    detail = "This job is started by its schedule or by the service that it belongs to."
    detail_fa = "این کار با زمان‌بندی خود یا به دست بخش خود آغاز می‌شود."


class RunFinished(Problem):
    """The run has ended."""

    status = 409
    code = "job-run-finished"
    title = "Run has ended"
    title_fa = "اجرا پایان یافته است"
    detail = "This run has ended; there is nothing to cancel."
    detail_fa = "این اجرا پایان یافته است و چیزی برای لغو نیست."


def read_jobs(jobs: Mapping[str, Job], now: datetime) -> list[JobRead]:
    """All jobs by name."""
    return [
        JobRead(
            name=job.name,
            title=job.title,
            title_fa=job.title_fa,
            schedule=None if job.schedule is None else describe(job.schedule),
            next_due_at=None if job.schedule is None else job.schedule.next_due(now),
            is_on_demand=job.is_on_demand,
        )
        for _, job in sorted(jobs.items())
    ]


async def start(
    session: WriteSession,
    jobs: Mapping[str, Job],
    name: str,
    arguments: JsonObject,
    *,
    caller: Caller,
    now: datetime,
) -> JobRunRead:
    """Have a job run soon.

    Raises:
        JobNotFound, JobNotOnDemand, ValidationFailed
    """
    job = jobs.get(name)
    if job is None:
        raise JobNotFound
    if not job.is_on_demand:
        raise JobNotOnDemand
    try:
        checked = job.arguments.model_validate(arguments)
    except ValidationError as error:
        raise ValidationFailed(
            [
                field_problem(
                    fault["type"], fault["msg"], ".".join(map(str, ("arguments", *fault["loc"]))), "body"
                )
                for fault in error.errors(include_url=False, include_input=False)
            ]
        ) from None
    run = run_store.enqueue(session, name, checked.model_dump(mode="json"), caller, now=now)
    await session.flush()
    return _read(run)


async def read(session: AnySession, run_id: int) -> JobRunRead:
    """One run.

    Raises:
        RunNotFound
    """
    return _read(await _find(session, run_id))


async def read_page(session: ReadSession, query: JobRunQuery) -> Page[JobRunRead]:
    """A page of runs."""
    runs, next_cursor = await read_rows(session, select(JobRun), query)
    return Page(items=[_read(run) for run in runs], next_cursor=next_cursor)


async def cancel(session: WriteSession, run_id: int, now: datetime) -> JobRunRead:
    """Cancel a run that waits, or ask the one under way to end.

    Raises:
        RunNotFound, RunFinished
    """
    run = await _find(session, run_id)
    if RunState(run.state) in FINISHED:
        raise RunFinished
    await run_store.want_cancelled(session, run_id, now=now)
    await session.refresh(run)
    return _read(run)


async def _find(session: AnySession, run_id: int) -> JobRun:
    run = await session.get(JobRun, run_id)
    if run is None:
        raise RunNotFound
    return run


def _read(run: JobRun) -> JobRunRead:
    return JobRunRead(
        id=run.id,
        job=run.job,
        state=RunState(run.state),
        due_at=run.due_at,
        run_at=run.run_at,
        arguments=run.arguments,
        attempts=run.attempts,
        progress_done=run.progress_done,
        progress_total=run.progress_total,
        outcome=run.outcome,
        error_kind=run.error_kind,
        is_cancel_wanted=run.is_cancel_wanted,
        started_by=run.started_by_name,
        created_at=run.created_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
    )
