"""The table of files, and the way of a content into it."""

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Index, LargeBinary, String, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.access.caller import Caller
from host_api.core.access.permissions import EVERYTHING
from host_api.core.database import AnySession, WriteSession
from host_api.core.errors import Problem
from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole

KEEP_FOR: Final = timedelta(days=30)
LARGEST_FILE_BYTES: Final = 64 * 1024 * 1024
# Of all files of one programme.
MOST_BYTES: Final = 8 * 1024 * 1024 * 1024

# The audience of a file that the files service gives to no one.
NOBODY: Final = "-"

_LONGEST_NAME: Final = 150
_UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')


class FilesUseTooMuch(Problem):
    """The programme's files have reached their limit."""

    status = 413
    code = "files-use-too-much"
    title = "No room for more files"
    title_fa = "جایی برای فایل دیگری نیست"
    detail = "The files of this programme use all the room they may; delete some first."
    detail_fa = "فایل‌های این برنامه همهٔ فضای مجاز را گرفته‌اند؛ نخست چند فایل را پاک کنید."


class StoredFile(InProgramme, Base):
    """A file; `audience` names a permission that its reader needs beside that of reading files.

    Of a file for NOBODY the service that keeps it has an endpoint of its own.
    """

    __tablename__ = "files"
    __table_args__ = (
        Index("ix_files_programme_id_sha256", "programme_id", "sha256"),
        Index("ix_files_programme_id_expires_at", "programme_id", "expires_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    name: Mapped[str] = mapped_column(String(_LONGEST_NAME))
    media_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[Whole]
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32), info={"secret": True})
    audience: Mapped[str | None] = mapped_column(String(48))
    created_at: Mapped[Instant]
    created_by_kind: Mapped[str] = mapped_column(String(8))
    created_by_id: Mapped[str] = mapped_column(String(60))
    created_by_name: Mapped[str] = mapped_column(String(100))
    expires_at: Mapped[Instant]


def kept_file_name(name: str) -> str:
    """A name as any file system takes it: the last part of a path, no control characters, not too long."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    plain = "".join(
        letter
        for letter in _UNSAFE.sub("", last)
        if letter == "\u200c" or unicodedata.category(letter)[0] != "C"
    ).strip(" .")
    return plain[:_LONGEST_NAME] or "file"


async def add_file(
    session: WriteSession,
    *,
    name: str,
    media_type: str,
    size: int,
    sha256: bytes,
    caller: Caller,
    now: datetime,
    audience: str | None = None,
) -> StoredFile:
    """Store what is known of a content that was kept, and give the file its id.

    Raises:
        FilesUseTooMuch
    """
    used = await session.scalar(select(func.coalesce(func.sum(StoredFile.size), 0)))
    if (used or 0) + size > MOST_BYTES:
        raise FilesUseTooMuch
    file = StoredFile(
        name=kept_file_name(name),
        media_type=media_type,
        size=size,
        sha256=sha256,
        audience=audience,
        created_at=now,
        created_by_kind=caller.kind.value,
        created_by_id=caller.identity,
        created_by_name=caller.name,
        expires_at=now + KEEP_FOR,
    )
    session.add(file)
    await session.flush()
    return file


async def find_file(session: AnySession, file_id: int, *, now: datetime) -> StoredFile | None:
    """The file with this id, unless it has expired."""
    statement = select(StoredFile).where(StoredFile.id == file_id, StoredFile.expires_at > now)
    file: StoredFile | None = await session.scalar(statement)
    return file


async def delete_expired(session: WriteSession, *, now: datetime, limit: int) -> int:
    """Delete up to `limit` expired files, and give their number; their contents are the sweep's."""
    expired = select(StoredFile.id).where(StoredFile.expires_at <= now).order_by(StoredFile.id).limit(limit)
    ids = list(await session.scalars(expired))
    if ids:
        await session.execute(
            delete(StoredFile).where(StoredFile.id.in_(ids)),
            execution_options={"synchronize_session": False},
        )
    return len(ids)


async def unreferenced(session: AnySession, digests: list[bytes]) -> list[bytes]:
    """Those contents that no file has."""
    found = select(StoredFile.sha256).where(StoredFile.sha256.in_(digests))
    kept = set(await session.scalars(found))
    return [digest for digest in digests if digest not in kept]


def may_read(file: StoredFile, caller: Caller) -> bool:
    """Whether the caller holds what the file's audience asks for."""
    if file.audience is None:
        return True
    if file.audience == NOBODY:
        return False
    module = file.audience.partition(":")[0]
    return not {EVERYTHING, f"{module}:*", file.audience}.isdisjoint(caller.granted)
