"""Files cut off and bits flipped at every byte: kept exactly, or refused with file and offset."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from switch.journal.faults import JournalCorrupt, JournalFault
from switch.journal.format import SEGMENT_HEADER_BYTES, TORN_SUFFIX, segment_paths
from switch.journal.reader import JournalScan
from switch.journal.verify import verify
from tests.switch.journal.small import UNSYNCED, open_journal, packed, replayed, scanned, write

SEGMENT_BYTES = 450
BATCHES = [[b"%d-%d" % (number, entry) * 3 for entry in range(1 + number % 3)] for number in range(12)]
BODIES = [body for batch in BATCHES for body in batch]
NEXT = b"next"
# What a killed switch wrote last is followed by zeros.
BLANK_BYTES = 600


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal of three segments, the newest with several batches; no test changes it."""
    directory = tmp_path_factory.mktemp("whole")
    write(directory, *BATCHES, segment_bytes=SEGMENT_BYTES)
    assert len(segment_paths(directory)) == 3
    assert len(batch_ends(directory, segment_paths(directory)[-1])) >= 3
    return directory


def batch_ends(directory: Path, path: Path) -> dict[int, int]:
    """Where a segment can be cut between batches, each with the number of entries up to there."""
    count = int(path.stem) - 1
    ends = {SEGMENT_HEADER_BYTES: count}
    for batch in JournalScan(directory).run():
        if batch.path == path:
            ends[batch.offset] = count
            count += len(batch.entries)
    return ends | {path.stat().st_size: count}


def copied(whole: Path, directory: Path) -> Path:
    shutil.copytree(whole, directory)
    return directory


def refused(directory: Path) -> JournalFault:
    """How a journal is refused, by whoever opens it and by whoever looks."""
    report = verify(directory)
    assert not report.ok
    with pytest.raises(JournalFault) as caught:
        open_journal(directory, segment_bytes=SEGMENT_BYTES)
    assert report.fault == str(caught.value)
    return caught.value


def test_the_newest_segment_cut_at_every_byte(whole: Path, tmp_path: Path) -> None:
    newest = segment_paths(whole)[-1]
    data, ends = newest.read_bytes(), batch_ends(whole, newest)
    for cut in range(SEGMENT_HEADER_BYTES, len(data) + 1):
        directory = copied(whole, tmp_path / f"{cut}")
        (directory / newest.name).write_bytes(data[:cut])
        border = max(end for end in ends if end <= cut)
        kept = ends[border]
        report = verify(directory)
        assert (report.ok, report.entries, report.torn_bytes > 0) == (True, kept, cut > border)
        bodies, journal = replayed(directory, SEGMENT_BYTES, UNSYNCED)
        assert bodies == BODIES[:kept]
        assert journal.commit(packed([NEXT]), now_ms=1) == kept + 1
        journal.close()
        assert scanned(directory) == [*BODIES[:kept], NEXT]
        assert verify(directory).torn_bytes == 0
        torn = [path.read_bytes() for path in directory.glob(f"*{TORN_SUFFIX}")]
        assert torn == ([data[border:cut].rstrip(b"\0")] if cut > border else [])
        shutil.rmtree(directory)


def test_a_write_cut_at_every_byte_before_zeros(whole: Path, tmp_path: Path) -> None:
    """As above, preallocated. Where of a batch only the last bytes are missing, a person must look."""
    directory = copied(whole, tmp_path / "cut")
    newest = segment_paths(directory)[-1]
    data, ends = newest.read_bytes(), batch_ends(whole, segment_paths(whole)[-1])
    looked_at = []
    for cut in range(SEGMENT_HEADER_BYTES, len(data) + 1):
        newest.write_bytes(data[:cut] + bytes(BLANK_BYTES))
        if min(end for end in ends if end >= cut) - cut in (1, 2, 3):
            looked_at.append(cut)
            assert refused(directory).path == newest
            continue
        border = max(end for end in ends if end <= cut)
        assert verify(directory).ok, cut
        bodies, journal = replayed(directory, SEGMENT_BYTES, UNSYNCED)
        assert bodies == BODIES[: ends[border]]
        journal.commit(packed([NEXT]), now_ms=1)
        journal.close()
        assert scanned(directory) == [*bodies, NEXT]
        for path in directory.glob(f"*{TORN_SUFFIX}"):
            path.unlink()
        for path in set(segment_paths(directory)) - {directory / kept.name for kept in segment_paths(whole)}:
            path.unlink()
    assert len(looked_at) == 3 * (len(ends) - 1)


def test_a_segment_cut_within_its_header_is_refused(whole: Path, tmp_path: Path) -> None:
    """It had its name only when its header was durable."""
    directory = copied(whole, tmp_path / "cut")
    path = segment_paths(directory)[-1]
    data = path.read_bytes()
    for cut in range(SEGMENT_HEADER_BYTES):
        path.write_bytes(data[:cut])
        fault = refused(directory)
        assert isinstance(fault, JournalCorrupt)
        assert (fault.path, fault.offset) == (path, cut)


@pytest.mark.parametrize("number", [0, 1])
def test_an_older_segment_cut_at_every_byte_is_refused(whole: Path, tmp_path: Path, number: int) -> None:
    """Whatever stood behind it was answered."""
    directory = copied(whole, tmp_path / "cut")
    path = segment_paths(directory)[number]
    data = path.read_bytes()
    for cut in range(len(data)):
        path.write_bytes(data[:cut])
        assert isinstance(refused(directory), JournalCorrupt)


def flips(size: int) -> Iterator[tuple[int, int]]:
    """Every byte with one of its bits, every seventh with all of them."""
    for offset in range(size):
        for bit in range(8) if offset % 7 == 0 else (offset * 5 % 8,):
            yield offset, bit


@pytest.mark.parametrize(("number", "blank_bytes"), [(0, 0), (1, 0), (2, 0), (2, BLANK_BYTES)])
def test_a_bit_flipped_at_every_byte_is_refused(
    whole: Path, tmp_path: Path, number: int, blank_bytes: int
) -> None:
    """Also in the last batch: it was written whole, so somebody may have been answered from it."""
    directory = copied(whole, tmp_path / "flipped")
    path = segment_paths(directory)[number]
    data = path.read_bytes()
    for offset, bit in flips(len(data)):
        damaged = bytearray(data + bytes(blank_bytes))
        damaged[offset] ^= 1 << bit
        path.write_bytes(damaged)
        fault = refused(directory)
        assert fault.path == path, (offset, bit)
        assert fault.offset is not None
        assert fault.offset <= offset


def test_a_bit_flipped_in_the_blank_end_costs_nothing(whole: Path, tmp_path: Path) -> None:
    """Nothing was ever written there."""
    directory = copied(whole, tmp_path / "flipped")
    path = segment_paths(directory)[-1]
    data = path.read_bytes()
    for offset, bit in flips(BLANK_BYTES):
        damaged = bytearray(data + bytes(BLANK_BYTES))
        damaged[len(data) + offset] ^= 1 << bit
        path.write_bytes(damaged)
        assert verify(directory).ok
        assert scanned(directory) == BODIES
        if offset % 29 == 0:
            bodies, journal = replayed(directory, 1 << 20, UNSYNCED)
            assert bodies == BODIES
            journal.commit(packed([NEXT]), now_ms=1)
            journal.close()
            assert scanned(directory) == [*BODIES, NEXT]
