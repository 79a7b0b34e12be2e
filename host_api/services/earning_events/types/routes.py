"""Endpoints of event types."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.earning_events import access
from host_api.services.earning_events.types import logic
from host_api.services.earning_events.types.listing import EventTypeQuery
from host_api.services.earning_events.types.schemas import (
    EarningTemplateRead,
    EarningTemplateUse,
    EarningTypeCreate,
    EarningTypeRead,
    EarningTypeUpdate,
)
from host_api.services.earning_events.types.templates import templates

router = APIRouter(tags=["earning_events"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]


@router.post(
    "/earning-event-types",
    status_code=201,
    summary="Add a type of events",
    responses=problem_responses(logic.EventTypeExists),
)
async def create_type(work: Writing, response: Response, wanted: EarningTypeCreate) -> EarningTypeRead:
    """Say what is told of such events, by whom and how often; what they give, the rules decide."""
    made, response.headers["ETag"] = await logic.create(work.session, wanted)
    return made


@router.get("/earning-event-types", summary="List types of events")
async def list_types(work: Reading, query: Annotated[EventTypeQuery, Query()]) -> Page[EarningTypeRead]:
    """All types, also those that take no events now."""
    return await logic.read_page(work.session, query)


@router.get(
    "/earning-event-types/{type_id}",
    summary="Read a type of events",
    responses=problem_responses(logic.EventTypeNotFound),
)
async def read_type(work: Reading, response: Response, type_id: IdInPath) -> EarningTypeRead:
    """One type by id."""
    found, response.headers["ETag"] = await logic.read(work.session, type_id)
    return found


@router.patch(
    "/earning-event-types/{type_id}",
    summary="Change a type of events",
    responses=problem_responses(logic.EventTypeNotFound, logic.AttributesDontFit, ChangedMeanwhile),
)
async def change_type(
    work: Writing, response: Response, type_id: IdInPath, wanted: EarningTypeUpdate, if_match: IfMatch
) -> EarningTypeRead:
    """Change who may tell it and how often, or stop it; events told before stay as they are."""
    changed, response.headers["ETag"] = await logic.change(work.session, type_id, wanted, if_match)
    return changed


@router.get("/earning-event-templates", summary="List ready-made types of events")
async def list_templates(_work: Reading) -> Page[EarningTemplateRead]:
    """Types for reviews, introductions, visits, surveys, praise, journeys, trades and banks, with a rule."""
    return Page(items=list(templates().values()), next_cursor=None)


@router.post(
    "/earning-event-templates",
    status_code=201,
    summary="Add a ready-made type of events",
    responses=problem_responses(logic.EventTypeExists),
)
async def use_template(work: Writing, response: Response, wanted: EarningTemplateUse) -> EarningTypeRead:
    """Make the type as the template has it. Its rule is put into the draft of the rules apart from this."""
    made, response.headers["ETag"] = await logic.create(work.session, templates()[wanted.template].type)
    return made
