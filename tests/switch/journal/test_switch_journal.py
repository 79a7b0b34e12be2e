"""The journal on real files: what is durable comes back, what is damaged is noticed."""

import errno
import shutil
from itertools import product
from pathlib import Path

import pytest

from switch.journal.entries import ENTRY_VERSION, EntryFault, RuleTableEntry, pack, unpack
from switch.journal.faults import JournalCorrupt, JournalFault, JournalLocked, JournalVersionUnknown
from switch.journal.format import (
    ENTRY_BYTES_MAX,
    SEGMENT_HEADER_BYTES,
    TORN_SUFFIX,
    UNFINISHED_SUFFIX,
    pack_entry,
    segment_paths,
)
from switch.journal.reader import SECTOR_BYTES, read_after
from switch.journal.system import OperatingSystem
from switch.journal.verify import verify
from switch.journal.writer import Journal
from tests.switch.journal.small import LARGE, UNSYNCED, open_journal, packed, replayed, scanned, write

BATCHES = [[b"first", b"second"], [b"third" * 10], [b"fourth", b"", b"sixth" * 20]]
BODIES = [body for batch in BATCHES for body in batch]


def last_batch_offset(path: Path) -> int:
    return path.read_bytes().rindex(b"VBAT")


def test_what_was_committed_comes_back(tmp_path: Path) -> None:
    write(tmp_path, *BATCHES)
    write(tmp_path, [b"later"])
    bodies, journal = replayed(tmp_path)
    assert bodies == [*BODIES, b"later"]
    assert journal.torn is None
    journal.close()
    report = verify(tmp_path)
    assert (report.ok, report.entries, report.batches, report.segments) == (True, 7, 4, 1)


def test_segments_follow_each_other(tmp_path: Path) -> None:
    write(tmp_path, *([[bytes([n])] for n in range(200)]), segment_bytes=4096)
    assert len(segment_paths(tmp_path)) > 3
    bodies, journal = replayed(tmp_path, 4096)
    assert bodies == [bytes([n]) for n in range(200)]
    found = [entry.body for entry in read_after(journal.index, 17, 150, 1000)]
    assert found == [bytes([n]) for n in range(17, 150)]
    assert [entry.position for entry in read_after(journal.index, 198, 200, 1)] == [199]
    assert read_after(journal.index, 200, 200, 10) == []
    journal.close()


def test_a_segment_begins_when_it_is_asked_for(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.begin_segment()
    commits = [packed([b"first"]), packed([b"second"]), packed([b"third"])]
    for number, entries in enumerate(commits):
        assert (journal.prepared(entries) is None) == (number < 2)
        journal.commit(entries, 1)
        assert len(segment_paths(tmp_path)) == 1 + (number > 0)
    journal.begin_segment()
    journal.begin_segment()
    journal.commit(packed([b"fourth"]), 1)
    journal.close()
    assert [int(path.stem) for path in segment_paths(tmp_path)] == [1, 2, 4]
    bodies, journal = replayed(tmp_path)
    assert bodies == [b"first", b"second", b"third", b"fourth"]
    journal.close()
    assert verify(tmp_path).ok


def test_any_sectors_of_the_last_batch_lost_set_it_aside(tmp_path: Path) -> None:
    """A power cut writes sectors in any order, each whole or not at all."""
    write(tmp_path / "whole", *BATCHES, [bytes([65 + number]) * 500 for number in range(4)])
    whole = segment_paths(tmp_path / "whole")[0]
    data, start = whole.read_bytes(), last_batch_offset(whole)
    sectors = range(start // SECTOR_BYTES, len(data) // SECTOR_BYTES + 1)
    assert len(sectors) >= 5
    for lost in product([False, True], repeat=len(sectors)):
        directory = tmp_path / "lost"
        directory.mkdir()
        damaged = bytearray(data + bytes(8192))
        for sector, is_lost in zip(sectors, lost, strict=True):
            if is_lost:
                first, end = max(sector * SECTOR_BYTES, start), (sector + 1) * SECTOR_BYTES
                damaged[first:end] = bytes(end - first)
        (directory / whole.name).write_bytes(damaged)
        kept = len(BODIES) if any(lost) else len(BODIES) + 4
        report = verify(directory)
        assert (report.ok, report.entries, report.torn_bytes > 0) == (True, kept, any(lost) and not all(lost))
        bodies, journal = replayed(directory, LARGE, UNSYNCED)
        assert bodies[: len(BODIES)] == BODIES
        assert len(bodies) == kept
        journal.commit([pack_entry(7, 1, b"next")], now_ms=1)
        journal.close()
        sides = [side.read_bytes() for side in directory.glob(f"*{TORN_SUFFIX}")]
        assert sides == ([bytes(damaged[start:]).rstrip(b"\0")] if report.torn_bytes else [])
        assert scanned(directory) == [*bodies, b"next"]
        shutil.rmtree(directory)


def test_damage_before_the_last_batch_names_its_place(tmp_path: Path) -> None:
    write(tmp_path, *BATCHES)
    path = segment_paths(tmp_path)[0]
    data = bytearray(path.read_bytes())
    data[SEGMENT_HEADER_BYTES + 30] ^= 1
    path.write_bytes(data)
    with pytest.raises(JournalCorrupt, match=f"at byte {SEGMENT_HEADER_BYTES}"):
        open_journal(tmp_path)


def test_a_batch_cut_out_breaks_the_chain(tmp_path: Path) -> None:
    write(tmp_path, *BATCHES)
    path = segment_paths(tmp_path)[0]
    data = path.read_bytes()
    second = data.index(b"VBAT", SEGMENT_HEADER_BYTES + 1)
    path.write_bytes(data[:SEGMENT_HEADER_BYTES] + data[second:])
    with pytest.raises(JournalCorrupt):
        open_journal(tmp_path)


@pytest.mark.parametrize("which", [0, 1, -1])
def test_a_missing_segment_is_refused(tmp_path: Path, which: int) -> None:
    write(tmp_path, *([[bytes([n])] for n in range(200)]), segment_bytes=4096)
    segment_paths(tmp_path)[which].unlink()
    with pytest.raises(JournalCorrupt, match="missing"):
        open_journal(tmp_path)
    assert not verify(tmp_path).ok


def test_a_crash_within_rotation_goes_on(tmp_path: Path) -> None:
    """New segment ready and old one sealed, but the new one has no name yet; and before the seal."""
    write(tmp_path, *([[bytes([n])] for n in range(100)]), segment_bytes=4096)
    first, second = segment_paths(tmp_path)[:2]
    for later in segment_paths(tmp_path)[2:]:
        later.unlink()
    data = second.read_bytes()
    second.unlink()
    unfinished = second.with_suffix(UNFINISHED_SUFFIX)
    unfinished.write_bytes(data[:SEGMENT_HEADER_BYTES])
    bodies, journal = replayed(tmp_path, 4096)
    journal.commit([pack_entry(7, 1, b"after")], now_ms=1)
    journal.close()
    assert not unfinished.exists()
    assert replayed_and_closed(tmp_path) == [*bodies, b"after"]
    second.unlink()
    unfinished.write_bytes(data[:40])
    whole = first.read_bytes()
    first.write_bytes(whole[: whole.rindex(b"VBAT")])
    assert replayed_and_closed(tmp_path) == bodies
    assert not unfinished.exists()


def replayed_and_closed(directory: Path) -> list[bytes]:
    bodies, journal = replayed(directory, 4096)
    journal.close()
    return bodies


def test_unknown_version_and_other_key_are_refused(tmp_path: Path) -> None:
    write(tmp_path, *BATCHES)
    with pytest.raises(JournalFault, match="another master key"):
        Journal.open(tmp_path, key_check=b"k" * 16, segment_bytes=LARGE, now_ms=1, on_entry=lambda _: None)
    path = segment_paths(tmp_path)[0]
    data = bytearray(path.read_bytes())
    data[9] = 2
    path.write_bytes(data)
    with pytest.raises(JournalVersionUnknown, match="version 2"):
        open_journal(tmp_path)


def test_one_journal_has_one_writer(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    with pytest.raises(JournalLocked):
        open_journal(tmp_path)
    journal.close()
    open_journal(tmp_path).close()


class NoSync(OperatingSystem):
    """A disk that takes everything and keeps nothing."""

    def fdatasync(self, _descriptor: int, /) -> None:
        raise OSError(errno.EIO, "no sync")


def test_after_a_failed_write_nothing_is_committed(tmp_path: Path) -> None:
    journal = open_journal(tmp_path, system=NoSync())
    with pytest.raises(OSError, match="no sync"):
        journal.commit([pack_entry(7, 1, b"x")], now_ms=1)
    with pytest.raises(JournalFault, match="earlier write failed"):
        journal.commit([pack_entry(7, 1, b"x")], now_ms=1)
    assert journal.last_position == 0
    journal.close()


def test_a_write_that_writes_nothing_is_a_failure(tmp_path: Path) -> None:
    class Deaf(OperatingSystem):
        def pwrite(self, descriptor: int, data: bytes | memoryview, offset: int, /) -> int:
            return 0

    with pytest.raises(OSError, match="Input/output error"):
        open_journal(tmp_path, system=Deaf())


def test_a_large_rule_table_fits_an_entry() -> None:
    table = b"".join(b"RULE-%05d give 100 per 1000000 " % number for number in range(100_000))
    entry = RuleTableEntry(1, 1, table)
    kind, body = pack(entry)
    assert len(body) < ENTRY_BYTES_MAX < len(table)
    assert unpack(kind, ENTRY_VERSION, body) == entry
    for wrong in (body[:-1], body + b"x", body[:12], body[:12] + b"no table"):
        with pytest.raises(EntryFault):
            unpack(kind, ENTRY_VERSION, wrong)
