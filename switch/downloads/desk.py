"""Terminals' questions for parts of their files: the answer takes a look into the directory, in a thread.

Nothing is journaled: nothing changes, and whoever asks again gets the file of that moment.
"""

import logging
from typing import Final

from protocol.dialect import FileName, FileUpdateCode, ResponseCode, Tag
from switch.authoriser.decision import Reply
from switch.authoriser.request import FileAction
from switch.downloads.library import FILE_BYTES_MAX, Library, LibraryFault, Part

_LOG = logging.getLogger("switch.downloads")

FILES: Final = (FileName.FIRMWARE, FileName.PARAMETERS, FileName.OFFLINE)
# Questions that may be under way at a time; more are answered 91, and asked again.
INQUIRIES_MAX: Final = 128


class FileInquiry:
    """A question whose answer must be fetched: call `work` in any thread, then `FileDesk.finish`."""

    def __init__(self, library: Library, request: FileAction, variant: str, offset: int) -> None:
        self._library = library
        self._request = request
        self._variant = variant
        self._offset = offset
        self.part: Part | None = None
        self.code = ResponseCode.RECORD_NOT_FOUND

    @property
    def offset(self) -> int:
        """Where the part begins."""
        return self._offset

    def work(self) -> None:
        """Look into the directory."""
        terminal_id, name = self._request.identity.terminal_id, self._request.file_name
        try:
            self.part = self._library.part(terminal_id, name, self._variant, self._offset)
        except (LibraryFault, OSError) as fault:
            self.code = ResponseCode.SYSTEM_MALFUNCTION
            _LOG.error("no %s for terminal %r: %s", name, terminal_id, fault)


class FileDesk:
    """For one switch, in its thread; `library` is None where it has no files."""

    def __init__(self, library: Library | None) -> None:
        self._library = library
        self._under_way = 0

    def take(self, request: FileAction) -> Reply | FileInquiry:
        """The answer to a file action about one of FILES, or what must be done before there is one."""
        if request.action != FileUpdateCode.INQUIRE:
            return Reply(ResponseCode.INVALID_TRANSACTION)
        tags = dict(request.record)
        offset, variant = tags.get(Tag.FILE_OFFSET), tags.get(Tag.FILE_VARIANT, "")
        if not isinstance(offset, str) or not isinstance(variant, str):
            return Reply(ResponseCode.FILE_FIELD_EDIT_ERROR)
        if not (offset.isascii() and offset.isdecimal()) or int(offset) > FILE_BYTES_MAX:
            return Reply(ResponseCode.FILE_FIELD_EDIT_ERROR)
        if self._library is None:
            return Reply(ResponseCode.RECORD_NOT_FOUND)
        if self._under_way >= INQUIRIES_MAX:
            return Reply(ResponseCode.SWITCH_INOPERATIVE)
        self._under_way += 1
        return FileInquiry(self._library, request, variant, int(offset))

    def finish(self, inquiry: FileInquiry) -> Reply:
        """The answer, when the inquiry's work is done."""
        self._under_way -= 1
        part = inquiry.part
        if part is None:
            return Reply(inquiry.code)
        tags: list[tuple[str, str | bytes]] = [
            (Tag.FILE_OFFSET.value, f"{inquiry.offset:08d}"),
            (Tag.FILE_BYTES.value, f"{part.file_bytes:08d}"),
            (Tag.FILE_DIGEST.value, part.digest),
        ]
        if part.content:
            tags.append((Tag.FILE_PART.value, part.content))
        return Reply(ResponseCode.APPROVED, tags=tuple(tags))
