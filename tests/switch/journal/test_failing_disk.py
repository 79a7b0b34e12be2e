"""A disk fails in any call: the switch stops answering at once, says why, and goes on after a new start."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from switch.journal.faults import JournalFault
from switch.journal.reader import JournalScan
from switch.journal.system import OperatingSystem
from switch.journal.verify import verify
from tests.switch.customers import Crowd
from tests.switch.failed_switch import assert_failed
from tests.switch.journal.small import UNSYNCED, open_journal, packed, replayed, scanned

if TYPE_CHECKING:
    from tests.switch.conftest import Balances, Connect, SwitchAt

# A few batches to a segment: its change comes soon.
SEGMENT_BYTES = 16_384


@pytest.mark.parametrize(
    ("call", "number"),
    [
        ("fdatasync", "EIO"),
        ("pwrite", "ENOSPC"),
        ("posix_fallocate", "ENOSPC"),
        ("open", "ENOSPC"),
        ("sync_directory", "EIO"),
    ],
)
def test_a_switch_whose_disk_fails(  # noqa: PLR0917
    switch_at: SwitchAt, connect: Connect, balances: Balances, tmp_path: Path, call: str, number: str
) -> None:
    broken = tmp_path / "broken"
    process = switch_at()
    healthy = process.command
    process.command = [sys.executable, "-m", "tests.switch.journal.failing_switch", call, number, str(broken)]
    process.start(segment_bytes=SEGMENT_BYTES, failure_shown_s=600)
    crowd = Crowd(2)
    crowd.furnish(process, connect)
    crowd.enter(process, connect)
    crowd.wait_for_answers(20)
    broken.touch()
    crowd.leave()
    answered = {reply.text(37) for reply in crowd.answered.values()}
    assert_failed(process, os.strerror(getattr(errno, number)))
    assert verify(process.journal).ok
    durable = [entry for batch in JournalScan(process.journal).run() for entry in batch.entries]
    assert answered <= {f"{entry.position:012d}" for entry in durable}
    process.command = healthy
    process.start(segment_bytes=SEGMENT_BYTES)
    assert process.get("/health/ready")[0] == 200
    assert crowd.settle(process, connect, balances) > len(answered)
    assert process.stop() == 0


class FailsOnce(OperatingSystem):
    """Counts the calls that change something; the one of a number fails, of a write after its first half."""

    def __init__(self, which: int) -> None:
        self._left = which
        self.has_failed = False

    def _count(self) -> None:
        self._left -= 1
        if self._left == -1:
            self.has_failed = True
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    def open(self, path: Path, flags: int, /) -> int:
        self._count()
        return UNSYNCED.open(path, flags)

    def pwrite(self, descriptor: int, data: bytes | memoryview, offset: int, /) -> int:
        try:
            self._count()
        except OSError:
            UNSYNCED.pwrite(descriptor, data[: len(data) // 2], offset)
            raise
        return UNSYNCED.pwrite(descriptor, data, offset)

    def posix_fallocate(self, descriptor: int, offset: int, size: int, /) -> None:
        self._count()
        UNSYNCED.posix_fallocate(descriptor, offset, size)

    def ftruncate(self, descriptor: int, size: int, /) -> None:
        self._count()
        UNSYNCED.ftruncate(descriptor, size)

    def fdatasync(self, descriptor: int, /) -> None:
        self._count()

    def fsync(self, descriptor: int, /) -> None:
        self._count()

    def rename(self, old: Path, new: Path, /) -> None:
        self._count()
        UNSYNCED.rename(old, new)

    def unlink(self, path: Path, /) -> None:
        self._count()
        UNSYNCED.unlink(path)

    def sync_directory(self, directory: Path, /) -> None:
        self._count()


@pytest.mark.parametrize("leaves", [b"", b"VBAT torn"])
def test_every_call_of_a_life_may_fail(tmp_path: Path, leaves: bytes) -> None:
    """Within recovery of what an earlier life left, commits, changes of segments and the end."""
    which, has_failed = 0, True
    while has_failed:
        directory = tmp_path / f"{which}"
        committed = [[b"before"] * 3]
        journal = open_journal(directory, segment_bytes=400, system=UNSYNCED)
        journal.commit(packed(committed[0]), now_ms=1)
        journal.close()
        path = next(directory.glob("*.journal"))
        path.write_bytes(path.read_bytes() + leaves)
        system = FailsOnce(which)
        under_way: list[bytes] = []
        try:
            journal = open_journal(directory, segment_bytes=400, system=system)
            try:
                for number in range(10):
                    under_way = [b"%d" % number] * 9
                    journal.commit(packed(under_way), now_ms=1)
                    committed.append(under_way)
                    under_way = []
            except OSError:
                with pytest.raises(JournalFault, match="earlier write failed"):
                    journal.commit(packed([b"more"]), now_ms=1)
            journal.close()
        except OSError as error:
            assert error.errno == errno.EIO
        bodies = [body for batch in committed for body in batch]
        found, journal = replayed(directory, 400, UNSYNCED)
        assert found in (bodies, bodies + under_way), which
        journal.commit(packed([b"next"]), now_ms=1)
        journal.close()
        assert scanned(directory) == [*found, b"next"]
        assert verify(directory).ok
        which, has_failed = which + 1, system.has_failed
    assert which > 50
