"""Endpoints by which staff works on tickets, and reads what happened with a member."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from host_api.core.errors import problem_responses
from host_api.core.files.download import stream_file
from host_api.core.files.file_table import FilesUseTooMuch
from host_api.core.files.upload import UPLOAD_BODY, FileTooLarge, MediaTypeUnknown, Upload, receives
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import LARGEST_PAGE, Page
from host_api.core.path_ids import LARGEST_ID, IdInPath
from host_api.core.runtime import runtime_of
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.files.routes import CONTENT
from host_api.services.members.logic import MemberNotFound
from host_api.services.tickets import access, attachments, handling, logic, problems
from host_api.services.tickets.listing import TicketQuery
from host_api.services.tickets.schemas import (
    TicketFileRead,
    TicketForward,
    TicketMerge,
    TicketMessageCreate,
    TicketRead,
    TicketReport,
    TicketThread,
)
from host_api.services.tickets.timeline import TimelineItem, read_timeline

router = APIRouter(tags=["tickets"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Received = Annotated[Upload, receives(access.WRITE)]

_NOT_FOUND = problem_responses(problems.TicketNotFound)
_CHANGING = problem_responses(problems.TicketNotFound, problems.TicketNotInThisState)


@router.get("/tickets", summary="List tickets")
async def list_tickets(work: Reading, query: Annotated[TicketQuery, Query()]) -> Page[TicketRead]:
    """Those that your units have, the latest first; a queue is `department_id` with `state=open`."""
    return await logic.read_page(work.session, work.caller, query)


@router.get("/tickets/report", summary="Read how departments do")
async def read_report(work: Reading) -> list[TicketReport]:
    """Numbers, late ones and scores of your units."""
    return await logic.report(work.session, work.caller)


@router.get(
    "/tickets/timeline/{member_id}",
    summary="Read a member's timeline",
    responses=problem_responses(MemberNotFound),
)
async def read_member_timeline(
    work: Reading,
    member_id: IdInPath,
    cursor: Annotated[
        str | None, Query(max_length=512, description="`next_cursor` of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE - 1, description="Most items on the page.")] = 50,
) -> Page[TimelineItem]:
    """What happened with a member, of all services whose records you may read; the latest first."""
    return await read_timeline(work.session, work.cipher, work.caller, member_id, cursor=cursor, limit=limit)


@router.post(
    "/tickets/files",
    status_code=201,
    summary="Attach a file",
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
async def attach(
    upload: Received,
    work: Writing,
    ticket_id: Annotated[int, Query(ge=1, le=LARGEST_ID)],
    is_internal: bool = False,
) -> TicketFileRead:
    """The field `file` of a form: a whole PDF, PNG or JPEG of at most 10 MiB, twenty in a ticket."""
    ticket = await logic.lock_visible(work.session, work.caller, ticket_id)
    return await attachments.attach(
        work.session, work.caller, ticket, upload, is_internal=is_internal, is_for_member=False
    )


@router.get("/tickets/{ticket_id}", summary="Read a ticket", responses=_NOT_FOUND)
async def read_ticket(work: Reading, ticket_id: IdInPath) -> TicketThread:
    """What was written, its files and its way."""
    ticket = await logic.find_visible(work.session, work.caller, ticket_id)
    return await handling.thread(work.session, work.cipher, ticket, is_for_member=False)


@router.post(
    "/tickets/{ticket_id}/messages",
    status_code=201,
    summary="Answer a ticket",
    responses=problem_responses(
        problems.TicketNotFound,
        problems.TicketNotInThisState,
        problems.CannedAnswerNotFound,
        problems.TicketFull,
    ),
)
async def answer(work: Writing, ticket_id: IdInPath, wanted: TicketMessageCreate) -> TicketThread:
    """The member is texted that there is an answer; `is_internal` is for staff alone."""
    return await handling.answer(work.session, work.cipher, work.caller, ticket_id, wanted)


@router.post(
    "/tickets/{ticket_id}/forwarding",
    status_code=201,
    summary="Forward or assign a ticket",
    responses=problem_responses(
        problems.TicketNotFound,
        problems.TicketNotInThisState,
        problems.TicketDepartmentNotFound,
        problems.NotStaffOfDepartment,
    ),
)
async def forward(work: Writing, ticket_id: IdInPath, wanted: TicketForward) -> TicketThread:
    """To another unit, or to somebody of its own."""
    return await handling.forward(work.session, work.cipher, work.caller, ticket_id, wanted)


@router.post(
    "/tickets/{ticket_id}/resolution", status_code=201, summary="Resolve a ticket", responses=_CHANGING
)
async def resolve(work: Writing, ticket_id: IdInPath) -> TicketThread:
    """The member is texted, and can open it again for fourteen days."""
    return await handling.resolve(work.session, work.cipher, work.caller, ticket_id)


@router.post(
    "/tickets/{ticket_id}/reopening", status_code=201, summary="Reopen a ticket", responses=_CHANGING
)
async def reopen(work: Writing, ticket_id: IdInPath) -> TicketThread:
    """Open a resolved ticket again."""
    return await handling.reopen(work.session, work.cipher, work.caller, ticket_id)


@router.post("/tickets/{ticket_id}/merging", status_code=201, summary="Merge tickets", responses=_CHANGING)
async def merge(work: Writing, ticket_id: IdInPath, wanted: TicketMerge) -> TicketThread:
    """Into another one of the same member, with all that was written; both codes lead there."""
    return await handling.merge(work.session, work.cipher, work.caller, ticket_id, wanted)


@router.get(
    "/tickets/{ticket_id}/files/{file_id}",
    summary="Download a file of a ticket",
    response_class=StreamingResponse,
    responses={**_NOT_FOUND, **CONTENT},
)
async def download(
    request: Request, work: Reading, ticket_id: IdInPath, file_id: IdInPath
) -> StreamingResponse:
    """The content, to whoever may read the ticket."""
    ticket = await logic.find_visible(work.session, work.caller, ticket_id)
    file = await attachments.content_of(work.session, ticket, file_id, is_for_member=False)
    return await stream_file(runtime_of(request).contents, file)
