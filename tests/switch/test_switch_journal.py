"""The journal on real files: what is durable comes back, what is damaged is noticed."""

import os
from pathlib import Path

import pytest

from switch.journal.entries import ENTRY_VERSION, EntryFault, RuleTableEntry, pack, unpack
from switch.journal.faults import JournalCorrupt, JournalFault, JournalLocked, JournalVersionUnknown
from switch.journal.format import (
    ENTRY_BYTES_MAX,
    SEGMENT_HEADER_BYTES,
    TORN_SUFFIX,
    UNFINISHED_SUFFIX,
    RawEntry,
    pack_entry,
    segment_paths,
)
from switch.journal.reader import read_after
from switch.journal.verify import verify
from switch.journal.writer import Journal

KEY_CHECK = bytes(16)
LARGE = 1 << 26


def open_journal(directory: Path, seen: list[RawEntry] | None = None, segment_bytes: int = LARGE) -> Journal:
    return Journal.open(
        directory,
        key_check=KEY_CHECK,
        segment_bytes=segment_bytes,
        now_ms=1,
        on_entry=(seen if seen is not None else []).append,
    )


def replayed(directory: Path, segment_bytes: int = LARGE) -> tuple[list[bytes], Journal]:
    seen: list[RawEntry] = []
    journal = open_journal(directory, seen, segment_bytes)
    assert [entry.position for entry in seen] == list(range(1, len(seen) + 1))
    return [entry.body for entry in seen], journal


def write(directory: Path, *batches: list[bytes], segment_bytes: int = LARGE) -> None:
    journal = open_journal(directory, segment_bytes=segment_bytes)
    for batch in batches:
        journal.commit([pack_entry(7, 1, body) for body in batch], now_ms=1)
    journal.close()


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


@pytest.mark.parametrize("preallocated", [False, True])
def test_last_batch_cut_at_every_byte_is_set_aside(tmp_path: Path, preallocated: bool) -> None:
    write(tmp_path / "whole", *BATCHES)
    data = segment_paths(tmp_path / "whole")[0].read_bytes()
    start = last_batch_offset(segment_paths(tmp_path / "whole")[0])
    for cut in range(start, len(data)):
        if preallocated and (cut - start) % 512 and data[cut - cut % 512 : cut].strip(b"\0") and cut > start:
            continue  # a sector is written whole or not at all
        directory = tmp_path / f"cut{cut}"
        directory.mkdir()
        path = directory / segment_paths(tmp_path / "whole")[0].name
        path.write_bytes(data[:cut] + (bytes(8192) if preallocated else b""))
        report = verify(directory)
        assert (report.ok, report.entries) == (True, 3), report.fault
        bodies, journal = replayed(directory)
        assert bodies == BODIES[:3]
        assert (journal.torn is None) == (cut == start)
        journal.commit([pack_entry(7, 1, b"next")], now_ms=1)
        journal.close()
        sides = list(directory.glob(f"*{TORN_SUFFIX}"))
        assert [side.read_bytes() for side in sides] == (
            [] if cut == start else [data[start:cut].rstrip(b"\0")]
        )
        bodies, journal = replayed(directory)
        assert bodies == [*BODIES[:3], b"next"]
        journal.close()


@pytest.mark.parametrize("padding", [0, 8192])
def test_a_flipped_bit_anywhere_is_refused(tmp_path: Path, padding: int) -> None:
    """Also in the last batch: it was written whole, so somebody may have been answered from it."""
    write(tmp_path, *BATCHES)
    path = segment_paths(tmp_path)[0]
    data = path.read_bytes()
    for offset in range(len(data)):
        damaged = bytearray(data + bytes(padding))
        damaged[offset] ^= 1 << offset % 8
        path.write_bytes(damaged)
        assert not verify(tmp_path).ok, offset
        with pytest.raises(JournalFault) as caught:
            open_journal(tmp_path)
        assert caught.value.path == path
        assert str(path) in str(caught.value)
        assert caught.value.offset is not None


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


def test_after_a_failed_write_nothing_is_committed(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    os.close(journal._descriptor)
    with pytest.raises(OSError, match="Bad file descriptor"):
        journal.commit([pack_entry(7, 1, b"x")], now_ms=1)
    with pytest.raises(JournalFault, match="earlier write failed"):
        journal.commit([pack_entry(7, 1, b"x")], now_ms=1)
    journal._descriptor = -1
    journal.close()
    assert verify(tmp_path).entries == 0


def test_a_large_rule_table_fits_an_entry() -> None:
    table = b"".join(b"RULE-%05d give 100 per 1000000 " % number for number in range(100_000))
    entry = RuleTableEntry(1, 1, table)
    kind, body = pack(entry)
    assert len(body) < ENTRY_BYTES_MAX < len(table)
    assert unpack(kind, ENTRY_VERSION, body) == entry
    for wrong in (body[:-1], body + b"x", body[:12], body[:12] + b"no table"):
        with pytest.raises(EntryFault):
            unpack(kind, ENTRY_VERSION, wrong)
