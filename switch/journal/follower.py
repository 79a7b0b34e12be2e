"""Reading a journal while a switch writes it: what is durable, as it becomes so."""

import os
from collections.abc import Iterator
from pathlib import Path

from switch.journal.faults import JournalCorrupt
from switch.journal.format import (
    BATCH_BYTES_MAX,
    BATCH_HEADER_BYTES,
    SEGMENT_HEADER_BYTES,
    find_batch_header,
    segment_name,
    segment_paths,
    unpack_batch,
    unpack_batch_header,
    unpack_segment_header,
)
from switch.journal.reader import Beginning, JournalScan, ScannedBatch
from switch.journal.system import OPERATING_SYSTEM, System


class JournalFollower:
    """Goes along a journal, again and again, and tells each batch once.

    A batch is told when it is whole and durable. The writer begins one only when the one before it is, so
    that only the newest must be waited for: it is synced from here before it is told. Nothing is written.
    """

    def __init__(
        self,
        directory: Path,
        system: System = OPERATING_SYSTEM,
        beginning: Beginning = Beginning(),  # noqa: B008  (immutable)
    ) -> None:
        self._directory = directory
        self._beginning = beginning
        self._system = system
        self._descriptor = -1
        self._path = directory
        self._offset = 0
        self._last_position = 0
        self._last_hash = b""
        self._is_sealed = False

    def close(self) -> None:
        """Give the open file back."""
        if self._descriptor >= 0:
            self._system.close(self._descriptor)
            self._descriptor = -1

    def batches(self) -> Iterator[ScannedBatch]:
        """What has become durable since the last call; the first one tells everything from the beginning on.

        Raises JournalFault where the journal is damaged, OSError where it can't be read or the disk fails.
        """
        newest: ScannedBatch | None = None
        for batch in self._whole_batches():
            if newest is not None:
                yield newest
            newest = batch
        if newest is not None:
            self._system.fdatasync(self._descriptor)
            yield newest

    def _whole_batches(self) -> Iterator[ScannedBatch]:
        if self._descriptor < 0:
            scan = JournalScan(self._directory, beginning=self._beginning, is_live=True, system=self._system)
            yield from scan.run()
            if scan.path is None:
                return
            self._descriptor = self._system.open(scan.path, os.O_RDONLY)
            self._path, self._offset = scan.path, scan.end_offset
            self._last_position, self._last_hash = scan.last_position, scan.last_hash
            self._is_sealed = scan.sealed
        while True:
            batch = self._next_batch()
            if batch is None and self._has_gone_on():
                # It may have been finished in between.
                batch = self._next_batch()
                if batch is None and not self._is_sealed:
                    raise JournalCorrupt("batch is damaged or out of its chain", self._path, self._offset)
            if batch is not None:
                yield batch
            elif not self._is_sealed or not self._enter_successor():
                return

    def _next_batch(self) -> ScannedBatch | None:
        """The batch at the present place, None where there is no whole one; takes a seal on the way."""
        if self._is_sealed:
            return None
        header = unpack_batch_header(self._system.pread(self._descriptor, BATCH_HEADER_BYTES, self._offset))
        if header is None or header.first_position != self._last_position + 1:
            return None
        data = self._system.pread(self._descriptor, header.total_bytes, self._offset)
        found = unpack_batch(data, header, self._last_hash)
        if found is None:
            return None
        batch = ScannedBatch(self._path, self._offset, found[0])
        self._last_hash = found[1]
        self._last_position += len(batch.entries)
        self._offset += header.total_bytes
        self._is_sealed = not batch.entries
        return batch if batch.entries else None

    def _has_gone_on(self) -> bool:
        """Whether the writer has written behind a batch that can't be read."""
        if self._is_sealed:
            return False
        if any(path.name > self._path.name for path in segment_paths(self._directory, self._system)):
            return True
        rest = self._system.pread(self._descriptor, BATCH_HEADER_BYTES, self._offset)
        if not rest.strip(b"\0"):
            return False
        rest = self._system.pread(self._descriptor, 2 * BATCH_BYTES_MAX, self._offset)
        return find_batch_header(rest, 1) is not None

    def _enter_successor(self) -> bool:
        """Go on in the next segment; False where it isn't there yet."""
        path = self._directory / segment_name(self._last_position + 1)
        try:
            descriptor = self._system.open(path, os.O_RDONLY)
        except FileNotFoundError:
            return False
        self._system.close(self._descriptor)
        self._descriptor = descriptor
        header = unpack_segment_header(self._system.pread(descriptor, SEGMENT_HEADER_BYTES, 0), path)
        if header.first_position != self._last_position + 1 or header.previous_hash != self._last_hash:
            raise JournalCorrupt("chain is broken between segments", path, 0)
        self._path, self._offset, self._is_sealed = path, SEGMENT_HEADER_BYTES, False
        return True
