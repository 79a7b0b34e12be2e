"""The one writer of a journal: lock, recovery, group commit, rotation.

`Journal.commit` blocks until its batch is durable; the gate calls it in one thread made for that.
"""

import errno
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from switch.journal.faults import JournalFault, JournalLocked, ReplayFault
from switch.journal.format import (
    BATCH_BYTES_MAX,
    GENESIS_HASH,
    LOCK_NAME,
    SEGMENT_HEADER_BYTES,
    SEGMENT_SUFFIX,
    TORN_SUFFIX,
    UNFINISHED_SUFFIX,
    RawEntry,
    SegmentHeader,
    pack_batch,
    pack_segment_header,
    segment_name,
)
from switch.journal.reader import Beginning, JournalScan, Place, SparseIndex, TornTail
from switch.journal.system import OPERATING_SYSTEM, System

# Zeros are reserved this far ahead, so that a commit needs no new file size: it halves the time of a sync.
# Never more than a quarter of a segment.
PREALLOCATION_BYTES_MAX = 4 << 20


def _from_the_first(_index: SparseIndex) -> Beginning:
    return Beginning()


class PreparedBatch(NamedTuple):
    """A batch and where in which file it belongs."""

    descriptor: int
    offset: int
    data: bytes
    chain_hash: bytes
    entry_count: int

    @property
    def end(self) -> int:
        """Offset behind it."""
        return self.offset + len(self.data)


class Journal:
    """An open journal, locked against every other process.

    Attributes: `last_position` of the newest durable entry, `last_hash` of its batch, `index` for reading by
    position, `torn` what recovery set aside (None after a clean stop), `replayed_entries`, `last_sync_ns` the
    time that the newest fdatasync took.
    """

    def __init__(
        self, directory: Path, key_check: bytes, segment_bytes: int, system: System = OPERATING_SYSTEM
    ) -> None:
        self._system = system
        self._directory = directory
        self._key_check = key_check
        self._segment_bytes = segment_bytes
        self._preallocation_bytes = min(PREALLOCATION_BYTES_MAX, segment_bytes // 4)
        self._descriptor = -1
        self._path = directory
        self._offset = 0
        self._reserved_bytes = 0
        self._failed = False
        self._wants_segment = False
        self.index = SparseIndex(system)
        self.last_position = 0
        self.last_hash = GENESIS_HASH
        self.torn: TornTail | None = None
        self.replayed_entries = 0
        self.last_sync_ns = 0
        self._lock_descriptor = self._lock()

    @classmethod
    def open(
        cls,
        directory: Path,
        *,
        key_check: bytes,
        segment_bytes: int,
        now_ms: int,
        on_entry: Callable[[RawEntry], None],
        on_lock: Callable[[SparseIndex], Beginning] = _from_the_first,
        system: System = OPERATING_SYSTEM,
    ) -> "Journal":
        """Lock a journal, verify and replay it through `on_entry`, and make it ready for commits.

        `on_lock` is asked when the journal is locked: it tells from where on, and may put what it knows of
        the journal before into the index. `on_entry` raises ReplayFault for an entry that it can't take over.

        A directory without segments becomes a new journal. Raises JournalFault where the journal can't be
        trusted or is open elsewhere, OSError where the directory can't be used.
        """
        system.make_directory(directory)
        journal = cls(directory, key_check, segment_bytes, system)
        try:
            journal._recover(now_ms, on_entry, on_lock(journal.index))
        except BaseException:
            journal._release()
            raise
        return journal

    def commit(self, entries: Sequence[bytes], now_ms: int) -> int:
        """Write packed entries as one batch and wait until they are durable; returns the last position.

        Raises OSError where the disk fails. After that the journal refuses every further commit: whether the
        batch is on the disk can't be known (a failed sync may have dropped its pages).
        """
        if self._failed:
            raise JournalFault("an earlier write failed", self._path, self._offset)
        try:
            if self._is_segment_due():
                self._rotate(now_ms)
            batch = self._pack(entries)
            if len(batch.data) > BATCH_BYTES_MAX:
                raise ValueError(f"a batch holds at most {BATCH_BYTES_MAX} bytes")
            self._reserve(batch)
            self._write_all(self._descriptor, batch.data, batch.offset)
            started_ns = time.monotonic_ns()
            self._system.fdatasync(self._descriptor)
            sync_ns = time.monotonic_ns() - started_ns
        except BaseException:
            self._failed = True
            raise
        self.committed(batch, sync_ns)
        return self.last_position

    def prepared(self, entries: Sequence[bytes]) -> PreparedBatch | None:
        """Entries as a batch for which all is ready: who has written and synced it tells `committed`, and
        who could not, `failed`. None where `commit` must do more than that.
        """
        if self._failed or self._is_segment_due():
            return None
        batch = self._pack(entries)
        fits = batch.end <= self._reserved_bytes and len(batch.data) <= BATCH_BYTES_MAX
        return batch if fits else None

    def begin_segment(self) -> None:
        """Have the next commit go into a new segment, so that all before it is sealed. In any thread."""
        self._wants_segment = True

    def committed(self, batch: PreparedBatch, sync_ns: int) -> None:
        """A batch is durable; its sync took so long."""
        self.last_sync_ns = sync_ns
        self.index.note(self.last_position + 1, self._path, batch.offset)
        self._offset = batch.end
        self.last_hash = batch.chain_hash
        self.last_position += batch.entry_count

    def failed(self) -> None:
        """A batch may not be durable: nothing may be committed any more."""
        self._failed = True

    def close(self) -> None:
        """Give back what was reserved, and unlock. Raises OSError where the disk fails; nothing is lost."""
        try:
            if self._descriptor >= 0 and not self._failed:
                self._system.ftruncate(self._descriptor, self._offset)
                self._system.fsync(self._descriptor)
        finally:
            self._release()

    def free_bytes(self) -> int:
        """Room on the journal's disk. Raises OSError."""
        return self._system.free_bytes(self._directory)

    def _is_segment_due(self) -> bool:
        # A segment without entries would get the name that it has.
        wants = self._wants_segment and self._offset > SEGMENT_HEADER_BYTES
        return wants or self._offset >= self._segment_bytes

    def _lock(self) -> int:
        path = self._directory / LOCK_NAME
        descriptor = self._system.open(path, os.O_RDWR | os.O_CREAT)
        try:
            self._system.lock(descriptor)
        except BlockingIOError:
            self._system.close(descriptor)
            raise JournalLocked("another process has it open", path) from None
        except BaseException:
            self._system.close(descriptor)
            raise
        return descriptor

    def _release(self) -> None:
        if self._descriptor >= 0:
            self._system.close(self._descriptor)
            self._descriptor = -1
        if self._lock_descriptor >= 0:
            self._system.close(self._lock_descriptor)
            self._lock_descriptor = -1

    def _recover(self, now_ms: int, on_entry: Callable[[RawEntry], None], beginning: Beginning) -> None:
        scan = JournalScan(self._directory, self._key_check, beginning=beginning, system=self._system)
        for batch in scan.run():
            self.index.note(batch.entries[0].position, batch.path, batch.offset)
            for entry in batch.entries:
                try:
                    on_entry(entry)
                except ReplayFault as fault:
                    raise JournalFault(
                        f"entry {entry.position} can't be replayed ({fault})", batch.path, batch.offset
                    ) from None
        self.last_position, self.last_hash = scan.last_position, scan.last_hash
        self.replayed_entries = scan.entries
        if scan.path is None:
            self._descriptor, unfinished = self._make_segment(now_ms)
            self._name_segment(unfinished)
            return
        self._write_again(Place(scan.path, 0, SEGMENT_HEADER_BYTES))
        if scan.newest is not None:
            self._write_again(scan.newest)
        self._system.sync_directory(self._directory)
        if scan.path.suffix == UNFINISHED_SUFFIX:
            self._name_segment(scan.path)
        else:
            self._path = scan.path
        # What a crash left half made before the old segment was sealed; it never held an entry.
        for name in sorted(self._system.names(self._directory)):
            if name.endswith(UNFINISHED_SUFFIX) and name.removesuffix(UNFINISHED_SUFFIX).isdecimal():
                self._system.unlink(self._directory / name)
        self._offset = scan.end_offset
        self._descriptor = self._system.open(self._path, os.O_RDWR)
        if scan.torn is not None:
            self.torn = scan.torn
            self._set_aside(scan.torn)
        self._system.ftruncate(self._descriptor, self._offset)
        self._system.fsync(self._descriptor)
        self._reserved_bytes = self._offset

    def _write_again(self, place: Place) -> None:
        """Make sure that what was read is on the disk, not only in the page cache.

        A killed process may not have synced it. A failed sync leaves its pages clean: another sync alone
        would write nothing.
        """
        descriptor = self._system.open(place.path, os.O_RDWR)
        try:
            data = self._system.pread(descriptor, place.size, place.offset)
            self._write_all(descriptor, data, place.offset)
            self._system.fsync(descriptor)
        finally:
            self._system.close(descriptor)

    def _set_aside(self, torn: TornTail) -> None:
        """Keep the torn bytes for people before they are cut off."""
        side_path = self._directory / f"{torn.path.stem}-{torn.offset}{TORN_SUFFIX}"
        descriptor = self._system.open(side_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        try:
            self._write_all(descriptor, torn.content, 0)
            self._system.fsync(descriptor)
        finally:
            self._system.close(descriptor)
        self._system.sync_directory(self._directory)

    def _rotate(self, now_ms: int) -> None:
        """Go on in a new segment.

        The new one is made durable under a passing name, the old one is sealed, the new one gets its name: so
        a crash between any two steps leaves one way to go on, and a seal without successor is always a loss.
        """
        self._wants_segment = False
        seal, seal_hash = pack_batch(self.last_hash, self.last_position + 1, ())
        old_descriptor, old_offset = self._descriptor, self._offset
        self.last_hash = seal_hash
        self._descriptor, unfinished = self._make_segment(now_ms)
        try:
            self._write_all(old_descriptor, seal, old_offset)
            self._system.ftruncate(old_descriptor, old_offset + len(seal))
            self._system.fsync(old_descriptor)
        finally:
            self._system.close(old_descriptor)
        self._name_segment(unfinished)

    def _make_segment(self, now_ms: int) -> tuple[int, Path]:
        name = segment_name(self.last_position + 1)
        unfinished = (self._directory / name).with_suffix(UNFINISHED_SUFFIX)
        header = SegmentHeader(self.last_position + 1, now_ms, self.last_hash, self._key_check)
        descriptor = self._system.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        try:
            self._write_all(descriptor, pack_segment_header(header), 0)
            self._system.fsync(descriptor)
            self._system.sync_directory(self._directory)
        except BaseException:
            self._system.close(descriptor)
            raise
        return descriptor, unfinished

    def _name_segment(self, unfinished: Path) -> None:
        self._path = unfinished.with_suffix(SEGMENT_SUFFIX)
        self._system.rename(unfinished, self._path)
        self._system.sync_directory(self._directory)
        self._offset = self._reserved_bytes = SEGMENT_HEADER_BYTES

    def _pack(self, entries: Sequence[bytes]) -> PreparedBatch:
        data, chain_hash = pack_batch(self.last_hash, self.last_position + 1, entries)
        return PreparedBatch(self._descriptor, self._offset, data, chain_hash, len(entries))

    def _reserve(self, batch: PreparedBatch) -> None:
        if batch.end > self._reserved_bytes:
            reserved_bytes = batch.end + self._preallocation_bytes
            self._system.posix_fallocate(self._descriptor, batch.offset, reserved_bytes - batch.offset)
            self._reserved_bytes = reserved_bytes

    def _write_all(self, descriptor: int, data: bytes, offset: int) -> None:
        view = memoryview(data)
        while view:
            written = self._system.pwrite(descriptor, view, offset)
            if written == 0:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            view = view[written:]
            offset += written
