"""How the host API stands: health checks for machines, the status page for people."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from host_api.core import outbox
from host_api.core.access.permissions import Action, Module
from host_api.core.clock import from_epoch_ms, utc_now
from host_api.core.database import ReadSession
from host_api.core.errors import DatabaseUnavailable, problem_responses
from host_api.core.feed_position import read_position
from host_api.core.feed_projection import FeedState
from host_api.core.host_link.settings import HostLinkState
from host_api.core.idempotency import ServiceRoute
from host_api.core.isolation import programme_of
from host_api.core.jobs import run_store
from host_api.core.ledger import bank
from host_api.core.ledger.states import RequestState
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.runtime import Runtime, runtime_of
from host_api.core.switches.programme_switch import ProgrammeSwitch
from host_api.core.work import ReadWork, reads

STATUS = Module("status", "Status", "وضعیت", is_optional=False)
Reading = Annotated[ReadWork, reads(STATUS.may(Action.READ))]
RuntimeDependency = Annotated[Runtime, Depends(runtime_of)]

health_router = APIRouter(prefix="/health", tags=["health"])
status_router = APIRouter(tags=["status"], route_class=ServiceRoute)


class Health(BaseModel):
    """A health check's answer."""

    model_config = ConfigDict(json_schema_extra={"example": {"status": "ok"}})

    status: Literal["ok"] = "ok"


class OutboxStatus(BaseModel):
    """Records on their way to the switch."""

    waiting: int = Field(description="Not yet answered by the switch.")
    refused: int = Field(description="Parked with the switch's response code.")
    oldest_waiting_ms: int | None = Field(description="Age of the oldest record waiting.")
    link: HostLinkState
    last_error: str | None = Field(description="Why the host link is down or a record waits.")


class LedgerStatus(BaseModel):
    """Movements of points on their way to the switch."""

    waiting: int = Field(description="Not sent yet.")
    sent: int = Field(description="Sent, and not answered yet.")
    reversing: int = Field(description="Not answered in time: being taken back.")
    doubtful: int = Field(description="For the next reconciliation to find out.")
    oldest_open_ms: int | None = Field(description="Age of the oldest that is not over.")
    open_links: int = Field(description="Links to the switch that are signed on.")
    last_error: str | None = Field(description="Why the requests wait, where it isn't for the links.")


class FeedStatus(BaseModel):
    """The projection of the switch's journal."""

    state: FeedState
    position: int = Field(description="Journal position of the last event applied.")
    last_event_at: datetime | None
    lag_ms: int | None = Field(description="0 while it follows; else the age of the last event applied.")
    seconds_since_contact: float | None = Field(description="Since the feed last answered.")
    last_error: str | None = Field(description="Why the projection waits or has stopped.")


class EventStatus(BaseModel):
    """Events on their way to webhooks."""

    unpublished: int = Field(description="Written down, not yet numbered.")
    waiting: int = Field(description="Deliveries not tried yet.")
    retrying: int = Field(description="Deliveries that failed and are tried again.")
    parked: int = Field(description="Deliveries given up, to be replayed.")
    switched_off: int = Field(description="Webhooks that were switched off for their failures.")
    lag_ms: int = Field(description="Age of the oldest event that is still to be told or tried; else 0.")
    last_error: str | None = Field(description="Why events wait.")


class JobsStatus(BaseModel):
    """Jobs of the programme."""

    waiting: int = Field(description="Runs that could begin now, and have not.")
    running: int
    failed: int = Field(description="Runs that failed for good within a day.")
    oldest_waiting_ms: int | None = Field(description="How long the first of them has waited.")
    last_error: str | None = Field(description="Why this process finds no work.")


class NoticeRead(BaseModel):
    """Something that a person should look at."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "code": "reconciliation-differs",
                "text": "Reconciliation 7 found 2 differences.",
                "text_fa": "مغایرت‌گیری 7 شمار 2 اختلاف یافت.",
                "since": "2026-03-21T00:50:00Z",
            }
        },
    )

    code: str = Field(description="Stable name.")
    text: str
    text_fa: str
    since: datetime


class StatusRead(BaseModel):
    """The status page."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "now": "2026-03-21T06:31:13Z",
                "database": "sqlite",
                "outbox": {
                    "waiting": 0,
                    "refused": 0,
                    "oldest_waiting_ms": None,
                    "link": "connected",
                    "last_error": None,
                },
                "ledger": {
                    "waiting": 0,
                    "sent": 1,
                    "reversing": 0,
                    "doubtful": 0,
                    "oldest_open_ms": 12,
                    "open_links": 2,
                    "last_error": None,
                },
                "feed": {
                    "state": "following",
                    "position": 17,
                    "last_event_at": "2026-03-21T06:31:12.345000Z",
                    "lag_ms": 0,
                    "seconds_since_contact": 0.8,
                    "last_error": None,
                },
                "events": {
                    "unpublished": 0,
                    "waiting": 0,
                    "retrying": 1,
                    "parked": 0,
                    "switched_off": 0,
                    "lag_ms": 0,
                    "last_error": None,
                },
                "jobs": {
                    "waiting": 0,
                    "running": 1,
                    "failed": 0,
                    "oldest_waiting_ms": None,
                    "last_error": None,
                },
                "notices": [
                    {
                        "code": "reconciliation-differs",
                        "text": "Reconciliation 7 found 2 differences.",
                        "text_fa": "مغایرت‌گیری 7 شمار 2 اختلاف یافت.",
                        "since": "2026-03-21T00:50:00Z",
                    }
                ],
            }
        }
    )

    now: datetime
    database: Literal["sqlite", "postgresql"]
    outbox: OutboxStatus
    ledger: LedgerStatus
    feed: FeedStatus
    events: EventStatus
    jobs: JobsStatus
    notices: list[NoticeRead] = Field(description="What services find that a person should look at.")


@health_router.get("/live", summary="Is the process alive?")
async def live() -> Health:
    """Answers as long as the process serves at all; needs no key."""
    return Health()


@health_router.get("/ready", summary="Can it serve?", responses=problem_responses(DatabaseUnavailable))
async def ready(runtime: RuntimeDependency) -> Health:
    """Answers 200 once the database answers; needs no key."""
    if not await runtime.database.is_reachable():
        raise DatabaseUnavailable
    return Health()


@status_router.get("/status", summary="Read the status")
async def read_status(work: Reading, runtime: RuntimeDependency) -> StatusRead:
    """Outbox depth, host links, movements and events on their way, feed position and lag, jobs, and what a
    person should look at."""
    return await status_of(work.session, runtime)


async def status_of(session: ReadSession, runtime: Runtime) -> StatusRead:
    """How the session's programme stands."""
    from host_api.services.catalogue import SERVICES  # noqa: PLC0415  (services stand on this package)

    depth = await outbox.depth(session)
    position = await read_position(session)
    events = await runtime.event_delivery.depth(session)
    now = utc_now()
    load = await run_store.load(session, now=now)
    notices = [
        NoticeRead.model_validate(notice)
        for service in SERVICES
        if service.notices is not None
        for notice in await service.notices(session)
    ]
    programme_id = programme_of(session.sync_session)
    if programme_id == FIRST_PROGRAMME:  # which alone can make the others
        notices += [_without_programme(code, since) for code, since in runtime.switches.missing.items()]
    switch = runtime.switches.of(programme_id)
    feed = switch.feed_projection
    contact = feed.seconds_since_contact
    return StatusRead(
        now=now,
        database="sqlite" if runtime.database.is_sqlite else "postgresql",
        outbox=OutboxStatus(
            waiting=depth.waiting,
            refused=depth.refused,
            oldest_waiting_ms=_age_ms(now, depth.oldest_waiting_at),
            link=switch.links.state,
            last_error=switch.outbox_worker.last_error,
        ),
        ledger=_ledger(now, switch, await bank.counts(session)),
        feed=FeedStatus(
            state=feed.state,
            position=position.position,
            last_event_at=(
                None if position.last_event_at_ms is None else from_epoch_ms(position.last_event_at_ms)
            ),
            lag_ms=feed.lag_ms(position.last_event_at_ms),
            seconds_since_contact=None if contact is None else round(contact, 3),
            last_error=feed.last_error,
        ),
        events=EventStatus(
            unpublished=events.unpublished,
            waiting=events.waiting,
            retrying=events.retrying,
            parked=events.parked,
            switched_off=events.switched_off,
            lag_ms=_age_ms(now, events.oldest_untried_at) or 0,
            last_error=runtime.event_delivery.last_error,
        ),
        jobs=JobsStatus(
            waiting=load.waiting,
            running=load.running,
            failed=load.failed,
            oldest_waiting_ms=_age_ms(now, load.oldest_waiting_at),
            last_error=runtime.job_runner.last_error,
        ),
        notices=notices,
    )


def _ledger(
    now: datetime, switch: ProgrammeSwitch, counts: Mapping[RequestState, tuple[int, datetime | None]]
) -> LedgerStatus:
    ages = [
        _age_ms(now, oldest) or 0
        for state, (_, oldest) in counts.items()
        if state.is_open and oldest is not None
    ]
    return LedgerStatus(
        waiting=counts[RequestState.WAITING][0],
        sent=counts[RequestState.SENT][0],
        reversing=counts[RequestState.REVERSING][0],
        doubtful=counts[RequestState.DOUBTFUL][0],
        oldest_open_ms=max(ages, default=None),
        open_links=switch.links.open_links,
        last_error=switch.ledger_worker.last_error,
    )


def _without_programme(code: str, since: datetime) -> NoticeRead:
    return NoticeRead(
        code="switch-without-programme",
        text=f"There is a switch for the programme {code}, which does not exist; it begins once it is made.",
        text_fa=f"برای برنامهٔ {code} سوئیچی تنظیم شده است، ولی این برنامه ساخته نشده؛ پس از ساخت آغاز می‌شود.",
        since=since,
    )


def _age_ms(now: datetime, since: datetime | None) -> int | None:
    return None if since is None else max(0, int((now - since).total_seconds() * 1000))
