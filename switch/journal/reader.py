"""Reading a journal: a verifying walk over everything, and lookups by position for the feed."""

import os
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from switch.journal.faults import JournalCorrupt, JournalFault, PositionGone
from switch.journal.format import (
    BATCH_HEADER_BYTES,
    FIRST_POSITION,
    GENESIS_HASH,
    SEGMENT_HEADER_BYTES,
    SEGMENT_SUFFIX,
    UNFINISHED_SUFFIX,
    BatchHeader,
    RawEntry,
    SegmentHeader,
    find_batch_header,
    pack_batch,
    segment_name,
    segment_paths,
    unpack_batch,
    unpack_batch_header,
    unpack_entries,
    unpack_segment_header,
)
from switch.journal.system import OPERATING_SYSTEM, System

# A disk writes a sector whole or not at all; so does the page cache of a killed process, in larger units.
SECTOR_BYTES = 512
INDEX_SPACING_BYTES = 256 * 1024
# No hash ends with so many zeros: where one seems to, its end was not written.
BLANK_HASH_BYTES = 4


class IndexPoint(NamedTuple):
    """Where the batch that starts with a position stands."""

    position: int
    path: Path
    offset: int


class SparseIndex:
    """Offsets of some batches: every segment's first, and one for each `INDEX_SPACING_BYTES` behind it.

    Feed threads may look things up while the writer goes on. `system` reads what the points point at.
    """

    def __init__(self, system: System = OPERATING_SYSTEM) -> None:
        self.system = system
        self._points: list[IndexPoint] = []
        self._lock = Lock()

    @property
    def points(self) -> tuple[IndexPoint, ...]:
        """All that are kept, in order."""
        with self._lock:
            return tuple(self._points)

    @property
    def first_position(self) -> int:
        """The first position that can be found, as long as there is one."""
        with self._lock:
            return self._points[0].position if self._points else FIRST_POSITION

    def note(self, position: int, path: Path, offset: int) -> None:
        """Tell of a batch; it is kept only where the last kept one is far enough away."""
        with self._lock:
            if self._points:
                last = self._points[-1]
                if last.path == path and offset - last.offset < INDEX_SPACING_BYTES:
                    return
            self._points.append(IndexPoint(position, path, offset))

    def find(self, position: int) -> IndexPoint | None:
        """The last known batch that starts at or before `position`."""
        with self._lock:
            found = bisect_right(self._points, position, key=lambda point: point.position)
            return self._points[found - 1] if found else None

    def forget_before(self, position: int) -> None:
        """Let go of all segments before the one that begins with a position: they are about to be removed."""
        with self._lock:
            self._points = [point for point in self._points if point.position >= position]


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


class Beginning(NamedTuple):
    """Where somebody begins to read: position of the first entry, chain hash of the batch before it."""

    position: int = FIRST_POSITION
    previous_hash: bytes = GENESIS_HASH


class JournalScan:
    """One verifying walk over a journal; the attributes say how far it came.

    Damage before the last batch, a broken chain, an unknown version and a missing segment raise JournalFault.
    A last batch that was not written to its end is no damage: nobody was answered from it. It ends
    the walk and stands in `torn`. `newest` is the last whole batch or seal.

    Segments that end before `beginning` are not read and may be gone. What its own segment has before it is
    verified, and neither told nor counted. JournalCorrupt tells where the journal doesn't have that entry, or
    has other batches before it.

    With `is_live` whatever can't be read at the end of the newest segment is taken for a batch that a running
    switch just writes; JournalFollower finds out whether it is.
    """

    def __init__(
        self,
        directory: Path,
        key_check: bytes | None = None,
        *,
        beginning: Beginning = Beginning(),  # noqa: B008  (immutable)
        is_live: bool = False,
        system: System = OPERATING_SYSTEM,
    ) -> None:
        self._directory = directory
        self._key_check = key_check
        self._beginning = beginning
        self._has_begun = False
        self._is_live = is_live
        self._system = system
        self.segments = 0
        self.batches = 0
        self.entries = 0
        self.last_position = beginning.position - 1
        self.last_hash = beginning.previous_hash
        self.path: Path | None = None
        self.end_offset = 0
        self.sealed = False
        self.torn: TornTail | None = None
        self.newest: Place | None = None

    def run(self) -> Iterator[ScannedBatch]:
        """Every batch in order. Raises OSError where files can't be read."""
        paths = segment_paths(self._directory, self._system)
        before = sum(path.name <= segment_name(self._beginning.position) for path in paths)
        paths = paths[max(before - 1, 0) :]
        for path in paths:
            yield from self._segment(path, self._system.read(path), is_last=path == paths[-1])
        while self.sealed:
            yield from self._segment(*self._successor(), is_last=True)
        is_new = not paths and self._beginning.position == FIRST_POSITION
        if not self._has_begun and not is_new:
            reason = f"entry {self._beginning.position} is to come next, the journal ends before it"
            raise JournalCorrupt(reason, self.path or self._directory, self.end_offset)

    def _successor(self) -> tuple[Path, bytes]:
        """What the seal says must follow. A running switch may be about to give it its name."""
        successor = self._directory / segment_name(self.last_position + 1)
        for path in (successor, successor.with_suffix(UNFINISHED_SUFFIX), successor):
            with suppress(FileNotFoundError):
                return path, self._system.read(path)
        sealed = "a seal" if self.path is None else self.path.name
        raise JournalCorrupt(f"segment is missing, {sealed} says it follows", successor)

    def _segment(self, path: Path, data: bytes, *, is_last: bool) -> Iterator[ScannedBatch]:
        self._enter_segment(path, unpack_segment_header(data, path))
        yield from self._batches_of(path, data, is_last=is_last)

    def _enter_segment(self, path: Path, header: SegmentHeader) -> None:
        if not self.segments and header.first_position <= self._beginning.position:
            self.last_position, self.last_hash = header.first_position - 1, header.previous_hash
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
        self._look_for_beginning(path, 0)

    def _look_for_beginning(self, path: Path, offset: int) -> None:
        """Notice that the next entry is the first one wanted.

        The segment before may have been sealed since somebody noted the hash of its last batch.
        """
        position, previous_hash = self._beginning
        if self._has_begun or self.last_position < position - 1:
            return
        hashes = [previous_hash]
        if position > FIRST_POSITION:
            hashes.append(pack_batch(previous_hash, position, ())[1])
        self._has_begun = self.last_position == position - 1 and self.last_hash in hashes
        if self.last_position >= position:
            raise JournalCorrupt(f"entry {position} does not follow on what is to be before it", path, offset)

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
                if is_last and not self.sealed and (self._is_live or _is_torn(data, offset, header)):
                    self.torn = TornTail(path, offset, data[offset:].rstrip(b"\0"))
                    return
                raise JournalCorrupt("batch is damaged or out of its chain", path, offset)
            entries, self.last_hash = found
            is_wanted = self._has_begun
            self.sealed = not entries
            self.last_position += len(entries)
            self.newest = Place(path, offset, header.total_bytes)
            if is_wanted:
                self.batches += 1
                self.entries += len(entries)
                if entries:
                    yield ScannedBatch(path, offset, entries)
            else:
                self._look_for_beginning(path, offset)
            offset += header.total_bytes
            self.end_offset = offset


def read_after(index: SparseIndex, after: int, durable_position: int, limit: int) -> list[RawEntry]:
    """Up to `limit` durable entries whose positions are greater than `after`, in order.

    Reads no more than the batches that hold them. Raises PositionGone where the first of them is before all
    that is kept, JournalCorrupt where the file was changed, OSError where it can't be read.
    """
    entries: list[RawEntry] = []
    position = after + 1
    last_position = min(durable_position, after + limit)
    while position <= last_position:
        point = index.find(position)
        if point is None:
            raise PositionGone(position, index.first_position)
        try:
            reached = _read_from(index.system, point, position, last_position, entries)
        except FileNotFoundError:
            # It may have been removed since it was found.
            if index.find(position) == point:
                raise
            continue
        if reached == position:
            raise JournalCorrupt(f"position {position} is missing", point.path, point.offset)
        position = reached
    return entries


def _read_from(
    system: System, point: IndexPoint, position: int, last_position: int, entries: list[RawEntry]
) -> int:
    """Append what the point's segment holds from `position` on; returns the position after it."""
    descriptor = system.open(point.path, os.O_RDONLY)
    try:
        offset = point.offset
        while position <= last_position:
            header = unpack_batch_header(system.pread(descriptor, BATCH_HEADER_BYTES, offset))
            if header is None:
                raise JournalCorrupt("batch header is damaged", point.path, offset)
            if header.entry_count == 0:
                break
            if header.first_position + header.entry_count > position:
                content = system.pread(descriptor, header.entries_bytes, offset + BATCH_HEADER_BYTES)
                found = unpack_entries(content, header)
                if found is None:
                    raise JournalCorrupt("batch is damaged", point.path, offset)
                entries.extend(entry for entry in found if position <= entry.position <= last_position)
                position = min(header.first_position + header.entry_count, last_position + 1)
            offset += header.total_bytes
    finally:
        system.close(descriptor)
    return position


def _is_blank(data: bytes, offset: int) -> bool:
    return data.count(0, offset) == len(data) - offset


def _is_torn(data: bytes, offset: int, header: BatchHeader | None) -> bool:
    """Whether the bytes from `offset` are a write that didn't finish, not damage to one that did.

    An unfinished write leaves the file short, or the batch's end or any of its sectors as they were before:
    zeros. A batch that is there in full and yet wrong was damaged later, perhaps after it was answered.
    """
    if find_batch_header(data, offset + 1) is not None:
        return False
    # Without a header the batch's extent is unknown: then only the header's own sectors can tell, or that
    # nothing was written behind them.
    end = offset + (header.total_bytes if header is not None else BATCH_HEADER_BYTES)
    if end > len(data) or (header is None and _is_blank(data, end)):
        return True
    if header is not None and data.count(0, end - BLANK_HASH_BYTES, end) == BLANK_HASH_BYTES:
        return True
    start = offset
    while start < end:
        stop = min(end, (start // SECTOR_BYTES + 1) * SECTOR_BYTES)
        if data.count(0, start, stop) == stop - start:
            return True
        start = stop
    return False
