"""Files of tickets: looked at, kept for nobody but those who may read the ticket."""

import asyncio
from datetime import timedelta
from typing import Final

from sqlalchemy import func, select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession
from host_api.core.files.file_table import NOBODY, StoredFile, add_file, find_file
from host_api.core.files.upload import Upload
from host_api.services.tickets.models import Ticket, TicketFile
from host_api.services.tickets.problems import (
    TicketFileNotTaken,
    TicketFull,
    TicketNotFound,
    TicketNotInThisState,
)
from host_api.services.tickets.schemas import TicketFileRead, TicketState
from host_api.services.tickets.thread_rows import MOST_FILES, shown_file
from host_api.services.tickets.whole_media import TAKEN, is_whole

LARGEST_BYTES: Final = 10 * 1024 * 1024
KEPT_FOR: Final = timedelta(days=5 * 365)


async def attach(
    session: WriteSession,
    caller: Caller,
    ticket: Ticket,
    upload: Upload,
    *,
    is_internal: bool,
    is_for_member: bool,
) -> TicketFileRead:
    """Keep a file of a ticket; the caller of this has seen that the ticket may be read.

    Raises:
        TicketNotInThisState, TicketFileNotTaken, TicketFull, FilesUseTooMuch
    """
    if ticket.state not in (TicketState.OPEN, TicketState.ANSWERED):
        raise TicketNotInThisState
    if upload.media_type not in TAKEN or upload.draft.size > LARGEST_BYTES:
        raise TicketFileNotTaken
    if not await asyncio.to_thread(_is_whole, upload):
        raise TicketFileNotTaken
    count = await session.scalar(
        select(func.count()).select_from(TicketFile).where(TicketFile.ticket_id == ticket.id)
    )
    if (count or 0) >= MOST_FILES:
        raise TicketFull
    now = utc_now()
    file = await add_file(
        session,
        name=upload.name,
        media_type=upload.media_type.value,
        size=upload.draft.size,
        sha256=upload.draft.sha256,
        caller=caller,
        now=now,
        audience=NOBODY,
    )
    file.expires_at = now + KEPT_FOR
    row = TicketFile(
        ticket_id=ticket.id,
        file_id=file.id,
        is_internal=is_internal,
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        at=now,
        author=caller.name,
    )
    session.add(row)
    await session.flush()
    await asyncio.to_thread(upload.draft.keep)
    return shown_file(row, is_for_member=is_for_member)


async def content_of(
    session: AnySession, ticket: Ticket, ticket_file_id: int, *, is_for_member: bool
) -> StoredFile:
    """A file of a ticket that the caller may read.

    Raises:
        TicketNotFound
    """
    row = await session.get(TicketFile, ticket_file_id)
    if row is None or row.ticket_id != ticket.id or (is_for_member and row.is_internal):
        raise TicketNotFound
    file = await find_file(session, row.file_id, now=utc_now())
    if file is None:
        raise TicketNotFound
    return file


def _is_whole(upload: Upload) -> bool:
    with upload.draft.open() as content:
        return is_whole(content, upload.draft.size, upload.media_type)
