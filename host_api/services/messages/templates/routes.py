"""Endpoints of templates."""

from typing import Annotated

from fastapi import APIRouter, Query

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.messages import access
from host_api.services.messages.templates import logic
from host_api.services.messages.templates.listing import MessageTemplateQuery, MessageTemplateVersionQuery
from host_api.services.messages.templates.schemas import (
    MessageTemplateCreate,
    MessageTemplateRead,
    MessageTemplateWords,
)

router = APIRouter(prefix="/messages/templates", tags=["message templates"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]


@router.post(
    "",
    status_code=201,
    summary="Add a message template",
    responses=problem_responses(logic.MessageTemplateExists),
)
async def create_message_template(work: Writing, wanted: MessageTemplateCreate) -> MessageTemplateRead:
    """Variables are checked, and what both texts take as SMS is told."""
    return await logic.create(work.session, work.caller, wanted)


@router.get("", summary="List message templates")
async def list_message_templates(
    work: Reading, query: Annotated[MessageTemplateQuery, Query()]
) -> Page[MessageTemplateRead]:
    """Each in the version in force."""
    return await logic.read_page(work.session, query)


@router.get(
    "/{template_id}",
    summary="Read a message template",
    responses=problem_responses(logic.MessageTemplateNotFound),
)
async def read_message_template(work: Reading, template_id: IdInPath) -> MessageTemplateRead:
    """One template in force."""
    return await logic.read(work.session, template_id)


@router.post(
    "/{template_id}/versions",
    status_code=201,
    summary="Make a version of a message template",
    responses=problem_responses(logic.MessageTemplateNotFound),
)
async def create_template_version(
    work: Writing, template_id: IdInPath, wanted: MessageTemplateWords
) -> MessageTemplateRead:
    """For messages that are queued from now on."""
    return await logic.add_version(work.session, work.caller, template_id, wanted)


@router.get(
    "/{template_id}/versions",
    summary="List versions of a message template",
    responses=problem_responses(logic.MessageTemplateNotFound),
)
async def list_template_versions(
    work: Reading, template_id: IdInPath, query: Annotated[MessageTemplateVersionQuery, Query()]
) -> Page[MessageTemplateRead]:
    """What it has said, the latest first."""
    return await logic.read_versions(work.session, template_id, query)
