"""The compiled thread that writes and syncs, and the group commit that uses it."""

import asyncio
import errno
import os
import select
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from switch.gate.commit import GroupCommit
from switch.journal.disk import DiskThread, disk_thread
from switch.journal.entries import ENTRY_VERSION, EntryKind
from switch.journal.format import RawEntry, pack_entry
from switch.journal.reader import JournalScan
from switch.journal.system import OPERATING_SYSTEM, OperatingSystem
from switch.journal.writer import Journal, PreparedBatch
from switch.metrics.store import Metrics

KEY_CHECK = bytes(16)
SEGMENT_BYTES = 64 * 1024
ANSWER_TIMEOUT_S = 60.0


@pytest.fixture
def disk() -> Iterator[DiskThread]:
    found = disk_thread(OPERATING_SYSTEM)
    assert found is not None
    thread = threading.Thread(target=found.run)
    thread.start()
    yield found
    found.stop()
    thread.join()


def _written(disk: DiskThread, descriptor: int, data: bytes, offset: int) -> tuple[int, int, int]:
    disk.start(descriptor, data, offset)
    readable, _, _ = select.select([disk.done_descriptor], [], [], ANSWER_TIMEOUT_S)
    assert readable
    return disk.result()


def test_bytes_get_to_their_place(disk: DiskThread, tmp_path: Path) -> None:
    path = tmp_path / "file"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        for number in range(20):
            error, duration_ns, sync_ns = _written(disk, descriptor, b"%02d" % number, 2 * number)
            assert error == 0
            assert duration_ns >= sync_ns >= 0
    finally:
        os.close(descriptor)
    assert path.read_bytes() == b"".join(b"%02d" % number for number in range(20))


def test_a_disk_that_fails_says_why(disk: DiskThread, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for path, flags, error in (
        ("/dev/full", os.O_WRONLY, errno.ENOSPC),
        (str(tmp_path / "file"), os.O_RDONLY, errno.EBADF),
    ):
        descriptor = os.open(path, flags)
        try:
            assert _written(disk, descriptor, b"x", 0)[0] == error
        finally:
            os.close(descriptor)


def test_there_is_none_for_a_system_that_is_put_in_the_machines_place() -> None:
    assert disk_thread(OperatingSystem()) is None


class FullJournal(Journal):
    """Prepares batches for a disk that has no room."""

    full = -1

    def prepared(self, entries: Sequence[bytes]) -> PreparedBatch | None:
        batch = super().prepared(entries)
        return None if batch is None else batch._replace(descriptor=self.full)


class _Sink:
    def __init__(self) -> None:
        self.replies: list[bytes] = []

    def deliver(self, replies: list[bytes]) -> None:
        self.replies += replies


AnyJournal = TypeVar("AnyJournal", bound=Journal)


def _open(kind: type[AnyJournal], directory: Path) -> AnyJournal:
    opened = kind.open(
        directory, key_check=KEY_CHECK, segment_bytes=SEGMENT_BYTES, now_ms=1, on_entry=lambda _: None
    )
    assert isinstance(opened, kind)
    return opened


def _entry(number: int) -> bytes:
    return pack_entry(EntryKind.MAINTENANCE, ENTRY_VERSION, b"entry %d " % number + bytes(900))


async def _committed(journal: Journal, batches: int) -> tuple[list[bytes], list[int], list[Exception]]:
    """Replies, durable positions and failures of so many batches of three entries."""
    loop = asyncio.get_running_loop()
    sink, positions, failures = _Sink(), list[int](), list[Exception]()
    disk = disk_thread(OPERATING_SYSTEM)
    assert disk is not None
    commit = GroupCommit(journal, loop, Metrics(), positions.append, failures.append, disk=disk)
    for number in range(batches):
        entries = [_entry(3 * number + place) for place in range(3)]
        commit.submit(entries, {sink: [b"reply %d" % number]})
        if number % 3 == 0:
            await asyncio.wait_for(commit.drained(), ANSWER_TIMEOUT_S)
    await asyncio.wait_for(commit.drained(), ANSWER_TIMEOUT_S)
    commit.stop()
    return sink.replies, positions, failures


def test_group_commit_through_many_segments(tmp_path: Path) -> None:
    journal = _open(Journal, tmp_path)
    replies, positions, failures = asyncio.run(_committed(journal, 200))
    journal.close()
    assert not failures
    assert replies == [b"reply %d" % number for number in range(200)]
    assert positions == sorted(positions)
    assert positions[-1] == 600
    found: list[RawEntry] = []
    scan = JournalScan(tmp_path, KEY_CHECK)
    for batch in scan.run():
        found += batch.entries
    assert [entry.position for entry in found] == list(range(1, 601))
    assert [pack_entry(entry.kind, entry.version, entry.body) for entry in found] == list(
        map(_entry, range(600))
    )
    assert len(list(tmp_path.glob("*.journal"))) > 3


def test_a_full_disk_answers_nobody_from_then_on(tmp_path: Path) -> None:
    journal = _open(FullJournal, tmp_path)
    journal.full = os.open("/dev/full", os.O_WRONLY)
    replies, positions, failures = asyncio.run(_committed(journal, 5))
    os.close(journal.full)
    assert [error.errno for error in failures if isinstance(error, OSError)] == [errno.ENOSPC]
    # The first batch went the journal's own way, as there was no room reserved yet.
    assert (replies, positions) == ([b"reply 0"], [3])
    journal.close()
