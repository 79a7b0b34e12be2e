"""Following a journal that is being written: every durable batch once, in order, whatever its files do."""

import errno
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from switch.journal.faults import JournalCorrupt
from switch.journal.follower import JournalFollower
from switch.journal.format import SEGMENT_HEADER_BYTES, UNFINISHED_SUFFIX, pack_batch, segment_paths
from switch.journal.system import OperatingSystem
from switch.journal.writer import Journal
from tests.switch.journal.small import open_journal, packed, write

SEGMENT_BYTES = 450


@contextmanager
def following(directory: Path) -> Iterator[JournalFollower]:
    follower = JournalFollower(directory)
    try:
        yield follower
    finally:
        follower.close()


def told(follower: JournalFollower) -> list[bytes]:
    return [entry.body for batch in follower.batches() for entry in batch.entries]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = open_journal(tmp_path / "journal", segment_bytes=SEGMENT_BYTES)
    yield opened
    opened.close()


def test_what_is_committed_is_told_once(tmp_path: Path, journal: Journal) -> None:
    journal.commit(packed([b"a", b"b"]), now_ms=1)
    with following(tmp_path / "journal") as follower:
        assert told(follower) == [b"a", b"b"]
        assert told(follower) == []
        for number in range(100):
            batches = [[b"%d-%d" % (number, index)] * (1 + index) for index in range(number % 4)]
            for batch in batches:
                journal.commit(packed(batch), now_ms=1)
            assert told(follower) == [body for batch in batches for body in batch]
    assert len(segment_paths(tmp_path / "journal")) > 10


def test_a_restart_of_the_switch_goes_unnoticed(tmp_path: Path) -> None:
    write(tmp_path, [b"before"])
    with following(tmp_path) as follower:
        assert told(follower) == [b"before"]
        path = segment_paths(tmp_path)[0]
        with path.open("ab") as file:
            file.write(b"VBAT torn by a crash")
        assert told(follower) == []
        write(tmp_path, [b"after"])
        assert told(follower) == [b"after"]


def test_a_directory_that_is_still_empty(tmp_path: Path) -> None:
    with following(tmp_path) as follower:
        assert told(follower) == []
        write(tmp_path, [b"first"])
        assert told(follower) == [b"first"]
    with following(tmp_path / "none") as follower, pytest.raises(FileNotFoundError):
        told(follower)


@pytest.mark.parametrize("seed", range(5))
def test_a_batch_is_told_when_it_is_whole(tmp_path: Path, seed: int) -> None:
    """Whatever is read in the middle of a write, of which any bytes may be there first."""
    write(tmp_path, [b"first"])
    path = segment_paths(tmp_path)[0]
    journal = open_journal(tmp_path)
    last_hash = journal.last_hash
    journal.close()
    batch, _ = pack_batch(last_hash, 2, packed([b"second" * 200, b"third"]))
    start = path.stat().st_size
    places = list(range(0, len(batch), 37))
    random.Random(seed).shuffle(places)
    with following(tmp_path) as follower, path.open("r+b") as file:
        file.truncate(start + 8192)
        assert told(follower) == [b"first"]
        for place in places:
            assert told(follower) == []
            file.seek(start + place)
            file.write(batch[place : place + 37])
            file.flush()
        assert told(follower) == [b"second" * 200, b"third"]


def test_a_seal_without_its_successor_is_waited_for(tmp_path: Path, journal: Journal) -> None:
    directory = tmp_path / "journal"
    journal.commit(packed([b"a"]), now_ms=1)
    with following(directory) as early, following(directory) as late:
        assert told(early) == [b"a"]
        while len(segment_paths(directory)) == 1:
            journal.commit(packed([b"b" * 40]), now_ms=1)
        count = journal.last_position
        second = segment_paths(directory)[1]
        whole = second.read_bytes()
        unfinished = second.with_suffix(UNFINISHED_SUFFIX)
        second.rename(unfinished)
        unfinished.write_bytes(whole[:SEGMENT_HEADER_BYTES])
        assert [len(told(early)), len(told(late))] == [count - 2, count - 1]
        unfinished.write_bytes(whole)
        assert [len(told(early)), len(told(late))] == [0, 1]
        unfinished.rename(second)
        assert [len(told(early)), len(told(late))] == [1, 0]
        journal.commit(packed([b"c"]), now_ms=1)
        assert [told(early), told(late)] == [[b"c"], [b"c"]]


class Withheld(OperatingSystem):
    """A disk on which nothing becomes durable for whoever looks on."""

    def __init__(self) -> None:
        self.synced = 0

    def fdatasync(self, descriptor: int, /) -> None:
        self.synced += 1
        raise OSError(errno.EIO, os.strerror(errno.EIO))


def test_only_what_is_durable_is_told(tmp_path: Path, journal: Journal) -> None:
    """The newest batch may not have been synced by its writer; older ones have."""
    journal.commit(packed([b"a"]), now_ms=1)
    journal.commit(packed([b"b"]), now_ms=1)
    system = Withheld()
    follower = JournalFollower(tmp_path / "journal", system)
    found = []
    with pytest.raises(OSError, match="Input/output"):
        for batch in follower.batches():
            found.append(batch.entries[0].body)
    assert (found, system.synced) == ([b"a"], 1)
    follower.close()


def test_damage_that_the_writer_has_left_behind_is_told(tmp_path: Path, journal: Journal) -> None:
    directory = tmp_path / "journal"
    path = segment_paths(directory)[0]
    with following(directory) as follower:
        journal.commit(packed([b"a"]), now_ms=1)
        end = len(path.read_bytes().rstrip(b"\0"))
        assert told(follower) == [b"a"]
        journal.commit(packed([b"b"]), now_ms=1)
        with path.open("r+b") as file:
            file.seek(end + 40)
            file.write(b"?")
        assert told(follower) == []
        journal.commit(packed([b"c"]), now_ms=1)
        with pytest.raises(JournalCorrupt, match="damaged") as caught:
            told(follower)
        assert (caught.value.path, caught.value.offset) == (path, end)
    with following(directory) as beginner, pytest.raises(JournalCorrupt, match="damaged"):
        told(beginner)


def test_a_segment_that_went_on_without_its_seal_is_told(tmp_path: Path, journal: Journal) -> None:
    directory = tmp_path / "journal"
    journal.commit(packed([b"a"]), now_ms=1)
    with following(directory) as follower:
        assert told(follower) == [b"a"]
        first = segment_paths(directory)[0]
        kept = first.read_bytes().rstrip(b"\0")
        while len(segment_paths(directory)) == 1:
            journal.commit(packed([b"x" * 40]), now_ms=1)
        first.write_bytes(kept)
        with pytest.raises(JournalCorrupt, match="damaged"):
            told(follower)
