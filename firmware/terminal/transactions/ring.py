"""Adds records to a ring on raw NOR flash, and recycles its blocks strictly oldest first.

Nothing is programmed twice. An epoch is never given twice either, so the place of a record in its epoch may
serve as a nonce.
"""

import struct
from binascii import crc32

from terminal.transactions.blocks import (
    HEADER_BYTES,
    MAGIC,
    RECORD_BYTES,
    UNIT,
    VERSION,
    BlockReader,
    JournalFault,
    space_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class RecordRing(BlockReader):
    """The ring at work. See `scan` for how to begin."""

    def abandon(self) -> None:
        """Undo the opening of the newest block: it is opened next, unless it is the only one."""
        previous = -1
        for block, epoch in enumerate(self._epochs):
            if block != self._active and epoch > (self._epochs[previous] if previous >= 0 else 0):
                previous = block
        if previous >= 0:
            self._active = previous
        self._offset = self.flash.block_bytes

    @property
    def room(self) -> int:
        """Bytes left in the block at work."""
        return self.flash.block_bytes - self._offset

    @property
    def next_block(self) -> int:
        """The block that is opened next."""
        return (self._active + 1) % self.flash.block_count

    def place(self) -> "tuple[int, int]":
        """Epoch and location of the next record."""
        return self._epochs[self._active], self._active * self.flash.block_bytes + self._offset

    def append(
        self,
        kind: int,
        parts: "tuple[bytes | bytearray | memoryview, ...]",
        cover: "Callable[[memoryview], None] | None" = None,
        clear: int = 0,
    ) -> int:
        """Add a record of `parts` in a row, for which there is `room`, and verify it.

        Args:
            kind: the record's meaning, 0 to 254.
            parts: payload pieces, together at most `PAYLOAD_LIMIT` bytes.
            cover: makes the payload behind its first `clear` bytes unreadable, in place.
            clear: see `cover`.

        Returns:
            Its location, or -1 where the flash took something else; the place is passed over then.
        """
        view = memoryview(self._scratch)
        size = RECORD_BYTES
        for part in parts:
            view[size : size + len(part)] = part
            size += len(part)
        if cover:
            cover(view[RECORD_BYTES + clear : size])
        space = space_of(size - RECORD_BYTES)
        struct.pack_into("<HBB", view, 4, size - RECORD_BYTES, kind, self._epochs[self._active] & 0xFF)
        struct.pack_into("<I", view, 0, crc32(view[4:size]))
        for padding in range(size, space):
            view[padding] = 0
        location = self._active * self.flash.block_bytes + self._offset
        self._offset += space
        return location if self._program(location, view[:space]) else -1

    def _program(self, location: int, data: memoryview) -> bool:
        try:
            self.flash.program(location, data)
        except OSError:
            return False
        view = memoryview(self._check)
        done = 0
        while done < len(data):
            step = min(len(view), len(data) - done)
            self.flash.read(location + done, view[:step])
            if view[:step] != data[done : done + step]:
                return False
            done += step
        return True

    def open(self, trace: int, living: "Callable[[int], list[int]]") -> int:
        """Recycle the next block and go on in it; returns its number.

        Args:
            trace: the highest trace number reserved, for the header.
            living: what must stay of a block.

        Raises:
            JournalFault: the next block must stay, or no block takes a header.
        """
        count = self.flash.block_count
        active = self._active
        for step in range(1, count + 1):
            block = (active + step) % count
            if block == active or living(block):
                break
            base = block * self.flash.block_bytes
            if self._epochs[block]:
                # A cut in the erase could spare a sale's opening, not its closing; this disowns both first.
                self._program(base + UNIT, memoryview(bytes(UNIT)))
            if not self._blank[block]:
                self.flash.erase(block)
            self._epochs[block] = 0
            self._blank[block] = False
            self._newest += 1
            header = memoryview(self._scratch)[:UNIT]
            header[:5] = struct.pack("<3sBB", MAGIC, VERSION, VERSION)
            header[5:12] = trace.to_bytes(3, "little") + struct.pack("<I", self._newest)
            header[12:] = struct.pack("<I", crc32(header[:12]))
            if self._program(base, header):
                self._epochs[block] = self._newest
                self._active = block
                self._offset = HEADER_BYTES
                return block
        raise JournalFault("journal is full")
