"""Reads how each service stands in the session's programme, from what the frame knows anyway."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter
from fastapi.routing import APIRoute
from sqlalchemy import func, select

from host_api.core.access.module_switches import SwitchedOffModule
from host_api.core.access.modules import modules_of
from host_api.core.database import ReadSession
from host_api.core.events.models import Event
from host_api.core.jobs import run_store
from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_store import LatestRun
from host_api.core.jobs.run_table import RunState
from host_api.core.jobs.schedules import describe
from host_api.core.runtime import Runtime
from host_api.core.service import Service
from host_api.core.service_index.schemas import (
    ServiceJob,
    ServiceModule,
    ServiceRead,
    ServiceState,
    ServiceTag,
    ServiceWorker,
)
from host_api.core.status import NoticeRead, StatusRead, status_of

_A_DAY = timedelta(days=1)
# Shows the jobs that belong to no service.
_OF_THE_FRAME = "jobs"


@dataclass(frozen=True, slots=True)
class _Found:
    """What the database and the workers tell, once for all services."""

    status: StatusRead
    switched_off: frozenset[str]
    runs: dict[str, LatestRun]
    events: Mapping[str, tuple[int, datetime]]


def all_services() -> Sequence[Service]:
    """The services of the catalogue."""
    from host_api.services.catalogue import SERVICES  # noqa: PLC0415  (services stand on this package)

    return SERVICES


def tags_of(service: Service) -> list[ServiceTag]:
    """The service's groups of operations."""
    counts = dict.fromkeys(service.tags, 0)
    for route in _routes(service.routers):
        for tag in {*map(str, route.tags)} & {*counts}:
            counts[tag] += len(route.methods or ())
    return [
        ServiceTag(name=name, description=told, documentation=f"/docs#/{name}", operations=counts[name])
        for name, told in service.tags.items()
    ]


async def read_services(session: ReadSession, runtime: Runtime) -> list[ServiceRead]:
    """Every service, in the catalogue's order."""
    from host_api.services.catalogue import JOBS  # noqa: PLC0415

    status = await status_of(session, runtime)
    since = status.now - _A_DAY
    off = frozenset(await session.scalars(select(SwitchedOffModule.module)))
    runs = await run_store.latest(session, since=since)
    counted = await session.execute(
        select(Event.type, func.count(), func.max(Event.at)).where(Event.at >= since).group_by(Event.type)
    )
    events = {kind: (count, latest) for kind, count, latest in counted}
    found = _Found(status, off, runs, events)
    services = all_services()
    owned = {job.name for service in services for job in service.jobs}
    spare = [job for job in JOBS if job.name not in owned]
    return [
        await _read(
            session,
            service,
            [*service.jobs, *spare] if service.name == _OF_THE_FRAME else service.jobs,
            found,
        )
        for service in services
    ]


async def _read(session: ReadSession, service: Service, jobs: Sequence[Job], found: _Found) -> ServiceRead:
    modules = [
        ServiceModule(
            name=module.name,
            title=module.title,
            title_fa=module.title_fa,
            is_optional=module.is_optional,
            is_on=module.name not in found.switched_off,
        )
        for module in modules_of(service.routers, service.asked_in_logic).by_name.values()
    ]
    workers = [
        ServiceWorker(name=part.value, last_error=getattr(found.status, part.value).last_error)
        for part in service.status_parts
    ]
    told_jobs = [_read_job(job, found.runs.get(job.name)) for job in jobs]
    notices = [] if service.notices is None else await service.notices(session)
    types = {kind.name for kind in service.event_types}
    counts = [count for name, count in found.events.items() if name in types]
    tags = tags_of(service)
    is_troubled = (
        bool(notices)
        or any(worker.last_error for worker in workers)
        or any(job.last_state is RunState.FAILED for job in told_jobs)
    )
    state = ServiceState.ATTENTION if is_troubled else ServiceState.WORKING
    if modules and not any(module.is_on for module in modules):
        state = ServiceState.OFF
    return ServiceRead(
        name=service.name,
        title=service.title,
        title_fa=service.title_fa,
        state=state,
        operations=sum(tag.operations for tag in tags),
        tags=tags,
        modules=modules,
        workers=workers,
        jobs=told_jobs,
        events=sum(count for count, _ in counts),
        last_event_at=max((at for _, at in counts), default=None),
        notices=[NoticeRead.model_validate(notice) for notice in notices],
    )


def _read_job(job: Job, run: LatestRun | None) -> ServiceJob:
    return ServiceJob(
        name=job.name,
        title=job.title,
        title_fa=job.title_fa,
        schedule=None if job.schedule is None else describe(job.schedule),
        last_state=None if run is None else run.state,
        last_finished_at=None if run is None else run.finished_at,
        failures=0 if run is None else run.failures,
    )


def _routes(routers: Sequence[APIRouter]) -> list[APIRoute]:
    return [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
