"""Endpoints of broadcasts."""

from typing import Annotated

from fastapi import APIRouter, Query

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.messages import access
from host_api.services.messages.broadcasts import logic
from host_api.services.messages.broadcasts.listing import BroadcastQuery
from host_api.services.messages.broadcasts.schemas import (
    BroadcastAim,
    BroadcastCreate,
    BroadcastPreview,
    BroadcastRead,
)
from host_api.services.messages.templates.logic import MessageTemplateNotFound

router = APIRouter(prefix="/messages/broadcasts", tags=["broadcasts"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]


@router.post("/preview", summary="Preview a broadcast", responses=problem_responses(MessageTemplateNotFound))
async def preview_broadcast(work: Reading, wanted: BroadcastAim) -> BroadcastPreview:
    """How many it finds, and what it costs at most; nothing is sent."""
    return await logic.preview(work.session, wanted)


@router.post(
    "", status_code=201, summary="Send a broadcast", responses=problem_responses(MessageTemplateNotFound)
)
async def create_broadcast(work: Deciding, wanted: BroadcastCreate) -> BroadcastRead:
    """A job queues a message for each member, and another one sends them; each member gets one."""
    return await logic.create(work.session, work.caller, wanted)


@router.get("", summary="List broadcasts")
async def list_broadcasts(work: Reading, query: Annotated[BroadcastQuery, Query()]) -> Page[BroadcastRead]:
    """The latest first."""
    return await logic.read_page(work.session, query)


@router.get(
    "/{broadcast_id}", summary="Read a broadcast", responses=problem_responses(logic.BroadcastNotFound)
)
async def read_broadcast(work: Reading, broadcast_id: IdInPath) -> BroadcastRead:
    """One broadcast; its messages are in the log."""
    return await logic.read(work.session, broadcast_id)


@router.post(
    "/{broadcast_id}/cancellation",
    status_code=201,
    summary="Cancel a broadcast",
    responses=problem_responses(logic.BroadcastNotFound),
)
async def cancel_broadcast(work: Deciding, broadcast_id: IdInPath) -> BroadcastRead:
    """What is not sent yet is dropped."""
    return await logic.cancel(work.session, broadcast_id)
