"""Reads a ring of checksummed records on raw NOR flash: its blocks in their order, and their records.

A block starts with a header (magic, format version twice, trace number, epoch, CRC-32), then 16
bytes that stay erased until the block is retired, then records: CRC-32, payload length, kind, low byte of
the epoch, payload, padded to 16 (flash with error correction forbids to program anything twice). A torn
record seals its block; what follows goes to the next one.
"""

import struct
from binascii import crc32

from terminal.constant import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.hal.contract import Flash

    Visit = Callable[[int, int, memoryview], None]

MAGIC = b"VFJ"
VERSION = const(3)
HEADER_BYTES = const(32)
RECORD_BYTES = const(8)
UNIT = const(16)
PAYLOAD_LIMIT = const(1088)
TRACE = const(0)  # the kind under which a block header's own number is visited


class JournalFault(Exception):  # noqa: N818
    """The journal can't be used; the text says why. Nothing was erased."""


def space_of(payload_bytes: int) -> int:
    """Bytes of flash that a record takes."""
    return (payload_bytes + RECORD_BYTES + UNIT - 1) & -UNIT


class BlockReader:
    """The blocks and their records. What the records mean is the journal's business."""

    def __init__(self, flash: "Flash") -> None:
        self.flash = flash
        self.discarded_blocks = 0
        self._scratch = bytearray(PAYLOAD_LIMIT + RECORD_BYTES + UNIT)
        self._check = bytearray(64)
        self._epochs = [0] * flash.block_count  # 0: free or to be erased
        self._blank = [False] * flash.block_count
        self._newest = 0
        self._active = -1
        self._offset = flash.block_bytes

    def _read_headers(self) -> None:
        foreign = 0
        for block in range(self.flash.block_count):
            self._epochs[block] = self._header_epoch(block)
            if self._epochs[block]:
                continue
            self._blank[block] = self._is_blank(block, 0, self.flash.block_bytes)
            if not self._blank[block]:
                self.discarded_blocks += 1
                # A torn header leaves the rest blank; anything else is a torn erase, or not ours.
                if not self._is_blank(block, HEADER_BYTES, self.flash.block_bytes):
                    foreign += 1
        if foreign and not any(self._epochs):
            raise JournalFault("flash holds something that is not a journal")
        # Each block whose header can't be read may have been newer than all that can.
        self._newest = max(self._epochs) + self.discarded_blocks

    def _header_epoch(self, block: int) -> int:
        header = memoryview(self._scratch)[:HEADER_BYTES]
        self.flash.read(block * self.flash.block_bytes, header)
        version = header[3]
        if bytes(header[:3]) != MAGIC or version == 0xFF or version != header[4]:
            return 0
        if version != VERSION:
            raise JournalFault("journal format version %d is not known to this firmware" % version)
        epoch, check = struct.unpack("<II", header[8:16])
        if crc32(header[:12]) != check or not self._is_blank(block, UNIT, HEADER_BYTES):
            return 0
        return int(epoch)

    def _is_blank(self, block: int, offset: int, end: int) -> bool:
        base = block * self.flash.block_bytes
        view = memoryview(self._check)
        while offset < end:
            step = min(len(view), end - offset)
            self.flash.read(base + offset, view[:step])
            for value in view[:step]:
                if value != 0xFF:
                    return False
            offset += step
        return True

    def scan(self, visit: "Visit") -> None:
        """Find the blocks and the place of the next record, and `walk`.

        Raises:
            JournalFault: the flash holds another format, or something else altogether.
        """
        self._read_headers()
        self._active, self._offset = self.walk(visit)

    def walk(self, visit: "Visit") -> "tuple[int, int]":
        """Call `visit(kind, location, payload)` for every good record, oldest first.

        Each block begins with TRACE at its first byte. The payload is good until `visit` returns or reads.

        Returns:
            The newest block, -1 where there is none, and the offset from which it is blank.
        """
        block = -1
        end = self.flash.block_bytes
        for _, block in sorted((epoch, block) for block, epoch in enumerate(self._epochs) if epoch):
            base = block * self.flash.block_bytes
            header = memoryview(self._scratch)[:8]
            self.flash.read(base, header)
            header[4:7] = header[5:8]
            header[7] = 0
            visit(TRACE, base, header[4:])
            end = self._walk_block(block, visit)
        return block, end

    def _walk_block(self, block: int, visit: "Visit") -> int:
        offset = HEADER_BYTES
        sealed = False
        end = HEADER_BYTES
        while offset + RECORD_BYTES <= self.flash.block_bytes:
            size = self._load(block, offset)
            if size:
                payload = memoryview(self._scratch)[RECORD_BYTES:size]
                visit(self._scratch[6], block * self.flash.block_bytes + offset, payload)
                offset += space_of(size - RECORD_BYTES)
                end = offset
            elif self._is_blank(block, offset, self.flash.block_bytes):
                break
            else:
                sealed = True
                offset += UNIT
        return self.flash.block_bytes if sealed else end

    def _load(self, block: int, offset: int) -> int:
        """Read the record at `offset` into the scratch buffer; its size, or 0 when there is none."""
        base = block * self.flash.block_bytes + offset
        view = memoryview(self._scratch)
        self.flash.read(base, view[:RECORD_BYTES])
        check, length, _, epoch = struct.unpack("<IHBB", view[:RECORD_BYTES])
        size = int(length) + RECORD_BYTES
        if (
            length > PAYLOAD_LIMIT
            or offset + size > self.flash.block_bytes
            or epoch != self._epochs[block] & 0xFF
        ):
            return 0
        self.flash.read(base + RECORD_BYTES, view[RECORD_BYTES:size])
        return size if crc32(view[4:size]) == check else 0

    def read(self, location: int) -> "tuple[int, bytes]":
        """Kind and payload of the record at `location`.

        Raises:
            JournalFault: it is damaged.
        """
        block, offset = divmod(location, self.flash.block_bytes)
        size = self._load(block, offset)
        if not size:
            raise JournalFault("a journal record is damaged")
        return self._scratch[6], bytes(memoryview(self._scratch)[RECORD_BYTES:size])
