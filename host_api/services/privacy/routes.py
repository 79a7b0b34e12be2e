"""Endpoints of the privacy service."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.runtime import runtime_of
from host_api.core.second_person import ActOfAnother, AlreadyDecided, OwnAct
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.members.logic import MemberNotFound
from host_api.services.privacy import access, logic, problems
from host_api.services.privacy.listing import PrivacyQuery
from host_api.services.privacy.schemas import (
    PersonalDataPartRead,
    PrivacyErasureCreate,
    PrivacyExportCreate,
    PrivacyRequestRead,
)

router = APIRouter(prefix="/privacy", tags=["privacy"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Asking = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]


@router.get("/parts", summary="List kinds of personal data")
async def list_parts(request: Request, work: Reading) -> list[PersonalDataPartRead]:
    """What the club holds of members, and what of it erasing leaves, and for how long."""
    del work  # only the permission is needed
    return logic.shown_parts(runtime_of(request).personal_data)


@router.post(
    "/exports",
    status_code=202,
    summary="Export a member's data",
    responses=problem_responses(MemberNotFound),
)
async def ask_export(work: Asking, wanted: PrivacyExportCreate) -> PrivacyRequestRead:
    """Have all that is held of a member written into JSON and a page to read; `file_ids` names them."""
    return await logic.ask_export(work.session, wanted, work.caller)


@router.post(
    "/erasures",
    status_code=201,
    summary="Ask for an erasing",
    responses=problem_responses(MemberNotFound, problems.ErasingAsked, problems.ErasingHindered),
)
async def ask_erasure(request: Request, work: Asking, wanted: PrivacyErasureCreate) -> PrivacyRequestRead:
    """Ask that a member be erased; refused while anything is open. A second person decides."""
    return await logic.ask_erasure(work.session, runtime_of(request).personal_data, wanted, work.caller)


@router.get("/requests", summary="List exports and erasings")
async def list_requests(work: Reading, query: Annotated[PrivacyQuery, Query()]) -> Page[PrivacyRequestRead]:
    """Exports and erasings, the latest first."""
    return await logic.read_page(work.session, query)


@router.get(
    "/requests/{request_id}",
    summary="Read an export or erasing",
    responses=problem_responses(problems.PrivacyRequestNotFound),
)
async def read_request(work: Reading, request_id: IdInPath) -> PrivacyRequestRead:
    """One request by id."""
    return await logic.read(work.session, request_id)


@router.post(
    "/requests/{request_id}/approval",
    status_code=201,
    summary="Approve an erasing",
    responses=problem_responses(
        problems.PrivacyRequestNotFound, AlreadyDecided, OwnAct, problems.ErasingHindered
    ),
)
async def approve_request(request: Request, work: Deciding, request_id: IdInPath) -> PrivacyRequestRead:
    """Block the member's cards at once; given-up points are taken, then a job erases. It can't be undone."""
    parts = runtime_of(request).personal_data
    return await logic.approve(work.session, work.cipher, parts, request_id, work.caller)


@router.post(
    "/requests/{request_id}/rejection",
    status_code=201,
    summary="Reject an erasing",
    responses=problem_responses(problems.PrivacyRequestNotFound, AlreadyDecided, OwnAct),
)
async def reject_request(work: Deciding, request_id: IdInPath) -> PrivacyRequestRead:
    """Turn an erasing of another down; nothing changes."""
    return await logic.reject(work.session, request_id, work.caller)


@router.post(
    "/requests/{request_id}/cancellation",
    status_code=201,
    summary="Cancel an erasing",
    responses=problem_responses(problems.PrivacyRequestNotFound, AlreadyDecided, ActOfAnother),
)
async def cancel_request(work: Asking, request_id: IdInPath) -> PrivacyRequestRead:
    """Take back an erasing that you asked for and nobody has decided yet."""
    return await logic.cancel_own(work.session, request_id, work.caller)
