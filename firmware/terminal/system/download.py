"""Fetching a file from the switch, part by part: what to ask next, and what to make of the answer. No I/O.

A question is 0300 with field 91 = 5, the file's name in field 101, and in field 120 the offset (DF57) and the
board (DF5B); the answer's field 48 has offset, size, digest and part (DF57 to DF5A). What was not answered is
asked again; an answer may come twice.
"""

import hashlib

from terminal.constant import const
from terminal.messages import tlv
from terminal.system.update.image import HEADER_BYTES, ImageFault, ImageHeader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.system.update.slot_writer import SlotWriter
    from terminal.system.update.updates import Updates
    from terminal.transactions.request import Fields

FIRMWARE = "FIRMWARE"
PARAMETERS = "PARAMETERS"
OFFLINE = "OFFLINE"

# Where a download stands.
ASKING = const(0)
COMPLETE = const(1)
NOTHING_NEW = const(2)
FAILED = const(3)

_OFFSET = const(0xDF57)
_SIZE = const(0xDF58)
_PART = const(0xDF59)
_DIGEST = const(0xDF5A)
_VARIANT = const(0xDF5B)
_PART_LIMIT = const(512)
_DOCUMENT_LIMIT = const(4096)
_RESTARTS = const(3)
_REFUSALS = const(8)
_APPROVED = "00"
_NOT_FOUND = "25"
_LATER = ("58", "63", "91", "96")


class Download:
    """One file on its way; `state` tells where it stands, `reason` in a word why it failed.

    Args:
        name: of the file.
        variant: the board, empty where the file is the same for all.
    """

    def __init__(self, name: str, variant: str = "") -> None:
        self.name = name
        self.state = ASKING
        self.reason = ""
        self._variant = variant.encode()
        self._offset = 0
        self._size = 0
        self._digest = b""
        self._restarts = 0
        self._refusals = 0

    def question(self) -> "Fields":
        """Fields 91, 101 and 120 of the next 0300; the rest is the sender's."""
        record = bytearray(32)
        end = tlv.put(record, 0, _OFFSET, tlv.digits(self._offset, 8))
        if self._variant:
            end = tlv.put(record, end, _VARIANT, self._variant)
        return {91: "5", 101: self.name, 120: bytes(record[:end])}

    def take(self, fields: "Fields") -> int:
        """Take the fields of a verified 0310; returns the state. Raises OSError where the flash failed."""
        if self.state != ASKING:
            return self.state
        code = fields.get(39)
        if code == _NOT_FOUND:
            return self._end(NOTHING_NEW)
        if code != _APPROVED:
            return self._refused() if code in _LATER else self._end(FAILED, "refused")
        private = fields.get(48, b"")
        if not isinstance(private, bytes):
            return self._end(FAILED, "format")
        offset, size = tlv.number(private, _OFFSET), tlv.number(private, _SIZE)
        digest, part = tlv.find(private, _DIGEST), tlv.find(private, _PART)
        if (
            not digest
            or len(digest) != 32
            or not part
            or len(part) > _PART_LIMIT
            or offset + len(part) > size
        ):
            return self._end(FAILED, "format")
        if offset != self._offset:
            return self._refused()  # an answer that came twice, or a switch that answers something else
        if self._digest and (digest != self._digest or size != self._size):
            return self._begin_again()
        self._size, self._digest = size, digest
        self._refusals = 0
        return self._take_part(part)

    def _take_part(self, part: bytes) -> int:
        raise NotImplementedError

    def _forget(self) -> None:
        raise NotImplementedError

    def _refused(self) -> int:
        """It may go better next time, but not for ever."""
        self._refusals += 1
        return self._end(FAILED, "refused") if self._refusals >= _REFUSALS else ASKING

    def _begin_again(self) -> int:
        """The file was replaced meanwhile."""
        self._restarts += 1
        if self._restarts > _RESTARTS:
            return self._end(FAILED, "changing")
        self._offset = 0
        self._digest = b""
        self._forget()
        return ASKING

    def _end(self, state: int, reason: str = "") -> int:
        self.state = state
        self.reason = reason
        return state


class DocumentDownload(Download):
    """A file that fits into memory: parameters or an offline table; `content` once it is complete.

    Its digest only tells that it came over whole: who made it, whoever uses it must check.

    Args:
        name: PARAMETERS or OFFLINE.
        known_digest: SHA-256 of the file that was taken last, so that it does not come again.
    """

    def __init__(self, name: str, known_digest: bytes = b"") -> None:
        super().__init__(name)
        self.content = bytearray()
        self._known_digest = known_digest

    @property
    def digest(self) -> bytes:
        """SHA-256 of the file."""
        return self._digest

    def _take_part(self, part: bytes) -> int:
        if self._digest == self._known_digest:
            return self._end(NOTHING_NEW)
        if self._size > _DOCUMENT_LIMIT:
            return self._end(FAILED, "size")
        self.content.extend(part)
        self._offset += len(part)
        if self._offset < self._size:
            return ASKING
        if hashlib.sha256(self.content).digest() != self._digest:
            return self._end(FAILED, "digest")
        return self._end(COMPLETE)

    def _forget(self) -> None:
        self.content = bytearray()


class FirmwareDownload(Download):
    """An update image on its way into the slot that is not running.

    Nothing is written before its header's signature was checked, and whether it is for this terminal. It goes
    on where a power cut ended an earlier download of the same image.

    Args:
        updates: the slots.
        board: this terminal's.
    """

    def __init__(self, updates: "Updates", board: str) -> None:
        super().__init__(FIRMWARE, board)
        self._updates = updates
        self._writer: "SlotWriter | None" = None

    @property
    def progress_percent(self) -> int:
        """How much of it is there."""
        return self._offset * 100 // self._size if self._size else 0

    def _take_part(self, part: bytes) -> int:
        writer = self._writer
        if writer is None:
            try:
                writer = self._begin(part)
            except ImageFault as fault:
                return self._end(FAILED, fault.reason)
            if writer is None:
                return self._end(NOTHING_NEW)
            self._writer = writer
        if writer.offset == self._offset:
            writer.write(self._offset, part)
        self._offset = writer.offset
        if not writer.is_complete:
            return ASKING
        return self._end(COMPLETE) if writer.finish() else self._end(FAILED, "digest")

    def _begin(self, part: bytes) -> "SlotWriter | None":
        """None where the image is the one that runs, or one that was tried here in vain."""
        header = ImageHeader(part[:HEADER_BYTES])
        if header.total_bytes != self._size:
            raise ImageFault("size")
        updates = self._updates
        updates.check(header)
        if updates.is_running(header) or updates.has_refused(header):
            return None
        return updates.writer(part[:HEADER_BYTES])

    def _forget(self) -> None:
        self._writer = None
