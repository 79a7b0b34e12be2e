"""What a content is, told by its bytes and not by its name; a short list, and nothing beside it."""

import io
import zipfile
from enum import StrEnum
from typing import Final

_HEAD_BYTES: Final = 4096
_XLSX_PART: Final = "xl/workbook.xml"
_EPUB_PART: Final = "META-INF/container.xml"
_SIGNATURES: Final = ((b"%PDF-", "application/pdf"), (b"\x89PNG\r\n\x1a\n", "image/png"))
_SEPARATORS: Final = frozenset("\t\r\n")


class MediaType(StrEnum):
    """Contents that are taken in."""

    CSV = "text/csv"
    JSON = "application/json"
    JSON_LINES = "application/x-ndjson"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"
    MP4 = "video/mp4"
    EPUB = "application/epub+zip"


def sniff(content: io.RawIOBase) -> MediaType | None:
    """The kind of a seekable content, None for anything else; an empty one is none."""
    head = content.read(_HEAD_BYTES) or b""
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            return MediaType(name)
    if head.startswith(b"\xff\xd8\xff"):
        return MediaType.JPEG
    if head[4:8] == b"ftyp":
        return MediaType.MP4
    if head.startswith(b"PK\x03\x04"):
        return _sniff_zip(content)
    return _sniff_text(head)


def _sniff_zip(content: io.RawIOBase) -> MediaType | None:
    content.seek(0)
    try:
        with zipfile.ZipFile(io.BufferedReader(content)) as archive:
            names = archive.namelist()
            if _XLSX_PART in names:
                return MediaType.XLSX
            return MediaType.EPUB if _EPUB_PART in names else None
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, OverflowError):
        return None


def _sniff_text(head: bytes) -> MediaType | None:
    text = _as_text(head)
    if text is None or not text.strip():
        return None
    if any(letter < " " and letter not in _SEPARATORS for letter in text):
        return None
    first = text.lstrip()[0]
    if first == "[":
        return MediaType.JSON
    return MediaType.JSON_LINES if first == "{" else MediaType.CSV


def _as_text(head: bytes) -> str | None:
    """The beginning as UTF-8; the last character may be cut."""
    for cut in range(4 if len(head) == _HEAD_BYTES else 1):
        try:
            return head[: len(head) - cut].decode("utf-8-sig")
        except UnicodeDecodeError:
            continue
    return None
