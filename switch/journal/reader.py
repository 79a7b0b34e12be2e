"""Reading a journal: a verifying walk over everything, and lookups by position for the feed."""

import os
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from switch.journal.faults import JournalCorrupt, JournalFault
from switch.journal.format import (
    BATCH_HEADER_BYTES,
    FIRST_POSITION,
    GENESIS_HASH,
    HASH_BYTES,
    SEGMENT_HEADER_BYTES,
    SEGMENT_SUFFIX,
    UNFINISHED_SUFFIX,
    BatchHeader,
    RawEntry,
    SegmentHeader,
    find_batch_header,
    segment_name,
    segment_paths,
    unpack_batch,
    unpack_batch_header,
    unpack_entries,
    unpack_segment_header,
)

# A disk writes a sector whole or not at all; so does the page cache of a killed process, in larger units.
SECTOR_BYTES = 512
INDEX_SPACING_BYTES = 256 * 1024


class IndexPoint(NamedTuple):
    """Where the batch that starts with a position stands."""

    position: int
    path: Path
    offset: int


class SparseIndex:
    """Offsets of some batches: every segment's first, and one for each `INDEX_SPACING_BYTES` behind it.

    Points are only ever appended, so that feed threads may look things up while the writer goes on.
    """

    def __init__(self) -> None:
        self._points: list[IndexPoint] = []

    def note(self, position: int, path: Path, offset: int) -> None:
        """Tell of a batch; it is kept only where the last kept one is far enough away."""
        if self._points:
            last = self._points[-1]
            if last.path == path and offset - last.offset < INDEX_SPACING_BYTES:
                return
        self._points.append(IndexPoint(position, path, offset))

    def find(self, position: int) -> IndexPoint | None:
        """The last known batch that starts at or before `position`."""
        found = bisect_right(self._points, position, key=lambda point: point.position)
        return self._points[found - 1] if found else None


class ScannedBatch(NamedTuple):
    """A verified batch and where it stands."""

    path: Path
    offset: int
    entries: list[RawEntry]


class TornTail(NamedTuple):
    """What an interrupted write left behind the last whole batch."""

    path: Path
    offset: int
    content: bytes


class Place(NamedTuple):
    """Where some bytes of a journal stand."""

    path: Path
    offset: int
    size: int


class JournalScan:
    """One verifying walk over a journal; the attributes say how far it came.

    Damage before the last batch, a broken chain, an unknown version and a missing segment raise JournalFault.
    A last batch that was not written to its end is no damage: nobody was answered from it. It ends
    the walk and stands in `torn`. `newest` is the last whole batch or seal.
    """

    def __init__(self, directory: Path, key_check: bytes | None = None) -> None:
        self._directory = directory
        self._key_check = key_check
        self.segments = 0
        self.batches = 0
        self.entries = 0
        self.last_position = FIRST_POSITION - 1
        self.last_hash = GENESIS_HASH
        self.path: Path | None = None
        self.end_offset = 0
        self.sealed = False
        self.torn: TornTail | None = None
        self.newest: Place | None = None

    def run(self) -> Iterator[ScannedBatch]:
        """Every batch in order."""
        paths = segment_paths(self._directory)
        for path in paths:
            yield from self._segment(path, is_last=path == paths[-1])
        while self.sealed and self.path is not None:
            successor = self._directory / segment_name(self.last_position + 1)
            unfinished = successor.with_suffix(UNFINISHED_SUFFIX)
            if not successor.exists() and not unfinished.exists():
                raise JournalCorrupt(f"segment is missing, {self.path.name} says it follows", successor)
            yield from self._segment(successor if successor.exists() else unfinished, is_last=True)

    def _segment(self, path: Path, *, is_last: bool) -> Iterator[ScannedBatch]:
        data = path.read_bytes()
        self._enter_segment(path, unpack_segment_header(data, path))
        yield from self._batches_of(path, data, is_last=is_last)

    def _enter_segment(self, path: Path, header: SegmentHeader) -> None:
        expected = self.last_position + 1
        named = path.with_suffix(SEGMENT_SUFFIX).name
        if header.first_position != expected or named != segment_name(expected):
            missing = self._directory / segment_name(expected)
            raise JournalCorrupt(f"segment is missing, found {path.name} instead", missing)
        if header.previous_hash != self.last_hash or self.sealed != (self.segments > 0):
            raise JournalCorrupt("chain is broken between segments", path, 0)
        if self._key_check is not None and header.key_check != self._key_check:
            raise JournalFault("written with another master key", path)
        self.segments += 1
        self.path = path
        self.end_offset = SEGMENT_HEADER_BYTES
        self.sealed = False

    def _batches_of(self, path: Path, data: bytes, *, is_last: bool) -> Iterator[ScannedBatch]:
        offset = SEGMENT_HEADER_BYTES
        while True:
            header = unpack_batch_header(data, offset)
            if header is None and _is_blank(data, offset):
                return
            found = None
            if header is not None and not self.sealed and header.first_position == self.last_position + 1:
                found = unpack_batch(data[offset : offset + header.total_bytes], header, self.last_hash)
            if header is None or found is None:
                if is_last and not self.sealed and _is_torn(data, offset, header):
                    self.torn = TornTail(path, offset, data[offset:].rstrip(b"\0"))
                    return
                raise JournalCorrupt("batch is damaged or out of its chain", path, offset)
            entries, self.last_hash = found
            self.sealed = not entries
            self.last_position += len(entries)
            self.batches += 1
            self.entries += len(entries)
            self.newest = Place(path, offset, header.total_bytes)
            if entries:
                yield ScannedBatch(path, offset, entries)
            offset += header.total_bytes
            self.end_offset = offset


def read_after(index: SparseIndex, after: int, durable_position: int, limit: int) -> list[RawEntry]:
    """Up to `limit` durable entries whose positions are greater than `after`, in order.

    Reads no more than the batches that hold them. Raises JournalCorrupt where the file was changed.
    """
    entries: list[RawEntry] = []
    position = after + 1
    last_position = min(durable_position, after + limit)
    while position <= last_position:
        point = index.find(position)
        if point is None:
            raise ValueError(f"position {position} is not in the index")
        reached = _read_from(point, position, last_position, entries)
        if reached == position:
            raise JournalCorrupt(f"position {position} is missing", point.path, point.offset)
        position = reached
    return entries


def _read_from(point: IndexPoint, position: int, last_position: int, entries: list[RawEntry]) -> int:
    """Append what the point's segment holds from `position` on; returns the position after it."""
    descriptor = os.open(point.path, os.O_RDONLY)
    try:
        offset = point.offset
        while position <= last_position:
            header = unpack_batch_header(os.pread(descriptor, BATCH_HEADER_BYTES, offset))
            if header is None:
                raise JournalCorrupt("batch header is damaged", point.path, offset)
            if header.entry_count == 0:
                break
            if header.first_position + header.entry_count > position:
                content = os.pread(descriptor, header.entries_bytes, offset + BATCH_HEADER_BYTES)
                found = unpack_entries(content, header)
                if found is None:
                    raise JournalCorrupt("batch is damaged", point.path, offset)
                entries.extend(entry for entry in found if position <= entry.position <= last_position)
                position = min(header.first_position + header.entry_count, last_position + 1)
            offset += header.total_bytes
    finally:
        os.close(descriptor)
    return position


def _is_blank(data: bytes, offset: int) -> bool:
    return data.count(0, offset) == len(data) - offset


def _is_torn(data: bytes, offset: int, header: BatchHeader | None) -> bool:
    """Whether the bytes from `offset` are a write that didn't finish, not damage to one that did.

    An unfinished write leaves the file short, or sectors of the batch as they were before: all zero. A batch
    that is there in full and yet wrong was damaged later, perhaps after it was answered.
    """
    if find_batch_header(data, offset + 1) is not None:
        return False
    # Without a header the batch's extent is unknown: then only the header's own sectors can tell.
    end = offset + (header.total_bytes if header is not None else BATCH_HEADER_BYTES)
    if end > len(data) or (header is not None and data.count(0, end - HASH_BYTES, end) == HASH_BYTES):
        return True
    start = offset
    while start < end:
        stop = min(end, (start // SECTOR_BYTES + 1) * SECTOR_BYTES)
        if data.count(0, start, stop) == stop - start:
            return True
        start = stop
    return False
