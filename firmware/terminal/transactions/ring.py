"""An append-only ring of checksummed records on raw NOR flash.

A block starts with a header (magic, format version twice, trace number, epoch, CRC-32), then 16
bytes that stay erased until the block is retired, then records: CRC-32, payload length, kind, low byte of
the epoch, payload, padded to 16 bytes. Nothing is programmed twice, since flash with error correction
forbids it. A torn record seals its block; what follows goes to the next one. Blocks are recycled strictly
oldest first: the record that closes a sale must never go before the one that opened it.
"""

import struct
from binascii import crc32

from terminal.constant import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.hal.contract import Flash

_MAGIC = b"VFJ"
_VERSION = const(1)
_HEADER_BYTES = const(32)
_RECORD_BYTES = const(8)
_UNIT = const(16)
PAYLOAD_LIMIT = const(1040)
TRACE = const(0)  # the kind under which a block header's own number is visited


class JournalFault(Exception):  # noqa: N818
    """The journal can't be used; the text says why. Nothing was erased."""


class RecordRing:
    """The blocks and their records. What the records mean is the journal's business."""

    def __init__(self, flash: "Flash") -> None:
        self.flash = flash
        self.discarded_blocks = 0
        self._scratch = bytearray(PAYLOAD_LIMIT + _RECORD_BYTES + _UNIT)
        self._check = bytearray(64)
        self._epochs = [0] * flash.block_count  # 0: free or to be erased
        self._blank = [False] * flash.block_count
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
                if not self._is_blank(block, _HEADER_BYTES, self.flash.block_bytes):
                    foreign += 1
        if foreign and not any(self._epochs):
            raise JournalFault("flash holds something that is not a journal")

    def _header_epoch(self, block: int) -> int:
        header = memoryview(self._scratch)[:_HEADER_BYTES]
        self.flash.read(block * self.flash.block_bytes, header)
        version = header[3]
        if bytes(header[:3]) != _MAGIC or version == 0xFF or version != header[4]:
            return 0
        if version != _VERSION:
            raise JournalFault("journal format version %d is not known to this firmware" % version)
        epoch, check = struct.unpack("<II", header[8:16])
        if crc32(header[:12]) != check or not self._is_blank(block, _UNIT, _HEADER_BYTES):
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

    def scan(self, visit: "Callable[[int, int, memoryview], None]") -> None:
        """Call `visit(kind, location, payload)` for every good record, oldest first.

        Raises:
            JournalFault: the flash holds a newer format, or something else altogether.
        """
        self._read_headers()
        order = sorted((epoch, block) for block, epoch in enumerate(self._epochs) if epoch)
        for _, block in order:
            base = block * self.flash.block_bytes
            header = memoryview(self._scratch)[:8]
            self.flash.read(base, header)
            header[4:7] = header[5:8]
            header[7] = 0
            visit(TRACE, base, header[4:])
            self._scan_block(block, visit)
            self._active = block

    def _scan_block(self, block: int, visit: "Callable[[int, int, memoryview], None]") -> None:
        offset = _HEADER_BYTES
        sealed = False
        end = _HEADER_BYTES
        while offset + _RECORD_BYTES <= self.flash.block_bytes:
            size = self._load(block, offset)
            if size:
                length = size - _RECORD_BYTES
                payload = memoryview(self._scratch)[_RECORD_BYTES : _RECORD_BYTES + length]
                visit(self._scratch[6], block * self.flash.block_bytes + offset, payload)
                offset += _padded(size)
                end = offset
            elif self._is_blank(block, offset, self.flash.block_bytes):
                break
            else:
                sealed = True
                offset += _UNIT
        self._offset = self.flash.block_bytes if sealed else end

    def _load(self, block: int, offset: int) -> int:
        """Read the record at `offset` into the scratch buffer; its size, or 0 when there is none."""
        base = block * self.flash.block_bytes + offset
        view = memoryview(self._scratch)
        self.flash.read(base, view[:_RECORD_BYTES])
        check, length, _, epoch = struct.unpack("<IHBB", view[:_RECORD_BYTES])
        size = int(length) + _RECORD_BYTES
        if (
            length > PAYLOAD_LIMIT
            or offset + size > self.flash.block_bytes
            or epoch != self._epochs[block] & 0xFF
        ):
            return 0
        self.flash.read(base + _RECORD_BYTES, view[_RECORD_BYTES:size])
        return size if crc32(view[4:size]) == check else 0

    def read(self, location: int) -> bytes:
        """The payload of the record at `location`.

        Raises:
            JournalFault: it is damaged.
        """
        block, offset = divmod(location, self.flash.block_bytes)
        size = self._load(block, offset)
        if not size:
            raise JournalFault("a journal record is damaged")
        return bytes(memoryview(self._scratch)[_RECORD_BYTES:size])

    def spare_blocks(self, pinned: "set[int]") -> int:
        """How many blocks after the active one could take records, given the blocks that must stay."""
        count = self.flash.block_count
        for step in range(1, count):
            if (self._active + step) % count in pinned:
                return step - 1
        return count - 1

    def append(
        self, kind: int, parts: "tuple[bytes | memoryview, ...]", pinned: "set[int]", trace: int
    ) -> int:
        """Add a record of `parts` in a row and verify it; returns its location.

        Args:
            kind: the record's meaning, 0 to 254.
            parts: payload pieces, together at most `PAYLOAD_LIMIT` bytes.
            pinned: blocks that must not be recycled.
            trace: the highest trace number reserved, for the header of a fresh block.

        Raises:
            JournalFault: no block can be recycled, or the flash fails.
        """
        size = _RECORD_BYTES + sum(len(part) for part in parts)
        if size > PAYLOAD_LIMIT + _RECORD_BYTES:
            raise JournalFault("a record is too long")
        for _ in range(2):
            if self._active < 0 or self._offset + _padded(size) > self.flash.block_bytes:
                self._open_block(pinned, trace)
            location = self._active * self.flash.block_bytes + self._offset
            view = memoryview(self._scratch)
            at = _RECORD_BYTES
            for part in parts:
                view[at : at + len(part)] = part
                at += len(part)
            struct.pack_into(
                "<HBB", self._scratch, 4, size - _RECORD_BYTES, kind, self._epochs[self._active] & 0xFF
            )
            struct.pack_into("<I", self._scratch, 0, crc32(view[4:size]))
            for padding in range(size, _padded(size)):
                view[padding] = 0
            if self._program(location, view[: _padded(size)]):
                self._offset += _padded(size)
                return location
            self._offset = self.flash.block_bytes
        raise JournalFault("the flash does not take records")

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

    def _open_block(self, pinned: "set[int]", trace: int) -> None:
        count = self.flash.block_count
        newest = max(self._epochs)
        active = self._active
        for step in range(1, count + 1):
            block = (active + step) % count
            if block in pinned or block == active:
                break
            base = block * self.flash.block_bytes
            if self._epochs[block]:
                # A cut in the erase could spare a sale's opening, not its closing; this disowns both first.
                self._program(base + _UNIT, memoryview(bytes(_UNIT)))
            if not self._blank[block]:
                self.flash.erase(block)
            self._epochs[block] = 0
            self._blank[block] = False
            header = memoryview(self._scratch)[:_UNIT]
            header[:5] = struct.pack("<3sBB", _MAGIC, _VERSION, _VERSION)
            header[5:12] = trace.to_bytes(3, "little") + struct.pack("<I", newest + 1)
            header[12:] = struct.pack("<I", crc32(header[:12]))
            if self._program(base, header):
                self._epochs[block] = newest + 1
                self._active = block
                self._offset = _HEADER_BYTES
                return
        raise JournalFault("journal is full")


def _padded(size: int) -> int:
    return (size + _UNIT - 1) & -_UNIT
