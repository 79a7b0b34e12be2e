"""Images are made of sealed segments, whole or not at all, and a start goes on from the newest good one."""

import errno
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from switch.journal.faults import JournalFault, PositionGone
from switch.journal.format import UNFINISHED_SUFFIX
from switch.journal.reader import read_after
from switch.journal.system import OperatingSystem
from switch.snapshot.faults import SnapshotBusy
from switch.snapshot.files import making_alone, snapshot_paths
from switch.snapshot.image import unpack_header
from switch.snapshot.making import make_snapshot
from switch.snapshot.reading import recovered_state, verify_kept
from switch.snapshot.retention import removable, remove_segments
from tests.switch.snapshot.images import resealed
from tests.switch.snapshot.journals import DAY_MS, Trade, recover

NOW_MS = 1_780_000_000_123


@pytest.fixture
def trade(tmp_path: Path) -> Trade:
    found = Trade(tmp_path / "journal")
    found.go_on(3)
    return found


def made_up_to(trade: Trade) -> int:
    made = make_snapshot(trade.directory, NOW_MS)
    assert made is not None
    return made.position


def test_a_start_reads_only_what_is_behind_the_image(trade: Trade) -> None:
    sealed = int(trade.segments[-1].stem) - 1
    made = make_snapshot(trade.directory, NOW_MS)
    assert made is not None
    assert (made.position, made.entries, made.covered_position) == (sealed, sealed, 0)
    (path,) = snapshot_paths(trade.directory)
    assert made.size_bytes == path.stat().st_size
    header = unpack_header(path.read_bytes(), path)
    assert (header.position, header.created_ms) == (sealed, NOW_MS)
    trade.go_on(2)
    trade.journal.close()
    state, read, index = recover(trade.directory)
    assert read == list(range(sealed + 1, trade.book.state.position + 1))
    assert state.digest() == trade.book.state.digest()
    everything = read_after(index, 0, state.position, state.position)
    assert [raw.body for raw in everything] == [raw.body for raw in trade.book.journal]


def test_the_next_image_is_made_of_the_one_before(trade: Trade) -> None:
    first = made_up_to(trade)
    assert make_snapshot(trade.directory, NOW_MS) is None
    trade.go_on(2)
    shutil.copytree(trade.directory, trade.directory.with_name("whole"))
    second = make_snapshot(trade.directory, NOW_MS)
    assert second is not None
    assert second.entries == second.position - first
    assert second.covered_position == first
    whole = trade.directory.with_name("whole")
    for path in snapshot_paths(whole):
        path.unlink()
    make_snapshot(whole, NOW_MS)
    assert snapshot_paths(whole)[-1].read_bytes() == snapshot_paths(trade.directory)[-1].read_bytes()
    trade.go_on()
    third = made_up_to(trade)
    kept = [int(path.stem) for path in snapshot_paths(trade.directory)]
    assert kept == [second.position, third]


def test_nothing_is_made_of_a_segment_that_goes_on(tmp_path: Path) -> None:
    assert make_snapshot(tmp_path, NOW_MS) is None
    trade = Trade(tmp_path / "journal")
    trade.sell()
    assert make_snapshot(trade.directory, NOW_MS) is None
    assert snapshot_paths(trade.directory) == []


@pytest.mark.parametrize("damage", ["flipped", "cut", "empty", "renamed"])
def test_a_bad_image_is_set_aside_and_the_one_before_it_serves(trade: Trade, damage: str) -> None:
    first = made_up_to(trade)
    trade.go_on()
    made_up_to(trade)
    trade.journal.close()
    older, newest = snapshot_paths(trade.directory)
    data = bytearray(newest.read_bytes())
    data[len(data) // 2] ^= 4
    content = {"flipped": bytes(data), "cut": bytes(data[:-100]), "empty": b"", "renamed": older.read_bytes()}
    newest.write_bytes(content[damage])
    assert recovered_state(trade.directory).digest() == trade.book.state.digest()
    assert newest.exists(), "who only reads renames nothing"
    state, read, _ = recover(trade.directory)
    assert state.digest() == trade.book.state.digest()
    assert read[0] == first + 1
    assert not newest.exists()
    assert newest.with_suffix(".damaged").read_bytes() == content[damage]
    older.write_bytes(b"nothing")
    state, read, _ = recover(trade.directory)
    assert read[0] == 1
    assert state.digest() == trade.book.state.digest()


def test_an_image_of_later_software_is_passed_over_and_stays(trade: Trade) -> None:
    first = made_up_to(trade)
    trade.go_on()
    made_up_to(trade)
    trade.journal.close()
    newest = snapshot_paths(trade.directory)[-1]
    data = bytearray(newest.read_bytes())
    data[9] += 1
    newest.write_bytes(resealed(bytes(data)))
    state, read, _ = recover(trade.directory)
    assert read[0] == first + 1
    assert state.digest() == trade.book.state.digest()
    assert newest.exists()


def test_an_image_that_the_journal_does_not_reach_is_no_reason_to_start(trade: Trade) -> None:
    """Entries that were answered are missing: nobody may go on as if there had been none."""
    trade.journal.close()
    before = trade.directory.with_name("before")
    shutil.copytree(trade.directory, before)
    again = Trade(trade.directory.with_name("again"))
    again.go_on(5)
    made_up_to(again)
    for path in snapshot_paths(again.directory):
        shutil.copy(path, before)
    with pytest.raises(JournalFault, match="the journal ends before it"):
        recover(before)


def test_an_image_of_another_journal_is_refused(trade: Trade) -> None:
    other = Trade(trade.directory.with_name("other"))
    other.book.transact()
    other.go_on(3)
    made_up_to(other)
    trade.journal.close()
    for path in snapshot_paths(other.directory):
        shutil.copy(path, trade.directory)
    with pytest.raises(JournalFault):
        recover(trade.directory)
    assert not verify_kept(trade.directory).ok


class FullDisk(OperatingSystem):
    """Takes so many bytes of an image, and no more."""

    def __init__(self, room: int) -> None:
        self.room = room

    def pwrite(self, descriptor: int, data: bytes | memoryview, offset: int, /) -> int:
        written = min(len(data), self.room)
        if not written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.room -= written
        return super().pwrite(descriptor, data[:written], offset)


@pytest.mark.parametrize("room", [0, 1, 700])
def test_a_full_disk_leaves_nothing_half(trade: Trade, room: int) -> None:
    before = sorted(path.name for path in trade.directory.iterdir())
    with pytest.raises(OSError, match="space"):
        make_snapshot(trade.directory, NOW_MS, FullDisk(room))
    assert sorted({path.name for path in trade.directory.iterdir()} - {"snapshot.lock"}) == before
    made_up_to(trade)


class Misread(OperatingSystem):
    """Gives back something else than was written."""

    def read(self, path: Path, /) -> bytes:
        data = super().read(path)
        return data[:-1] + bytes((data[-1] ^ 1,)) if path.suffix == UNFINISHED_SUFFIX else data


def test_an_image_that_reads_otherwise_gets_no_name(trade: Trade) -> None:
    with pytest.raises(Exception, match="damaged or cut off"):
        make_snapshot(trade.directory, NOW_MS, Misread())
    assert not list(trade.directory.glob("*.snapshot*"))


class Died(BaseException):
    """The process is gone."""


class Dying(OperatingSystem):
    """Dies at the n-th call that changes something, and cleans up nothing."""

    def __init__(self, calls: int) -> None:
        self.calls = calls

    def _count(self) -> None:
        self.calls -= 1
        if self.calls < 0:
            raise Died

    def pwrite(self, descriptor: int, data: bytes | memoryview, offset: int, /) -> int:
        self._count()
        return super().pwrite(descriptor, data, offset)

    def fsync(self, descriptor: int, /) -> None:
        self._count()
        super().fsync(descriptor)

    def fdatasync(self, descriptor: int, /) -> None:
        self._count()
        super().fdatasync(descriptor)

    def rename(self, old: Path, new: Path, /) -> None:
        self._count()
        super().rename(old, new)

    def sync_directory(self, directory: Path, /) -> None:
        self._count()
        super().sync_directory(directory)

    def unlink(self, path: Path, /) -> None:
        if self.calls < 0:
            raise Died
        self._count()
        super().unlink(path)


def test_a_death_at_any_step_leaves_a_journal_that_starts(trade: Trade) -> None:
    made_up_to(trade)
    trade.go_on()
    made_up_to(trade)
    trade.go_on()
    trade.journal.close()
    for calls in range(20):
        copy = trade.directory.with_name(f"died-{calls}")
        shutil.copytree(trade.directory, copy)
        try:
            make_snapshot(copy, NOW_MS, Dying(calls))
        except Died:
            left = list(copy.glob(f"*{UNFINISHED_SUFFIX}"))
            assert len(left) <= 1
        else:
            break
        again = copy.with_name(f"again-{calls}")
        shutil.copytree(copy, again)
        assert recover(copy)[0].digest() == trade.book.state.digest()
        assert list(copy.glob(f"*{UNFINISHED_SUFFIX}")) == left, "whoever makes it may still be at it"
        make_snapshot(again, NOW_MS)
        assert not list(again.glob(f"*{UNFINISHED_SUFFIX}"))
        assert 1 < len(snapshot_paths(again)) <= 3
        assert recover(again)[0].digest() == trade.book.state.digest()
    else:
        raise AssertionError("never got through")


def test_only_one_at_a_time(trade: Trade) -> None:
    with making_alone(trade.directory):
        with pytest.raises(SnapshotBusy):
            make_snapshot(trade.directory, NOW_MS)
        done = run(trade.directory)
        assert (done.returncode, done.stdout) == (3, "")
        assert "another process makes one" in done.stderr
    assert run(trade.directory).returncode == 0


def test_the_process_says_what_it_does(trade: Trade) -> None:
    done = run(trade.directory)
    (path,) = snapshot_paths(trade.directory)
    assert done.returncode == 0
    assert done.stdout == f'{{"position": {int(path.stem)}, "covered_position": 0}}\n'
    assert f"snapshot at position {int(path.stem)} begins: entries from 1 on" in done.stderr
    assert "written and read back" in done.stderr
    assert run(trade.directory).stdout == "{}\n"
    first = trade.segments[0]
    first.write_bytes(b"nothing")
    path.unlink()
    done = run(trade.directory)
    assert (done.returncode, done.stdout) == (1, "")
    assert "no snapshot was made: journal: segment is shorter than its header: " in done.stderr


def run(directory: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "switch.snapshot", str(directory)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_process_that_is_told_to_end_clears_away_what_it_has(trade: Trade) -> None:
    """A named pipe in the place of a segment holds it up where it must be."""
    pipe = trade.segments[0]
    pipe.unlink()
    os.mkfifo(pipe)
    process = subprocess.Popen(
        [sys.executable, "-m", "switch.snapshot", str(trade.directory)], stdout=subprocess.PIPE, text=True
    )
    # Opens when the other end does: the process then is amid its work.
    with pipe.open("wb"):
        process.send_signal(signal.SIGTERM)
        told, _ = process.communicate(timeout=60)
    assert (process.returncode, told) == (128 + signal.SIGTERM, "")
    assert not list(trade.directory.glob("*.snapshot*"))


def test_segments_go_when_two_images_have_them_and_they_are_old(trade: Trade) -> None:
    first = made_up_to(trade)
    assert removable(trade.directory, 0, NOW_MS * 2) == []
    trade.now_ms += 3 * DAY_MS
    trade.go_on(2)
    made = make_snapshot(trade.directory, NOW_MS)
    assert made is not None and made.covered_position == first
    segments = trade.segments
    assert removable(trade.directory, first, trade.now_ms - 3 * DAY_MS) == []
    old = removable(trade.directory, first, trade.now_ms - 2 * DAY_MS)
    assert old == segments[:3]
    # However old they are, what the older image does not have stays.
    assert removable(trade.directory, first, trade.now_ms * 2) == segments[:3]
    assert removable(trade.directory, made.position, trade.now_ms * 2) == segments[:-1]
    # The fourth was begun long ago, and went on until today.
    assert removable(trade.directory, made.position, trade.now_ms - 2 * DAY_MS) == segments[:3]
    index = trade.journal.index
    remove_segments(old, index)
    assert trade.segments == segments[3:]
    kept = int(segments[3].stem)
    assert index.first_position == kept
    with pytest.raises(PositionGone, match=f"entry 1 is gone, the journal begins with entry {kept}"):
        read_after(index, 0, trade.journal.last_position, 5)
    assert read_after(index, kept - 1, trade.journal.last_position, 1)[0].position == kept
    trade.sell()
    trade.journal.close()
    digest = trade.book.state.digest()
    state, read, found = recover(trade.directory)
    assert (state.digest(), read[0], found.first_position) == (digest, made.position + 1, kept)
    assert read_after(found, kept - 1, state.position, 1)[0].position == kept
    report = verify_kept(trade.directory)
    assert (report.ok, report.first_position, report.last_position) == (True, kept, state.position)
    snapshot_paths(trade.directory)[-1].write_bytes(b"damaged")
    assert recover(trade.directory)[0].digest() == digest
    assert verify_kept(trade.directory).ok
    snapshot_paths(trade.directory)[-1].write_bytes(b"damaged")
    report = verify_kept(trade.directory)
    assert not report.ok
    assert report.fault is not None and f"entries before {kept} are gone, and no snapshot" in report.fault
    with pytest.raises(JournalFault, match="segment is missing"):
        recover(trade.directory)


def test_a_segment_that_goes_while_somebody_reads_it_is_told_as_gone(trade: Trade) -> None:
    index = trade.journal.index
    first = trade.segments[0]

    class Removing(OperatingSystem):
        def open(self, path: Path, flags: int, /) -> int:
            if path == first and path.exists():
                remove_segments([first], index)
            return super().open(path, flags)

    index.system = Removing()
    with pytest.raises(PositionGone):
        read_after(index, 0, trade.journal.last_position, 5)
    trade.segments[0].unlink()
    with pytest.raises(FileNotFoundError):
        read_after(index, index.first_position - 1, trade.journal.last_position, 5)
