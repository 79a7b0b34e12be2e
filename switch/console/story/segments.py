"""The journal's files for somebody who looks back: pieces of bounded size, in a thread of their own."""

import os
from bisect import bisect_left
from collections.abc import Callable
from typing import Final, NamedTuple

from switch.journal.entries import unpack
from switch.journal.faults import JournalCorrupt, PositionGone
from switch.journal.format import (
    BATCH_HEADER_BYTES,
    HASH_BYTES,
    SEGMENT_HEADER_BYTES,
    BatchHeader,
    RawEntry,
    unpack_batch,
    unpack_batch_header,
    unpack_entries,
    unpack_segment_header,
)
from switch.journal.reader import IndexPoint, SparseIndex, read_after

# Clocks are set now and then: so far an entry may stand from where its time would have it.
CLOCK_STEP_MAX_MS: Final = 60_000


class Batch(NamedTuple):
    """The batch that an entry was committed with, read and checked now.

    `entries_fit`: the CRC of each of its entries is right. `chain_fits`: its hash is that over the hash of
    the batch before, its header and its entries. Hashes are hexadecimal.
    """

    segment: str
    offset: int
    size_bytes: int
    first_position: int
    last_position: int
    entries_fit: bool
    chain_fits: bool
    previous_hash: str
    chain_hash: str


class Segments:
    """Reads what is durable. Every call may be made in any thread, and raises what `read_after` raises."""

    def __init__(self, index: SparseIndex, durable_position: Callable[[], int]) -> None:
        self._index = index
        self._durable_position = durable_position

    @property
    def first_position(self) -> int:
        """First position that is kept."""
        return self._index.first_position

    @property
    def durable_position(self) -> int:
        """Last position that is on the disk."""
        return self._durable_position()

    def before(self, position: int, lowest: int, count_max: int) -> list[RawEntry]:
        """Some of the entries right before a position, down to `lowest`, in order; none where there are none.

        Where a batch is large they are fewer than `count_max`, so that none is read again and again.
        """
        first = max(lowest, position - count_max)
        point = self._index.find(position - 1)
        if point is None or first >= position:
            return []
        first = max(first, point.position)
        try:
            return read_after(self._index, first - 1, position - 1, position - first)
        except PositionGone:
            return []

    def after(self, position: int, count_max: int) -> list[RawEntry]:
        """The durable entries behind a position, at most so many."""
        return read_after(self._index, position, self.durable_position, count_max)

    def at(self, position: int) -> RawEntry | None:
        """The entry at a position, None where there is none or no longer."""
        if not 1 <= position <= self.durable_position:
            return None
        try:
            return read_after(self._index, position - 1, position, 1)[0]
        except PositionGone:
            return None

    def span(self, from_ms: int, until_ms: int) -> tuple[int, int]:
        """Positions, the first and the one behind the last, between which all entries of a time stand.

        By the times of the batches that the index knows, so a little more than the time that is asked for.
        """
        durable = self.durable_position
        points = [point for point in self._index.points if point.position <= durable]

        def at_ms(point: IndexPoint) -> int:
            found = read_after(self._index, point.position - 1, durable, 1)
            return unpack(found[0].kind, found[0].version, found[0].body, for_replay=True).at_ms

        first = bisect_left(points, from_ms - CLOCK_STEP_MAX_MS, key=at_ms)
        behind = bisect_left(points, until_ms + CLOCK_STEP_MAX_MS, lo=first, key=at_ms)
        lowest = points[max(first - 1, 0)].position if points else self.first_position
        return lowest, points[behind].position if behind < len(points) else durable + 1

    def batch_of(self, position: int) -> Batch:
        """The batch that holds a durable position, checked byte for byte. Raises JournalCorrupt."""
        point = self._index.find(position)
        if point is None:
            raise PositionGone(position, self.first_position)
        system = self._index.system
        descriptor = system.open(point.path, os.O_RDONLY)
        try:
            offset = point.offset
            while True:
                header = unpack_batch_header(system.pread(descriptor, BATCH_HEADER_BYTES, offset))
                if header is None or header.entry_count == 0:
                    raise JournalCorrupt("batch header is damaged", point.path, offset)
                if header.first_position + header.entry_count > position:
                    break
                offset += header.total_bytes
            data = system.pread(descriptor, header.total_bytes, offset)
            if offset == SEGMENT_HEADER_BYTES:
                head = system.pread(descriptor, SEGMENT_HEADER_BYTES, 0)
                previous_hash = unpack_segment_header(head, point.path).previous_hash
            else:
                previous_hash = system.pread(descriptor, HASH_BYTES, offset - HASH_BYTES)
        finally:
            system.close(descriptor)
        return _checked(point.path.name, offset, header, data, previous_hash)


def _checked(segment: str, offset: int, header: BatchHeader, data: bytes, previous_hash: bytes) -> Batch:
    return Batch(
        segment=segment,
        offset=offset,
        size_bytes=header.total_bytes,
        first_position=header.first_position,
        last_position=header.first_position + header.entry_count - 1,
        entries_fit=unpack_entries(data[BATCH_HEADER_BYTES:-HASH_BYTES], header) is not None,
        chain_fits=unpack_batch(data, header, previous_hash) is not None,
        previous_hash=previous_hash.hex(),
        chain_hash=data[-HASH_BYTES:].hex(),
    )
