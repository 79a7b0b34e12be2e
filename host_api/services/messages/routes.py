"""Endpoints of the languages that members are written to in."""

from typing import Annotated

from fastapi import APIRouter

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.members.logic import MemberNotFound
from host_api.services.messages import access, logic
from host_api.services.messages.schemas import MemberLanguageRead, MemberLanguageWrite

router = APIRouter(prefix="/messages", tags=["messages"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Acting = Annotated[WriteWork, writes(access.ACT)]


@router.get(
    "/languages/{member_id}", summary="Read a member's language", responses=problem_responses(MemberNotFound)
)
async def read_language(work: Reading, member_id: IdInPath) -> MemberLanguageRead:
    """Persian until the member chooses."""
    return await logic.read_language(work.session, member_id)


@router.put(
    "/languages/{member_id}",
    summary="Choose a member's language",
    responses=problem_responses(MemberNotFound),
)
async def choose_language(
    work: Acting, member_id: IdInPath, wanted: MemberLanguageWrite
) -> MemberLanguageRead:
    """Texts from now on are in this language."""
    return await logic.choose_language(work.session, member_id, wanted.language)
