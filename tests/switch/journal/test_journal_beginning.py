"""A journal whose older segments are gone is read by whoever knows where it goes on, and else refused."""

import hashlib
from pathlib import Path

import pytest

from switch.journal.faults import JournalCorrupt
from switch.journal.format import FIRST_POSITION, GENESIS_HASH, UNFINISHED_SUFFIX, segment_paths
from switch.journal.reader import Beginning, JournalScan
from tests.switch.journal.small import open_journal, packed, write

SEGMENT_BYTES = 450
BATCHES = [[b"%d-%d" % (number, entry) * 3 for entry in range(1 + number % 3)] for number in range(12)]
BODIES = [body for batch in BATCHES for body in batch]


@pytest.fixture
def beginnings(tmp_path: Path) -> list[Beginning]:
    """What a writer knows behind each batch, of the journal of three segments in the test's directory."""
    journal = open_journal(tmp_path, segment_bytes=SEGMENT_BYTES)
    found = [Beginning()]
    for batch in BATCHES:
        journal.commit(packed(batch), now_ms=1)
        found.append(Beginning(journal.last_position + 1, journal.last_hash))
    journal.close()
    assert len(segment_paths(tmp_path)) == 3
    return found


def read_from(directory: Path, beginning: Beginning) -> tuple[list[bytes], JournalScan]:
    scan = JournalScan(directory, beginning=beginning)
    found = [entry for batch in scan.run() for entry in batch.entries]
    assert [entry.position for entry in found] == [beginning.position + index for index in range(len(found))]
    return [entry.body for entry in found], scan


@pytest.mark.parametrize("removed", [0, 1, 2])
def test_every_batch_that_is_there_can_be_the_first(
    tmp_path: Path, beginnings: list[Beginning], removed: int
) -> None:
    everything = JournalScan(tmp_path)
    list(everything.run())
    for path in segment_paths(tmp_path)[:removed]:
        path.unlink()
    oldest = int(segment_paths(tmp_path)[0].stem)
    for beginning in beginnings:
        if beginning.position < oldest:
            with pytest.raises(JournalCorrupt, match="missing"):
                read_from(tmp_path, beginning)
            continue
        bodies, scan = read_from(tmp_path, beginning)
        assert bodies == BODIES[beginning.position - 1 :]
        assert (scan.entries, scan.last_position) == (len(bodies), len(BODIES))
        assert scan.last_hash == everything.last_hash
    if removed:
        with pytest.raises(JournalCorrupt, match="missing"):
            list(JournalScan(tmp_path).run())


def test_segments_before_the_one_that_is_wanted_are_not_read(
    tmp_path: Path, beginnings: list[Beginning]
) -> None:
    segment_paths(tmp_path)[0].write_bytes(b"damaged long ago")
    assert read_from(tmp_path, beginnings[-1])[0] == []
    with pytest.raises(JournalCorrupt, match="shorter than its header"):
        read_from(tmp_path, beginnings[1])


def test_a_beginning_of_another_journal_is_refused(tmp_path: Path, beginnings: list[Beginning]) -> None:
    other = hashlib.sha256(b"another journal").digest()
    for beginning in beginnings[:-1]:
        with pytest.raises(JournalCorrupt, match=f"entry {beginning.position} does not follow") as caught:
            read_from(tmp_path, beginning._replace(previous_hash=other))
        assert caught.value.path in segment_paths(tmp_path)
        assert caught.value.offset is not None
    with pytest.raises(JournalCorrupt, match=f"entry {len(BODIES) + 1} is to come next"):
        read_from(tmp_path, beginnings[-1]._replace(previous_hash=other))


def test_a_beginning_within_a_batch_is_refused(tmp_path: Path, beginnings: list[Beginning]) -> None:
    borders = {beginning.position for beginning in beginnings}
    for position in set(range(FIRST_POSITION, len(BODIES) + 1)) - borders:
        for beginning in beginnings:
            with pytest.raises(JournalCorrupt, match=f"entry {position} does not follow"):
                read_from(tmp_path, beginning._replace(position=position))


def test_a_journal_that_ends_too_early_is_refused(tmp_path: Path, beginnings: list[Beginning]) -> None:
    """As where the newest segments were lost, or the newest batch torn."""
    with pytest.raises(JournalCorrupt, match=f"entry {len(BODIES) + 3} is to come next"):
        read_from(tmp_path, Beginning(len(BODIES) + 3, beginnings[-1].previous_hash))
    newest = segment_paths(tmp_path)[-1]
    newest.write_bytes(newest.read_bytes()[:-1])
    with pytest.raises(JournalCorrupt, match=f"entry {len(BODIES) + 1} is to come next") as caught:
        read_from(tmp_path, beginnings[-1])
    assert caught.value.path == newest
    for path in segment_paths(tmp_path):
        path.unlink()
    with pytest.raises(JournalCorrupt, match="is to come next"):
        read_from(tmp_path, beginnings[3])
    assert read_from(tmp_path, Beginning())[0] == []


def test_a_beginning_where_a_crash_left_the_segment_without_its_name(
    tmp_path: Path, beginnings: list[Beginning]
) -> None:
    newest = segment_paths(tmp_path)[-1]
    newest.rename(newest.with_suffix(UNFINISHED_SUFFIX))
    beginning = next(found for found in beginnings if found.position == int(newest.stem))
    assert read_from(tmp_path, beginning)[0] == BODIES[beginning.position - 1 :]


def test_a_new_journal_has_nothing_before_it(tmp_path: Path) -> None:
    write(tmp_path / "one", *BATCHES)
    with pytest.raises(JournalCorrupt, match="entry 1 does not follow"):
        read_from(tmp_path / "one", Beginning(FIRST_POSITION, b"x" * len(GENESIS_HASH)))
