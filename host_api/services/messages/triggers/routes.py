"""Endpoints of triggers."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch
from host_api.core.path_ids import IdInPath
from host_api.core.runtime import runtime_of
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.messages import access
from host_api.services.messages.templates.logic import MessageTemplateNotFound
from host_api.services.messages.triggers import logic
from host_api.services.messages.triggers.listing import MessageTriggerQuery
from host_api.services.messages.triggers.schemas import (
    MessageTriggerCreate,
    MessageTriggerRead,
    MessageTriggerUpdate,
)

router = APIRouter(prefix="/messages/triggers", tags=["message triggers"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]


@router.post(
    "", status_code=201, summary="Add a message trigger", responses=problem_responses(MessageTemplateNotFound)
)
async def create_message_trigger(
    request: Request, work: Writing, response: Response, wanted: MessageTriggerCreate
) -> MessageTriggerRead:
    """From now on each event of the type sends its member the template, once."""
    made, response.headers["ETag"] = await logic.create(work.session, runtime_of(request).event_types, wanted)
    return made


@router.get("", summary="List message triggers")
async def list_message_triggers(
    work: Reading, query: Annotated[MessageTriggerQuery, Query()]
) -> Page[MessageTriggerRead]:
    """The latest first."""
    return await logic.read_page(work.session, query)


@router.get(
    "/{trigger_id}",
    summary="Read a message trigger",
    responses=problem_responses(logic.MessageTriggerNotFound),
)
async def read_message_trigger(work: Reading, response: Response, trigger_id: IdInPath) -> MessageTriggerRead:
    """One trigger by id."""
    found, response.headers["ETag"] = await logic.read(work.session, trigger_id)
    return found


@router.patch(
    "/{trigger_id}",
    summary="Switch a message trigger",
    responses=problem_responses(logic.MessageTriggerNotFound, ChangedMeanwhile),
)
async def change_message_trigger(
    work: Writing, response: Response, trigger_id: IdInPath, wanted: MessageTriggerUpdate, if_match: IfMatch
) -> MessageTriggerRead:
    """Have it act or rest; events meanwhile pass by."""
    changed, response.headers["ETag"] = await logic.change(work.session, trigger_id, wanted, if_match)
    return changed
