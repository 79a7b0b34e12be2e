"""Endpoints of events that earn."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request

from host_api.core.awaited_answer import AwaitedAnswer, pending_response
from host_api.core.bulk import importing
from host_api.core.bulk.importing import ImportCreate, ImportRead, read_import, start_import
from host_api.core.clock import utc_now
from host_api.core.errors import preferred_language, problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.runtime import runtime_of
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.earning_events import access
from host_api.services.earning_events.telling import logic, problems
from host_api.services.earning_events.telling.bulk import EVENTS_IMPORT
from host_api.services.earning_events.telling.listing import EventQuery
from host_api.services.earning_events.telling.schemas import (
    EarningEventCreate,
    EarningEventDetail,
    EarningEventRead,
    EarningReason,
)
from host_api.services.earning_events.types.logic import EventTypeNotFound
from host_api.services.members.logic import MemberNotFound

router = APIRouter(prefix="/earning-events", tags=["earning_events"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Importing = Annotated[WriteWork, writes(access.WRITE)]
Telling = Annotated[WriteWork, writes(access.ACT)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]
Waiting = Annotated[
    int, Query(ge=0, le=10, description="So many seconds the answer may wait for the switch's decision.")
]
AcceptLanguage = Annotated[str | None, Header(alias="Accept-Language", max_length=200)]

_PENDING = pending_response(
    EarningEventDetail, "Taken; a person or the switch has not decided yet: look again at `Location`"
)


@router.post(
    "",
    status_code=201,
    summary="Tell an event",
    response_model=EarningEventDetail,
    responses={**_PENDING, **problem_responses(EventTypeNotFound, MemberNotFound, *problems.REFUSALS)},
)
async def tell_event(
    request: Request, work: Telling, wanted: EarningEventCreate, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """Tell what a member did. 201 tells what it earned; 202 that this isn't known yet."""
    event = await logic.tell(
        work.session,
        logic.Telling(
            wanted.event,
            wanted.member_id,
            wanted.reference,
            wanted.source,
            wanted.occurred_at,
            wanted.attributes,
        ),
        work.caller,
    )
    return await _awaited(request, work, event.id, event.request_id, wait_s)


@router.get("", summary="List events")
async def list_events(work: Reading, query: Annotated[EventQuery, Query()]) -> Page[EarningEventRead]:
    """Events with what they earned, or why nothing; the latest first."""
    return await logic.read_page(work.session, query)


@router.post(
    "/imports",
    status_code=202,
    summary="Import events from a file",
    responses=problem_responses(
        importing.ImportFileNotFound, importing.FileNotImportable, importing.FileImportedAlready
    ),
)
async def start_event_import(
    work: Importing, wanted: ImportCreate, accept_language: AcceptLanguage = None
) -> ImportRead:
    """Take events of a CSV, XLSX or JSON file; a job then sends them one after the other.

    Event and reference are the key: `skip` passes over what was told before, `replace` corrects it. Then what
    it has earned is taken back, and the row is told anew unless it is withdrawn.
    """
    return await start_import(
        work.session,
        EVENTS_IMPORT,
        wanted,
        work.caller,
        language=preferred_language(accept_language),
        now=utc_now(),
    )


@router.get(
    "/imports/{id}",
    summary="Read an import of events",
    responses=problem_responses(importing.ImportNotFound),
)
async def read_event_import(
    work: Reading,
    id: IdInPath,  # noqa: A002
    accept_language: AcceptLanguage = None,
) -> ImportRead:
    """State, progress, counts and the first faults; what each event earned stands in the list of events."""
    return await read_import(work.session, EVENTS_IMPORT, id, preferred_language(accept_language))


@router.get("/{event_id}", summary="Read an event", responses=problem_responses(problems.EventNotFound))
async def read_event(work: Reading, event_id: IdInPath) -> EarningEventDetail:
    """One event by id, with what was taken back of it."""
    return await logic.read(work.session, event_id)


@router.post(
    "/{event_id}/approval",
    status_code=201,
    summary="Approve an event",
    response_model=EarningEventDetail,
    responses={**_PENDING, **problem_responses(problems.EventNotFound, problems.EventNotWaiting)},
)
async def approve_event(
    request: Request, work: Deciding, event_id: IdInPath, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """Let an event earn whose type wants a person to look at it."""
    event = await logic.approve(work.session, event_id, work.caller)
    return await _awaited(request, work, event.id, event.request_id, wait_s)


@router.post(
    "/{event_id}/rejection",
    status_code=201,
    summary="Reject an event",
    responses=problem_responses(problems.EventNotFound, problems.EventNotWaiting),
)
async def reject_event(work: Deciding, event_id: IdInPath, wanted: EarningReason) -> EarningEventDetail:
    """Turn an event down that waits for a person."""
    await logic.reject(work.session, event_id, wanted.reason, work.caller)
    return await logic.read(work.session, event_id)


@router.post(
    "/{event_id}/taking-back",
    status_code=201,
    summary="Take an event back",
    responses=problem_responses(problems.EventNotFound, problems.NothingToTakeBack),
)
async def take_event_back(work: Deciding, event_id: IdInPath, wanted: EarningReason) -> EarningEventDetail:
    """Take back what the event gave, as the journal has it; what is spent, once there is enough again."""
    await logic.take_back(work.session, event_id, wanted.reason, work.caller)
    return await logic.read(work.session, event_id)


async def _awaited(
    request: Request, work: WriteWork, event_id: int, request_id: int | None, wait_s: int
) -> AwaitedAnswer:
    runtime, programme_id = runtime_of(request), work.caller.programme_id
    pending = await logic.read(work.session, event_id)

    async def final() -> EarningEventDetail | None:
        if request_id is None or await runtime.outcomes.outcome(programme_id, request_id, wait_s) is None:
            return None
        async with runtime.database.reading(programme_id) as session:
            return await logic.read(session, event_id)

    return AwaitedAnswer(pending, location=f"/v1/earning-events/{event_id}", final=final)
