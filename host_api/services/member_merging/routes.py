"""Endpoints of the merging service."""

from typing import Annotated

from fastapi import APIRouter, Query

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import LARGEST_ID, IdInPath
from host_api.core.second_person import ActOfAnother, AlreadyDecided, OwnAct
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.member_merging import access, logic, problems
from host_api.services.member_merging.listing import RecordActQuery
from host_api.services.member_merging.preview import preview
from host_api.services.member_merging.schemas import (
    MergeCreate,
    MergePreviewRead,
    RecordActRead,
    SplitCreate,
)
from host_api.services.members.logic import MemberNotFound

router = APIRouter(prefix="/member-merging", tags=["member merging"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Asking = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]
MemberInQuery = Annotated[int, Query(ge=1, le=LARGEST_ID)]


@router.get("/preview", summary="Preview a merge", responses=problem_responses(MemberNotFound))
async def preview_merge(
    work: Reading, from_member_id: MemberInQuery, to_member_id: MemberInQuery
) -> MergePreviewRead:
    """What both records have, what they say otherwise, and what stands against merging them."""
    return await preview(work.session, work.cipher, from_member_id, to_member_id)


@router.post(
    "/merges",
    status_code=201,
    summary="Ask for a merge",
    responses=problem_responses(MemberNotFound, problems.RecordsInConflict),
)
async def ask_merge(work: Asking, wanted: MergeCreate) -> RecordActRead:
    """One record of a person is to go into another; nothing happens before a second person approves."""
    return await logic.ask_merge(work.session, work.cipher, wanted, work.caller)


@router.post(
    "/splits",
    status_code=201,
    summary="Ask for a split",
    responses=problem_responses(MemberNotFound, problems.RecordsInConflict, problems.NothingToSplit),
)
async def ask_split(work: Asking, wanted: SplitCreate) -> RecordActRead:
    """Chosen cards and units are to go to another record. To a record that went into this one: the merge is
    taken back, and that record is active again."""
    return await logic.ask_split(work.session, work.cipher, wanted, work.caller)


@router.get("/acts", summary="List merges and splits")
async def list_acts(work: Reading, query: Annotated[RecordActQuery, Query()]) -> Page[RecordActRead]:
    """Merges and splits, the latest first; `state=asked` are those to be decided."""
    return await logic.read_page(work.session, work.cipher, query)


@router.get(
    "/acts/{act_id}",
    summary="Read a merge or split",
    responses=problem_responses(problems.RecordActNotFound),
)
async def read_act(work: Reading, act_id: IdInPath) -> RecordActRead:
    """One act by id, with each movement of units."""
    return await logic.read(work.session, work.cipher, act_id)


@router.post(
    "/acts/{act_id}/approval",
    status_code=201,
    summary="Approve a merge or split",
    responses=problem_responses(
        problems.RecordActNotFound, AlreadyDecided, OwnAct, problems.RecordsInConflict
    ),
)
async def approve_act(work: Deciding, act_id: IdInPath) -> RecordActRead:
    """Begin it as the second person: cards go over, then units, by the switch; look until it is done."""
    return await logic.approve(work.session, work.cipher, act_id, work.caller)


@router.post(
    "/acts/{act_id}/rejection",
    status_code=201,
    summary="Reject a merge or split",
    responses=problem_responses(problems.RecordActNotFound, AlreadyDecided, OwnAct),
)
async def reject_act(work: Deciding, act_id: IdInPath) -> RecordActRead:
    """Turn an act of another down; nothing changes."""
    return await logic.reject(work.session, work.cipher, act_id, work.caller)


@router.post(
    "/acts/{act_id}/cancellation",
    status_code=201,
    summary="Cancel a merge or split",
    responses=problem_responses(problems.RecordActNotFound, AlreadyDecided, ActOfAnother),
)
async def cancel_act(work: Asking, act_id: IdInPath) -> RecordActRead:
    """Take back an act that you asked for and nobody has decided yet."""
    return await logic.cancel_own(work.session, work.cipher, act_id, work.caller)


@router.post(
    "/acts/{act_id}/resumption",
    status_code=201,
    summary="Resume a merge or split",
    responses=problem_responses(problems.RecordActNotFound, problems.NothingToResume),
)
async def resume_act(work: Deciding, act_id: IdInPath) -> RecordActRead:
    """Go on with one that failed: what has moved stays moved, the rest is tried again."""
    return await logic.resume(work.session, work.cipher, act_id)
