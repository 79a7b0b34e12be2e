"""Endpoints of the jobs service."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from host_api.core.clock import utc_now
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.runtime import runtime_of
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.jobs import access, logic
from host_api.services.jobs.listing import JobRunQuery
from host_api.services.jobs.schemas import JOB_NAME_PATTERN, JobRead, JobRunCreate, JobRunRead

router = APIRouter(tags=["jobs"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]


@router.get("/job-kinds", summary="List the kinds of jobs")
async def list_job_kinds(request: Request, work: Reading) -> list[JobRead]:
    """All jobs that this version knows, with their schedules."""
    return logic.read_jobs(runtime_of(request).job_runner.jobs, utc_now())


@router.get("/jobs", summary="List runs of jobs")
async def list_job_runs(work: Reading, query: Annotated[JobRunQuery, Query()]) -> Page[JobRunRead]:
    """Runs that wait, are under way, or ended in the last weeks, the latest first."""
    return await logic.read_page(work.session, query)


@router.get("/jobs/{id}", summary="Read a run of a job", responses=problem_responses(logic.RunNotFound))
async def read_job_run(work: Reading, id: IdInPath) -> JobRunRead:  # noqa: A002
    """State, progress and outcome of one run."""
    return await logic.read(work.session, id)


@router.post(
    "/jobs/{name}/runs",
    status_code=202,
    summary="Run a job now",
    responses=problem_responses(logic.JobNotFound, logic.JobNotOnDemand),
)
async def start_job(
    request: Request,
    work: Writing,
    name: Annotated[str, Path(pattern=JOB_NAME_PATTERN)],
    wanted: JobRunCreate,
) -> JobRunRead:
    """Have a job run soon, in the caller's name; of one job one run at a time is under way."""
    jobs = runtime_of(request).job_runner.jobs
    return await logic.start(work.session, jobs, name, wanted.arguments, caller=work.caller, now=utc_now())


@router.post(
    "/jobs/{id}/cancel",
    status_code=202,
    summary="Cancel a run of a job",
    responses=problem_responses(logic.RunNotFound, logic.RunFinished),
)
async def cancel_job_run(work: Writing, id: IdInPath) -> JobRunRead:  # noqa: A002
    """A run that waits is cancelled at once; one under way ends in seconds.

    The step that it was in leaves nothing behind.
    """
    return await logic.cancel(work.session, id, utc_now())
