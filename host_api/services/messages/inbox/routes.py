"""Endpoints of members' inboxes."""

from typing import Annotated

from fastapi import APIRouter, Query

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.members.logic import MemberNotFound
from host_api.services.messages import access
from host_api.services.messages.inbox import logic
from host_api.services.messages.inbox.listing import FromMembersQuery, InboxQuery
from host_api.services.messages.inbox.schemas import InboxMessageRead, InboxReading, InboxWrite

router = APIRouter(prefix="/messages", tags=["inboxes"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Acting = Annotated[WriteWork, writes(access.ACT)]
ReadingAsMember = Annotated[ReadWork, reads(access.ACT)]
_UNKNOWN = problem_responses(MemberNotFound)


@router.get("/inbox", summary="List what members wrote")
async def list_inbox(work: Reading, query: Annotated[FromMembersQuery, Query()]) -> Page[InboxMessageRead]:
    """What came to the club, the latest first."""
    return await logic.from_members(work.session, work.cipher, query)


@router.get("/inbox/{member_id}", summary="Read a member's inbox", responses=_UNKNOWN)
async def read_inbox(
    work: ReadingAsMember, member_id: IdInPath, query: Annotated[InboxQuery, Query()]
) -> Page[InboxMessageRead]:
    """Both directions, as the member's app shows it."""
    return await logic.read_page(work.session, work.cipher, member_id, query)


@router.post("/inbox/{member_id}/letters", status_code=201, summary="Write to the club", responses=_UNKNOWN)
async def write_to_club(work: Acting, member_id: IdInPath, wanted: InboxWrite) -> InboxMessageRead:
    """What a member writes; the club hears of it by the event `inbox.written`."""
    return await logic.write(work.session, work.cipher, member_id, wanted, is_from_member=True)


@router.post("/inbox/{member_id}/replies", status_code=201, summary="Write to a member", responses=_UNKNOWN)
async def write_to_member(work: Writing, member_id: IdInPath, wanted: InboxWrite) -> InboxMessageRead:
    """What a person of the club writes to one member."""
    return await logic.write(work.session, work.cipher, member_id, wanted, is_from_member=False)


@router.post(
    "/inbox/{member_id}/read", status_code=204, summary="Tell what a member has read", responses=_UNKNOWN
)
async def note_member_read(work: Acting, member_id: IdInPath, wanted: InboxReading) -> None:
    """All up to a message; told again, it changes nothing."""
    await logic.note_read(work.session, member_id, wanted.up_to_id, by_member=True)


@router.post(
    "/inbox/{member_id}/handled", status_code=204, summary="Tell what the club has read", responses=_UNKNOWN
)
async def note_club_read(work: Writing, member_id: IdInPath, wanted: InboxReading) -> None:
    """All that the member wrote up to a message."""
    await logic.note_read(work.session, member_id, wanted.up_to_id, by_member=False)
