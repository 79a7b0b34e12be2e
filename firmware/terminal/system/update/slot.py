"""A slot: a range of flash blocks that holds one image, whole, in part, or none."""

import hashlib

from terminal.constant import const
from terminal.system.update.image import HEADER_BYTES, ImageFault, ImageHeader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.hal.contract import Flash

_PIECE = const(128)


class Slot:
    """Blocks `first` to `first` + `count` - 1 of a flash; offsets are counted from the first one."""

    def __init__(self, flash: "Flash", first: int, count: int) -> None:
        self.block_bytes = flash.block_bytes
        self.block_count = count
        self.room_bytes = count * flash.block_bytes
        self._flash = flash
        self._first = first
        self._piece = memoryview(bytearray(_PIECE))

    def read(self, offset: int, into: "bytearray | memoryview") -> None:
        """Fill `into` from `offset`."""
        self._must_be_ours(offset, len(into))
        self._flash.read(self._first * self.block_bytes + offset, into)

    def holds(self, data: "bytes | memoryview") -> bool:
        """Whether it begins with these bytes."""
        for at in range(0, len(data), _PIECE):
            part = data[at : at + _PIECE]
            self.read(at, self._piece[: len(part)])
            if self._piece[: len(part)] != part:
                return False
        return True

    def program(self, offset: int, data: "bytes | bytearray | memoryview") -> None:
        """Write over erased bytes. Raises OSError."""
        self._must_be_ours(offset, len(data))
        self._flash.program(self._first * self.block_bytes + offset, data)

    def erase(self, block: int) -> None:
        """Erase one of its blocks. Raises OSError."""
        self._must_be_ours(block * self.block_bytes, self.block_bytes)
        self._flash.erase(self._first + block)

    def wipe(self) -> None:
        """Erase all of it from its end on: as long as there is a header, what it promises is damaged."""
        for block in range(self.block_count - 1, -1, -1):
            if self._end_of(block * self.block_bytes, (block + 1) * self.block_bytes):
                self.erase(block)

    def header(self) -> "ImageHeader | None":
        """The header that stands there, not yet trusted, or None."""
        head = bytearray(HEADER_BYTES)
        self.read(0, head)
        try:
            header = ImageHeader(head)
        except ImageFault:
            return None
        return header if header.total_bytes <= self.room_bytes else None

    def is_sound(self, header: ImageHeader, modulus: bytes) -> bool:
        """Whether `header`, which stands here, is signed and its content as it says."""
        try:
            header.check_signature(modulus)
        except ImageFault:
            return False
        return self.is_whole(header)

    def is_whole(self, header: ImageHeader) -> bool:
        """Whether the content is what the header says."""
        digest = hashlib.sha256()
        at = HEADER_BYTES
        while at < header.total_bytes:
            step = min(_PIECE, header.total_bytes - at)
            self.read(at, self._piece[:step])
            digest.update(self._piece[:step])
            at += step
        return bool(digest.digest() == header.digest)

    def written_bytes(self) -> int:
        """Behind how many bytes there is nothing but erased ones."""
        return self._end_of(0, self.room_bytes)

    def _end_of(self, start: int, end: int) -> int:
        """Where what was programmed between two offsets ends; 0 where nothing was."""
        blank = b"\xff" * _PIECE
        while end > start:
            step = min(_PIECE, end - start)
            piece = self._piece[:step]
            self.read(end - step, piece)
            if piece != blank[:step]:
                while piece[step - 1] == 0xFF:
                    step -= 1
                    end -= 1
                return end
            end -= step
        return 0

    def _must_be_ours(self, offset: int, size: int) -> None:
        if offset < 0 or offset + size > self.room_bytes:
            raise OSError("past the end of the slot")
