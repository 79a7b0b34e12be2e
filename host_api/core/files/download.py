"""Gives the content of a file as a stream."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import quote

from fastapi.responses import StreamingResponse

from host_api.core.encryption.sealed_stream import CHUNK_BYTES, StreamReader
from host_api.core.errors import Problem
from host_api.core.files.content_store import ContentMissing, ContentStore
from host_api.core.files.file_table import StoredFile

_log = logging.getLogger(__name__)

# An attachment is never opened as a page of ours.
DOWNLOAD_HEADERS: Final = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


def attachment(name: str) -> str:
    """A Content-Disposition for a name in any script (RFC 6266, RFC 8187)."""
    plain = "".join(letter if letter.isascii() and letter.isprintable() else "_" for letter in name)
    return f"attachment; filename=\"{plain.replace(chr(34), '_')}\"; filename*=UTF-8''{quote(name, safe='')}"


async def stream_file(contents: ContentStore, file: StoredFile) -> StreamingResponse:
    """The file as an answer.

    Raises:
        Problem: its content is not there.
        SealFault: it is damaged.
    """
    try:
        content = await asyncio.to_thread(contents.open, file.programme_id, file.sha256)
    except ContentMissing:
        _log.error("the content of file %d is not on disk", file.id)
        raise Problem from None
    headers = {
        "Content-Disposition": attachment(file.name),
        "Content-Length": str(content.size),
        **DOWNLOAD_HEADERS,
    }
    return StreamingResponse(_pieces(content), media_type=file.media_type, headers=headers)


async def _pieces(content: StreamReader) -> AsyncIterator[bytes]:
    try:
        while piece := await asyncio.to_thread(content.read, CHUNK_BYTES):
            yield piece
    finally:
        content.close()
