"""Fetching a file from the switch, part by part: what to ask next, and what to make of the answer. No I/O.

A question is 0300 with field 91 = 5, the file's name in field 101, and in field 120 the offset (DF57) and the
board (DF5B); the answer's field 48 has offset, size, digest and part (DF57 to DF5A). What was not answered is
asked again; an answer may come twice.
"""

import hashlib

from terminal.constant import const
from terminal.messages import tlv

TYPE_CHECKING = False
if TYPE_CHECKING:
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
        known_digest: SHA-256 of the file that was taken or refused last, so that it does not come again.
    """

    def __init__(self, name: str, variant: str = "", known_digest: bytes = b"") -> None:
        self.name = name
        self.state = ASKING
        self.reason = ""
        self._variant = variant.encode()
        self._offset = 0
        self._size = 0
        self._digest = b""
        self._known_digest = known_digest
        self._restarts = 0
        self._refusals = 0

    @property
    def digest(self) -> bytes:
        """SHA-256 of the file, once the switch has told it."""
        return self._digest

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
        if digest == self._known_digest:
            return self._end(NOTHING_NEW)
        self._refusals = 0
        return self._take_part(part)

    def work(self) -> None:
        """What is to be done between an answer, once it is forgotten, and the next question."""

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
        known_digest: as of any download.
    """

    def __init__(self, name: str, known_digest: bytes = b"") -> None:
        super().__init__(name, "", known_digest)
        self.content = bytearray()

    def _take_part(self, part: bytes) -> int:
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
