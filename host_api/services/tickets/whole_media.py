"""Whether a file is one thing only: a whole PDF, PNG or JPEG, with nothing before or behind it.

What is an image to one program and an archive or a page to another gets past whoever looks at its beginning.
"""

from typing import Final, Protocol

from host_api.core.files.media_types import MediaType

TAKEN: Final = frozenset({MediaType.PDF, MediaType.PNG, MediaType.JPEG})

_PNG_HEAD_BYTES: Final = 8
_MOST_CHUNKS: Final = 100_000
_PDF_END_BYTES: Final = 1024
# An archive is read from its end: the record there has 22 bytes and a comment of at most 65,535.
_ARCHIVE_END: Final = b"PK\x05\x06"
_ARCHIVE_END_BYTES: Final = 22 + 65_535
_SCRIPTS: Final = (b"<script", b"<html", b"<svg", b"<?php", b"#!/")
_SCRIPT_BYTES: Final = 1024


class Seekable(Protocol):
    """A content that can be read anywhere."""

    def read(self, size: int, /) -> bytes | None:
        """Up to so many bytes."""

    def seek(self, offset: int, /) -> int:
        """Read on from there."""


def is_whole(content: Seekable, size: int, media_type: MediaType) -> bool:
    """Whether a seekable content of a kind that is taken is that and no more."""
    content.seek(0)
    head = _read(content, _SCRIPT_BYTES).lower()
    content.seek(max(0, size - _ARCHIVE_END_BYTES))
    tail = _read(content, _ARCHIVE_END_BYTES)
    if _ARCHIVE_END in tail or any(script in head for script in _SCRIPTS):
        return False
    if media_type is MediaType.PDF:
        return b"%%EOF" in tail[-_PDF_END_BYTES:]
    if media_type is MediaType.JPEG:
        return tail.endswith(b"\xff\xd9")
    return _is_whole_png(content, size)


def _is_whole_png(content: Seekable, size: int) -> bool:
    """Its chunks end with IEND where the file ends (PNG, Third Edition, 5.3 and 5.6)."""
    place = _PNG_HEAD_BYTES
    for _ in range(_MOST_CHUNKS):
        content.seek(place)
        head = _read(content, 8)
        if len(head) < 8:
            return False
        place += 12 + int.from_bytes(head[:4])
        if head[4:] == b"IEND":
            return place == size
    return False


def _read(content: Seekable, size: int) -> bytes:
    parts = []
    while size > 0 and (part := content.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
