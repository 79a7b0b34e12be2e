"""Brings an image into a slot, piece by piece; a power cut at any byte costs at most one block of it.

There is no record of how far it has come: the pieces come in order into erased flash, so that the last byte
programmed tells.
"""

from terminal.system.update.image import HEADER_BYTES, ImageFault, ImageHeader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.system.update.slot import Slot


class SlotWriter:
    """One image on its way into the slot that is not running.

    Args:
        slot: where to.
        head: at least the first 320 bytes of the image. They must be checked before: what is there goes.

    Raises:
        ImageFault: they are no header, or the image does not fit.
        OSError: the flash failed.
    """

    def __init__(self, slot: "Slot", head: "bytes | memoryview") -> None:
        self.header = ImageHeader(head)
        if self.header.total_bytes > slot.room_bytes:
            raise ImageFault("room")
        self._slot = slot
        self.offset = self._resumed(head[:HEADER_BYTES])

    @property
    def is_complete(self) -> bool:
        """Whether all bytes are there; `finish` tells whether they are the right ones."""
        return self.offset == self.header.total_bytes

    def write(self, offset: int, data: "bytes | memoryview") -> None:
        """Take the bytes at `offset`, which must be `self.offset`.

        Raises:
            ValueError: they are others, or too many.
            OSError: the flash failed.
        """
        if offset != self.offset or offset + len(data) > self.header.total_bytes:
            raise ValueError("not the next piece")
        self._slot.program(offset, data)
        self.offset += len(data)

    def finish(self) -> bool:
        """Whether the image is there as its header says; a wrong one is begun anew next time."""
        if self._slot.is_whole(self.header):
            return True
        self._slot.erase(0)
        self.offset = 0
        return False

    def _resumed(self, head: "bytes | memoryview") -> int:
        slot = self._slot
        if not slot.holds(head):
            slot.wipe()
            return 0
        written = slot.written_bytes()
        if written <= self.header.total_bytes and slot.is_whole(self.header):
            return self.header.total_bytes
        # The last piece may be torn, or an erase: its block is begun again.
        block = min(written - 1, self.header.total_bytes - 1) // slot.block_bytes
        for later in range((written - 1) // slot.block_bytes, block - 1, -1):
            slot.erase(later)
        return block * slot.block_bytes
