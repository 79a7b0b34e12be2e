"""Endpoints of the events service."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.runtime import runtime_of
from host_api.core.work import ReadWork, reads
from host_api.services.events import access, logic
from host_api.services.events.listing import EventQuery
from host_api.services.events.schemas import EventRead, EventTypeCatalogue

router = APIRouter(tags=["events"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
EventIdInPath = Annotated[str, Path(pattern=r"^evt_[0-9a-f]{24}$")]


@router.get("/event-types", summary="List event types")
async def list_event_types(request: Request, _work: Reading) -> EventTypeCatalogue:
    """The catalogue: every type with the JSON schema of its payload and an example."""
    return logic.types_of(runtime_of(request).event_types)


@router.get("/events", summary="List events")
async def list_events(work: Reading, query: Annotated[EventQuery, Query()]) -> Page[EventRead]:
    """Events in their order. Poll with `from_sequence`; an event seen is never followed by an earlier one."""
    return await logic.read_page(work.session, query)


@router.get("/events/{event_id}", summary="Read an event", responses=problem_responses(logic.EventNotFound))
async def read_event(work: Reading, event_id: EventIdInPath) -> EventRead:
    """One event by its id."""
    return logic.read_of(await logic.find(work.session, event_id))
