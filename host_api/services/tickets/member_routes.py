"""Endpoints by which an app acts in a member's name: their own tickets, and no others."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import StreamingResponse

from host_api.core.errors import problem_responses
from host_api.core.files.download import stream_file
from host_api.core.files.file_table import FilesUseTooMuch
from host_api.core.files.upload import UPLOAD_BODY, FileTooLarge, MediaTypeUnknown, Upload, receives
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import LARGEST_ID, IdInPath
from host_api.core.runtime import runtime_of
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.files.routes import CONTENT
from host_api.services.members.logic import MemberNotFound
from host_api.services.tickets import access, attachments, handling, logic, problems
from host_api.services.tickets.listing import MemberTicketQuery
from host_api.services.tickets.schemas import (
    MemberMessageCreate,
    TicketCreate,
    TicketFileRead,
    TicketRead,
    TicketScore,
    TicketThread,
)

router = APIRouter(tags=["tickets"], route_class=ServiceRoute)

Looking = Annotated[ReadWork, reads(access.ACT)]
Acting = Annotated[WriteWork, writes(access.ACT)]
Received = Annotated[Upload, receives(access.ACT)]
Code = Annotated[str, Path(max_length=40, description="The tracking code, however it is typed.")]
CodeAsked = Annotated[str, Query(max_length=40, description="The tracking code, however it is typed.")]
MemberId = Annotated[int, Query(ge=1, le=LARGEST_ID, description="In whose name.")]

_NOT_FOUND = problem_responses(problems.TicketNotFound)
_WRITING = problem_responses(problems.TicketNotFound, problems.TicketNotInThisState, problems.TicketFull)


@router.post(
    "/tickets",
    status_code=201,
    summary="Open a ticket",
    responses=problem_responses(
        MemberNotFound,
        problems.TicketTypeNotFound,
        problems.TicketDepartmentNotFound,
        problems.TicketFieldsWrong,
        problems.TicketFull,
    ),
)
async def open_ticket(work: Acting, wanted: TicketCreate) -> TicketRead:
    """In a member's name; the tracking code is what they follow it by."""
    return await logic.open_ticket(work.session, work.cipher, work.caller, wanted)


@router.get(
    "/members/{member_id}/tickets",
    summary="List a member's tickets",
    responses=problem_responses(MemberNotFound),
)
async def list_own(
    work: Looking, member_id: IdInPath, query: Annotated[MemberTicketQuery, Query()]
) -> Page[TicketRead]:
    """The latest first."""
    return await logic.read_own(work.session, member_id, query)


@router.get("/tickets/by-code/{code}", summary="Follow a ticket", responses=_NOT_FOUND)
async def read_own(work: Looking, code: Code, member_id: MemberId) -> TicketThread:
    """A member's own ticket by its code: what was written, its files and its way; nothing internal."""
    ticket = await logic.find_of_member(work.session, code, member_id)
    return await handling.thread(work.session, work.cipher, ticket, is_for_member=True)


@router.post(
    "/tickets/by-code/{code}/messages", status_code=201, summary="Write as the member", responses=_WRITING
)
async def write_as_member(work: Acting, code: Code, wanted: MemberMessageCreate) -> TicketThread:
    """Within fourteen days a resolved ticket is opened again by it."""
    return await handling.write_as_member(work.session, work.cipher, work.caller, code, wanted)


@router.post(
    "/tickets/by-code/{code}/score",
    status_code=201,
    summary="Score a ticket",
    responses=problem_responses(problems.TicketNotFound, problems.TicketNotInThisState),
)
async def score(work: Acting, code: Code, wanted: TicketScore) -> TicketRead:
    """One to five, once it is resolved; the last word counts."""
    ticket = await handling.score(work.session, work.caller, code, wanted)
    return (await logic.shown(work.session, [ticket]))[0]


@router.post(
    "/tickets/files-of-members",
    status_code=201,
    summary="Attach a file as the member",
    responses=problem_responses(
        problems.TicketNotFound,
        problems.TicketNotInThisState,
        problems.TicketFull,
        problems.TicketFileNotTaken,
        FileTooLarge,
        FilesUseTooMuch,
        MediaTypeUnknown,
    ),
    openapi_extra=UPLOAD_BODY,
)
async def attach_as_member(
    upload: Received, work: Acting, code: CodeAsked, member_id: MemberId
) -> TicketFileRead:
    """The field `file` of a form: a whole PDF, PNG or JPEG of at most 10 MiB, twenty in a ticket."""
    ticket = await logic.find_of_member(work.session, code, member_id)
    return await attachments.attach(
        work.session, work.caller, ticket, upload, is_internal=False, is_for_member=True
    )


@router.get(
    "/tickets/by-code/{code}/files/{file_id}",
    summary="Download a file as the member",
    response_class=StreamingResponse,
    responses={**_NOT_FOUND, **CONTENT},
)
async def download_as_member(
    request: Request, work: Looking, code: Code, file_id: IdInPath, member_id: MemberId
) -> StreamingResponse:
    """Of the member's own ticket, nothing internal."""
    ticket = await logic.find_of_member(work.session, code, member_id)
    file = await attachments.content_of(work.session, ticket, file_id, is_for_member=True)
    return await stream_file(runtime_of(request).contents, file)
