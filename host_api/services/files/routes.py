"""Endpoints of the files service."""

import asyncio
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from host_api.core.clock import utc_now
from host_api.core.errors import problem_responses
from host_api.core.files.download import stream_file
from host_api.core.files.file_table import FilesUseTooMuch
from host_api.core.files.references import FileInUse
from host_api.core.files.upload import UPLOAD_BODY, FileTooLarge, MediaTypeUnknown, Upload, receives
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.runtime import runtime_of
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.files import access, logic
from host_api.services.files.listing import FileQuery
from host_api.services.files.schemas import FileLinkRead, FileRead

router = APIRouter(tags=["files"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Received = Annotated[Upload, receives(access.WRITE)]

CONTENT: Final[dict[int | str, dict[str, object]]] = {
    200: {
        "description": "The content, of the type that the file is of.",
        "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post(
    "/files",
    status_code=201,
    summary="Give a file",
    responses=problem_responses(FileTooLarge, FilesUseTooMuch, MediaTypeUnknown),
    openapi_extra=UPLOAD_BODY,
)
async def create_file(upload: Received, work: Writing) -> FileRead:
    """Store the field `file` of a form, sealed. It is deleted after 30 days."""
    stored = await logic.keep(work.session, upload, work.caller, utc_now())
    await asyncio.to_thread(upload.draft.keep)
    return stored


@router.get("/files", summary="List files")
async def list_files(work: Reading, query: Annotated[FileQuery, Query()]) -> Page[FileRead]:
    """Files that have not expired, the latest first."""
    return await logic.read_page(work.session, query, utc_now())


@router.get(
    "/files/{id}", summary="Read what is known of a file", responses=problem_responses(logic.FileNotFound)
)
async def read_file(work: Reading, id: IdInPath) -> FileRead:  # noqa: A002
    """Name, kind, size, SHA-256, and who gave it when."""
    return await logic.read(work.session, id, utc_now())


@router.get(
    "/files/{id}/content",
    summary="Download a file",
    response_class=StreamingResponse,
    responses={**problem_responses(logic.FileNotFound), **CONTENT},
)
async def download_file(request: Request, work: Reading, id: IdInPath) -> StreamingResponse:  # noqa: A002
    """The content, as a stream; a file with an audience asks for that permission too."""
    file = await logic.readable(work.session, id, work.caller, utc_now())
    return await stream_file(runtime_of(request).contents, file)


@router.get(
    "/files/{id}/link", summary="Make a download link", responses=problem_responses(logic.FileNotFound)
)
async def make_file_link(
    work: Reading,
    id: IdInPath,  # noqa: A002
    minutes: Annotated[int, Query(ge=1, le=1440, description="How long the link is valid.")] = 15,
) -> FileLinkRead:
    """A link that downloads the file without a key until it expires, for a browser or a person."""
    valid_for = timedelta(minutes=minutes)
    return await logic.make_link(
        work.session, work.cipher, id, work.caller, valid_for=valid_for, now=utc_now()
    )


@router.delete(
    "/files/{id}",
    status_code=204,
    summary="Delete a file",
    responses=problem_responses(logic.FileNotFound, FileInUse),
)
async def delete_file(work: Writing, id: IdInPath) -> None:  # noqa: A002
    """Delete a file before it expires; its links end too. One that records refer to stays (409)."""
    await logic.delete(work.session, id, work.caller, utc_now())
