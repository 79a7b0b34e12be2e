"""Downloads by link, without a key."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import StreamingResponse
from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.errors import Problem, ValidationFailed, problem_responses
from host_api.core.files.download import stream_file
from host_api.core.files.file_table import find_file
from host_api.core.files.links import LONGEST_TOKEN, read_link
from host_api.core.programmes import Programme, ProgrammeStatus
from host_api.core.runtime import runtime_of
from host_api.services.files.routes import CONTENT

downloads_router = APIRouter(tags=["files"])


class LinkNotValid(Problem):
    """The link is none of ours, has expired, or its file is gone; which of them is not told."""

    status = 404
    code = "link-not-valid"
    title = "Link not valid"
    title_fa = "پیوند معتبر نیست"
    detail = "This link is not valid, or no longer; ask for a new one."
    detail_fa = "این پیوند معتبر نیست یا دیگر معتبر نیست؛ پیوند تازه‌ای بخواهید."


@downloads_router.get(
    "/downloads/{token}",
    summary="Download a file by its link",
    response_class=StreamingResponse,
    responses={**problem_responses(LinkNotValid, ValidationFailed), **CONTENT},
)
async def download_by_link(
    request: Request, token: Annotated[str, Path(max_length=LONGEST_TOKEN)]
) -> StreamingResponse:
    """The content of the one file that the link was made for; needs no key."""
    runtime, now = runtime_of(request), utc_now()
    link = read_link(runtime.vault.cipher, token, now)
    if link is None:
        raise LinkNotValid
    async with runtime.database.reading(link.programme_id) as session:
        status = await session.scalar(select(Programme.status).where(Programme.id == link.programme_id))
        file = await find_file(session, link.file_id, now=now)
    if file is None or status != ProgrammeStatus.ACTIVE:
        raise LinkNotValid
    return await stream_file(runtime.contents, file)
