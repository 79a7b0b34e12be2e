"""Files that a service keeps for as long as its record has them.

Such a file is for nobody but the service, which gives it out by an endpoint of its own, and doesn't expire.
"""

from datetime import UTC, datetime
from typing import Final

from host_api.core.database import WriteSession
from host_api.core.errors import Problem
from host_api.core.files.file_table import KEEP_FOR, NOBODY, StoredFile

NEVER: Final = datetime(9999, 12, 31, tzinfo=UTC)


class FileNotFree(Problem):
    """No file has this id, it has expired, or another record has it."""

    status = 409
    code = "file-not-free"
    title = "File not to be had"
    title_fa = "این فایل در دسترس نیست"
    detail = "There is no such file, it has expired, or another record has it; give it again by /v1/files."
    detail_fa = "چنین فایلی نیست، منقضی شده یا از آن رکورد دیگری است؛ دوباره با ‎/v1/files‎ بفرستید."
    field = "file_id"


async def keep_file(session: WriteSession, file_id: int, now: datetime) -> StoredFile:
    """Take a file that people have given, and have it kept.

    Raises:
        FileNotFree
    """
    file = await session.get(StoredFile, file_id, with_for_update=True)
    if file is None or file.expires_at <= now or file.audience is not None:
        raise FileNotFree
    file.audience, file.expires_at = NOBODY, NEVER
    await session.flush()
    return file


async def let_file_go(session: WriteSession, file_id: int, now: datetime) -> None:
    """Have a file that was kept expire as others do; nobody else gets it meanwhile."""
    file = await session.get(StoredFile, file_id, with_for_update=True)
    if file is not None:
        file.expires_at = now + KEEP_FOR
