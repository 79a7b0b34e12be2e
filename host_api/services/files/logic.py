"""Keeping, finding and giving files."""

from datetime import datetime, timedelta

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import NotPermitted, Problem
from host_api.core.files.file_table import StoredFile, add_file, find_file, may_read
from host_api.core.files.links import FileLink, link_token
from host_api.core.files.references import check_unused
from host_api.core.files.upload import Upload
from host_api.core.listing import Page, read_rows
from host_api.services.files.listing import FileQuery
from host_api.services.files.schemas import FileLinkRead, FileRead


class FileNotFound(Problem):
    """No file has this id, or it has expired."""

    status = 404
    code = "file-not-found"
    title = "File not found"
    title_fa = "فایل پیدا نشد"
    detail = "There is no file with this id, or it has expired."
    detail_fa = "فایلی با این شناسه وجود ندارد یا منقضی شده است."


async def keep(session: WriteSession, upload: Upload, caller: Caller, now: datetime) -> FileRead:
    """Store what is known of an upload whose content has been kept.

    Raises:
        FilesUseTooMuch
    """
    file = await add_file(
        session,
        name=upload.name,
        media_type=upload.media_type.value,
        size=upload.draft.size,
        sha256=upload.draft.sha256,
        caller=caller,
        now=now,
    )
    return _read(file)


async def read(session: AnySession, file_id: int, now: datetime) -> FileRead:
    """What is known of one file.

    Raises:
        FileNotFound
    """
    return _read(await _find(session, file_id, now))


async def read_page(session: ReadSession, query: FileQuery, now: datetime) -> Page[FileRead]:
    """A page of files."""
    statement = select(StoredFile).where(StoredFile.expires_at > now)
    files, next_cursor = await read_rows(session, statement, query)
    return Page(items=[_read(file) for file in files], next_cursor=next_cursor)


async def readable(session: AnySession, file_id: int, caller: Caller, now: datetime) -> StoredFile:
    """A file whose content the caller may have.

    Raises:
        FileNotFound, NotPermitted
    """
    file = await _find(session, file_id, now)
    if not may_read(file, caller):
        raise NotPermitted
    return file


async def make_link(
    session: AnySession,
    cipher: FieldCipher,
    file_id: int,
    caller: Caller,
    *,
    valid_for: timedelta,
    now: datetime,
) -> FileLinkRead:
    """A link to a file that the caller may read, which lives no longer than the file.

    Raises:
        FileNotFound, NotPermitted
    """
    file = await readable(session, file_id, caller, now)
    expires_at = min(now + valid_for, file.expires_at).replace(microsecond=0)
    token = link_token(cipher, FileLink(file.programme_id, file.id, expires_at))
    return FileLinkRead(path=f"/downloads/{token}", expires_at=expires_at)


async def delete(session: WriteSession, file_id: int, caller: Caller, now: datetime) -> None:
    """Delete a file; its content follows with the next sweep.

    Raises:
        FileNotFound, NotPermitted, FileInUse
    """
    file = await readable(session, file_id, caller, now)
    await check_unused(session, file.id)
    await session.delete(file)


async def _find(session: AnySession, file_id: int, now: datetime) -> StoredFile:
    file = await find_file(session, file_id, now=now)
    if file is None:
        raise FileNotFound
    return file


def _read(file: StoredFile) -> FileRead:
    return FileRead(
        id=file.id,
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        sha256=file.sha256.hex(),
        audience=file.audience,
        created_by=file.created_by_name,
        created_at=file.created_at,
        expires_at=file.expires_at,
    )
