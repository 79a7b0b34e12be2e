"""Endpoints of the block list."""

from typing import Annotated

from fastapi import APIRouter, Query

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.second_person import ActOfAnother, AlreadyDecided, OwnAct
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.member_classes import access
from host_api.services.member_classes.block_list import logic
from host_api.services.member_classes.block_list.listing import BlockEntryQuery
from host_api.services.member_classes.block_list.schemas import (
    BlockEntryCreate,
    BlockEntryRead,
    BlockLiftingCreate,
)
from host_api.services.members.logic import MemberNotFound

router = APIRouter(prefix="/block-list", tags=["block list"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]

_LIFTING = (logic.BlockEntryNotFound, logic.BlockEntryOver, logic.BlockLiftingNotFound, AlreadyDecided)


@router.post(
    "",
    status_code=201,
    summary="Enter somebody",
    responses=problem_responses(MemberNotFound, logic.PeriodIsOver),
)
async def create_block_entry(work: Writing, wanted: BlockEntryCreate) -> BlockEntryRead:
    """Block a member, or keep a mobile number or national id from joining, with a reason and for a time."""
    entry = await logic.create(work.session, work.cipher, wanted, work.caller)
    return await logic.read(work.session, work.cipher, entry.id)


@router.get("", summary="List those not permitted")
async def list_block_entries(
    work: Reading, query: Annotated[BlockEntryQuery, Query()]
) -> Page[BlockEntryRead]:
    """The block list, the latest entry first."""
    return await logic.read_page(work.session, work.cipher, query)


@router.get("/{entry_id}", summary="Read an entry", responses=problem_responses(logic.BlockEntryNotFound))
async def read_block_entry(work: Reading, entry_id: IdInPath) -> BlockEntryRead:
    """One entry by id, with the latest wish to lift it."""
    return await logic.read(work.session, work.cipher, entry_id)


@router.post(
    "/{entry_id}/liftings",
    status_code=201,
    summary="Ask for a lifting",
    responses=problem_responses(logic.BlockEntryNotFound, logic.BlockEntryOver, logic.LiftingAsked),
)
async def ask_lifting(work: Writing, entry_id: IdInPath, wanted: BlockLiftingCreate) -> BlockEntryRead:
    """Ask that an entry be lifted before its time; it stands until a second person approves."""
    return await logic.ask_lifting(work.session, work.cipher, entry_id, wanted, work.caller)


@router.post(
    "/{entry_id}/liftings/{lifting_id}/approval",
    status_code=201,
    summary="Approve a lifting",
    responses=problem_responses(*_LIFTING, OwnAct),
)
async def approve_lifting(work: Deciding, entry_id: IdInPath, lifting_id: IdInPath) -> BlockEntryRead:
    """Lift the entry as the second person; the member it has blocked is active again."""
    return await logic.approve_lifting(work.session, work.cipher, entry_id, lifting_id, work.caller)


@router.post(
    "/{entry_id}/liftings/{lifting_id}/rejection",
    status_code=201,
    summary="Reject a lifting",
    responses=problem_responses(*_LIFTING, OwnAct),
)
async def reject_lifting(work: Deciding, entry_id: IdInPath, lifting_id: IdInPath) -> BlockEntryRead:
    """Let the entry stand."""
    return await logic.reject_lifting(work.session, work.cipher, entry_id, lifting_id, work.caller)


@router.post(
    "/{entry_id}/liftings/{lifting_id}/cancellation",
    status_code=201,
    summary="Cancel a lifting",
    responses=problem_responses(*_LIFTING, ActOfAnother),
)
async def cancel_lifting(work: Writing, entry_id: IdInPath, lifting_id: IdInPath) -> BlockEntryRead:
    """Take back a lifting that you asked for."""
    return await logic.cancel_lifting(work.session, work.cipher, entry_id, lifting_id, work.caller)
