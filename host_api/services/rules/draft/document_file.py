"""A text out of a file that was given: a rule document, or sales."""

import asyncio
from typing import Final

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession
from host_api.core.errors import NotPermitted
from host_api.core.files.content_store import ContentMissing, ContentStore
from host_api.core.files.file_table import find_file, may_read
from host_api.core.files.media_types import MediaType
from host_api.services.rules.draft.problems import DocumentFileGone, DocumentUnreadable

# By its bytes a TOML file is told for CSV.
_TEXTS: Final = frozenset((MediaType.JSON.value, MediaType.JSON_LINES.value, MediaType.CSV.value))
_LARGEST_BYTES: Final = 16 << 20


async def document_text(session: AnySession, contents: ContentStore, caller: Caller, file_id: int) -> str:
    """The text of a file.

    Raises:
        DocumentFileGone, NotPermitted, DocumentUnreadable
    """
    file = await find_file(session, file_id, now=utc_now())
    if file is None or file.media_type not in _TEXTS:
        raise DocumentFileGone
    if not may_read(file, caller):
        raise NotPermitted
    if file.size > _LARGEST_BYTES:
        raise DocumentUnreadable([f"the file is larger than {_LARGEST_BYTES >> 20} MiB"])
    try:
        content = await asyncio.to_thread(_content, contents, file.programme_id, file.sha256)
        return content.decode("utf-8-sig")
    except ContentMissing:
        raise DocumentFileGone from None
    except UnicodeDecodeError:
        raise DocumentUnreadable(["the file is not UTF-8"]) from None


def _content(contents: ContentStore, programme_id: int, sha256: bytes) -> bytes:
    with contents.open(programme_id, sha256) as content:
        return content.read()
