"""Links that download what a member has, for a bounded time and for as long as the member has it.

A link names the purchase and the file, and proves both (`core/signed_link.py`); whether the member still has
the thing, and whether it may still be downloaded, is looked at when the link is used.
"""

from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from fastapi.responses import StreamingResponse
from sqlalchemy import select

from host_api.core.access.module_switches import is_switched_off
from host_api.core.clock import utc_now
from host_api.core.database import AnySession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import ValidationFailed, problem_responses
from host_api.core.files.download import stream_file
from host_api.core.files.file_table import StoredFile, find_file
from host_api.core.isolation import programme_of
from host_api.core.programmes import Programme, ProgrammeStatus
from host_api.core.runtime import runtime_of
from host_api.core.signed_link import SignedLink, link_token, longest_token, read_link
from host_api.services.files.downloads import LinkNotValid
from host_api.services.files.routes import CONTENT
from host_api.services.learning import access
from host_api.services.learning.courses.problems import CourseLessonNotFound
from host_api.services.learning.models import LearningPurchase
from host_api.services.learning.purchases import problems, subjects
from host_api.services.learning.purchases.schemas import LearningLinkRead, LearningPurchaseState

downloads_router = APIRouter(tags=["learning"])

_FIELD: Final = "learning.link"
_NUMBERS: Final = 3
_WHOLE: Final = 0  # in place of a lesson: the file of a report or book


async def make_link(
    session: AnySession,
    cipher: FieldCipher,
    purchase_id: int,
    lesson_id: int | None,
    *,
    valid_for: timedelta,
    now: datetime,
) -> LearningLinkRead:
    """A link to the file of a report, a book or a lesson.

    Raises:
        LearningPurchaseNotFound, LearningNotActive, DownloadNotAllowed, CourseLessonNotFound
    """
    row = await session.get(LearningPurchase, purchase_id)
    if row is None:
        raise problems.LearningPurchaseNotFound
    if row.state != LearningPurchaseState.ACTIVE:
        raise problems.LearningNotActive
    file_id = await subjects.file_of(session, row, lesson_id)
    expires_at = (now + valid_for).replace(microsecond=0)
    numbers = (purchase_id, lesson_id or _WHOLE, file_id)
    link = SignedLink(programme_of(session.sync_session), numbers, expires_at)
    return LearningLinkRead(
        path=f"/learning/downloads/{link_token(cipher, _FIELD, link)}", expires_at=expires_at
    )


async def file_behind(session: AnySession, link: SignedLink, now: datetime) -> StoredFile | None:
    """The file that a link opens; None where the member no longer has it, or it is another by now."""
    purchase_id, lesson_id, file_id = link.numbers
    row = await session.get(LearningPurchase, purchase_id)
    if row is None or row.state != LearningPurchaseState.ACTIVE:
        return None
    try:
        if await subjects.file_of(session, row, lesson_id or None) != file_id:
            return None
    except (problems.DownloadNotAllowed, CourseLessonNotFound):
        return None
    return await find_file(session, file_id, now=now)


@downloads_router.get(
    "/learning/downloads/{token}",
    summary="Download what a member has by its link",
    response_class=StreamingResponse,
    responses={**problem_responses(LinkNotValid, ValidationFailed), **CONTENT},
)
async def download_learning(
    request: Request, token: Annotated[str, Path(max_length=longest_token(_NUMBERS))]
) -> StreamingResponse:
    """The content of the one file that the link was made for; needs no key."""
    runtime, now = runtime_of(request), utc_now()
    link = read_link(runtime.vault.cipher, _FIELD, token, now, numbers=_NUMBERS)
    if link is None:
        raise LinkNotValid
    async with runtime.database.reading(link.programme_id) as session:
        status = await session.scalar(select(Programme.status).where(Programme.id == link.programme_id))
        is_off = await is_switched_off(session, access.LEARNING)
        file = await file_behind(session, link, now)
    if file is None or is_off or status != ProgrammeStatus.ACTIVE:
        raise LinkNotValid
    return await stream_file(runtime.contents, file)
