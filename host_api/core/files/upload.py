"""Takes in one file of a form (multipart/form-data, RFC 7578) as it comes, sealed at once.

It is received before the endpoint's session is opened: a slow sender holds no transaction.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastapi import Depends, Request

from host_api.core.access.authentication import CallerDependency
from host_api.core.access.permissions import Permission
from host_api.core.errors import BadRequest, FieldProblem, NotPermitted, Problem, ValidationFailed
from host_api.core.files.content_store import Draft, TooLarge
from host_api.core.files.file_table import LARGEST_FILE_BYTES, kept_file_name
from host_api.core.files.media_types import MediaType, sniff
from host_api.core.idempotency import note_received
from host_api.core.runtime import runtime_of

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

# Of the form around the file.
FORM_BYTES: Final = 16 * 1024

_FIELD: Final = "file"
_LARGEST_HEADER_BYTES: Final = 2048
_IDLE_TIMEOUT_S: Final = 30.0
_TIMEOUT_S: Final = 900.0
_FILE_IS_MISSING: Final = FieldProblem(
    field=_FIELD,
    location="body",
    code="missing",
    message="Send the file as the one field `file` of a form (multipart/form-data)",
    message_fa="فایل را در تنها مورد file از یک فرم (multipart/form-data) بفرستید.",
)


class FileTooLarge(Problem):
    """The file is larger than files may be."""

    status = 413
    code = "file-too-large"
    title = "File too large"
    title_fa = "فایل بیش از اندازه بزرگ است"
    detail = "A file may have at most 64 MiB."
    detail_fa = "فایل حداکثر می‌تواند ۶۴ مبی‌بایت باشد."


class MediaTypeUnknown(Problem):
    """The content is none of the kinds that are taken in."""

    status = 415
    code = "media-type-unknown"
    title = "Not a file of a known kind"
    title_fa = "نوع فایل شناخته نیست"
    detail = "Files are taken as CSV or JSON in UTF-8, XLSX, PDF, PNG or JPEG, told by their content."
    detail_fa = "فایل باید از روی محتوا CSV یا JSON با UTF-8، یا XLSX، PDF، PNG یا JPEG باشد."


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was received, not kept yet."""

    draft: Draft
    name: str
    media_type: MediaType


class Receives:
    """Dependency: the one file of the request's form. It stands before the endpoint's `writes`."""

    def __init__(self, permission: Permission) -> None:
        self._permission = permission

    async def __call__(self, request: Request, caller: CallerDependency) -> AsyncIterator[Upload]:
        """The upload, for as long as the endpoint runs."""
        if not self._permission.is_in(caller.granted):
            raise NotPermitted
        contents = runtime_of(request).contents
        draft = await asyncio.to_thread(contents.draft, caller.programme_id, LARGEST_FILE_BYTES)
        try:
            name = await _receive(request, draft)
            media_type = await asyncio.to_thread(_kind_of, draft)
            if media_type is None:
                raise MediaTypeUnknown
            note_received(request, draft.sha256 + name.encode())
            yield Upload(draft, name, media_type)
        finally:
            draft.discard()


def receives(permission: Permission) -> object:
    """The dependency of an endpoint that takes a file."""
    return Depends(Receives(permission), scope="function")


def _kind_of(draft: Draft) -> MediaType | None:
    with draft.open() as content:
        return sniff(content)


async def _receive(request: Request, draft: Draft) -> str:
    """Write the file of the form to `draft`; its name."""
    # The parser is slow to import, and only uploads need it.
    from python_multipart.exceptions import FormParserError  # noqa: PLC0415
    from python_multipart.multipart import MultipartParser, parse_options_header  # noqa: PLC0415

    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        raise ValidationFailed([_FILE_IS_MISSING])
    form = _Form(draft)
    try:
        parser = MultipartParser(
            boundary, form.callbacks(), max_header_count=8, max_header_size=_LARGEST_HEADER_BYTES
        )
        async with asyncio.timeout(_TIMEOUT_S):
            pieces = request.stream()
            while True:
                async with asyncio.timeout(_IDLE_TIMEOUT_S):
                    piece = await anext(pieces, None)
                if piece is None:
                    break
                if piece:
                    await asyncio.to_thread(parser.write, piece)
        parser.finalize()
    except FormParserError:
        raise ValidationFailed([_FILE_IS_MISSING]) from None
    except TooLarge:
        raise FileTooLarge(headers={"Connection": "close"}) from None
    except TimeoutError:
        raise BadRequest(headers={"Connection": "close"}) from None
    if form.name is None or not form.is_whole:
        raise ValidationFailed([_FILE_IS_MISSING])
    return form.name


class _Form:
    """Picks the file out of the parser's callbacks; any other field is refused."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._field = b""
        self._value = b""
        self._disposition = b""
        self.name: str | None = None
        self.is_whole = False

    def callbacks(self) -> "MultipartCallbacks":
        """What the parser calls."""
        return {
            "on_header_field": self._on_header_field,
            "on_header_value": self._on_header_value,
            "on_header_end": self._on_header_end,
            "on_headers_finished": self._on_headers_finished,
            "on_part_data": self._on_part_data,
            "on_end": self._on_end,
        }

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        if self._field.lower() == b"content-disposition":
            self._disposition = self._value
        self._field = self._value = b""

    def _on_headers_finished(self) -> None:
        from python_multipart.multipart import parse_options_header  # noqa: PLC0415

        _, options = parse_options_header(self._disposition)
        if self.name is not None or options.get(b"name") != _FIELD.encode():
            raise ValidationFailed([_FILE_IS_MISSING])
        self.name = kept_file_name(options.get(b"filename", b"").decode("utf-8", errors="replace"))

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._draft.write(data[start:end])

    def _on_end(self) -> None:
        self.is_whole = True


UPLOAD_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [_FIELD],
                    "properties": {_FIELD: {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}
