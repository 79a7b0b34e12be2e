"""Reading an NFC Forum Type 2 tag: which pages to ask for, and where the NDEF message lies in them.

Page 3 says how much there is; the data area from page 4 on is a row of TLVs. READ (0x30) gives four pages
at once.
"""

from terminal.constant import const
from terminal.devices.misread import Misread

_READ = const(0x30)
_CAPABILITY_PAGE = const(3)
_MAGIC = const(0xE1)
_PAGE_BYTES = const(4)
_BLOCK_BYTES = const(16)
# A member number needs 30 bytes; longer tags are read no further.
_AREA_LIMIT = const(256)
_NULL = const(0x00)
_NDEF = const(0x03)
_TERMINATOR = const(0xFE)
_LONG = const(0xFF)


class Type2Reading:
    """One reading of one tag: send it `command()`, give its answer to `take`, until there is no command."""

    def __init__(self) -> None:
        self._area = bytearray(_AREA_LIMIT)
        self._held = 0
        self._size = _BLOCK_BYTES - _PAGE_BYTES  # until the capability page is known
        self._version_known = False
        self.message: "memoryview | None" = None

    def command(self) -> "bytes | None":
        """The next READ; None once `message` is there."""
        if self.message is not None:
            return None
        page = _CAPABILITY_PAGE
        if self._version_known:
            page = 4 + self._held // _PAGE_BYTES
        return bytes((_READ, page))

    def take(self, answer: bytes) -> None:
        """The tag's answer to the last command.

        Raises:
            Misread: tag (not formatted, or its answer is nonsense) or ndef (there is no whole message in it).
        """
        if len(answer) != _BLOCK_BYTES:
            raise Misread("tag")
        if not self._version_known:
            if answer[0] != _MAGIC or answer[1] >> 4 != 1:
                raise Misread("tag")
            self._version_known = True
            self._size = min(answer[2] * 8, _AREA_LIMIT)
            answer = answer[_PAGE_BYTES:]
        # Behind its last page a tag begins again with the first.
        size = min(len(answer), self._size - self._held)
        self._area[self._held : self._held + size] = answer[:size]
        self._held += size
        if not self._search() and self._held >= self._size:
            raise Misread("ndef")

    def _search(self) -> bool:
        """Look for the message in what has been read; False if more must be read to tell."""
        area = memoryview(self._area)
        at = 0
        while at < self._held:
            tag = area[at]
            at += 1
            if tag == _NULL:
                continue
            if tag == _TERMINATOR:
                raise Misread("ndef")
            if at >= self._held:
                return False
            size = area[at]
            at += 1
            if size == _LONG:
                if at + 2 > self._held:
                    return False
                size = area[at] << 8 | area[at + 1]
                at += 2
            if tag == _NDEF:
                if at + size > self._size:
                    raise Misread("ndef")
                if at + size > self._held:
                    return False
                self.message = area[at : at + size]
                return True
            at += size
        return False
