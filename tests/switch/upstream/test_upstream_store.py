"""The queue file under kill -9 in the midst of every write, a full disk, power cuts and damage."""

import os
import resource
import shutil
import signal
import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from switch.journal.entries import Fate
from switch.upstream.saf_types import (
    Attempted,
    Bury,
    Change,
    Enqueue,
    Forget,
    Journaled,
    Loaded,
    Pending,
    Remember,
    Remove,
    Revive,
    Undo,
    Undone,
)
from switch.upstream.store import Store, StoreFault, store_key
from tests.switch.upstream.partner_wire import SPEC
from tests.switch.upstream.queue_content import CARD, Content, advice, forwarded, reversal, told

KEY = store_key(bytes(range(32)))

# Every kind of change, some of them several in one commit.
COMMITS: tuple[tuple[Change, ...], ...] = (
    (Remember(forwarded(1)),),
    (Remember(forwarded(2)), Enqueue(advice(2)), Pending(2, 7, told(2))),
    (Pending(1, 8, told(1, Fate.TAKEN_BACK), reversal(1).message),),
    (Enqueue(reversal(3)), Undo("T0000001", forwarded(1).local_key, Undone.BY_US)),
    (Attempted(2, 1), Attempted(3, 1), Journaled(2), Pending(1, 9, told(1, Fate.TAKEN_BACK))),
    (Remember(forwarded(4, "T0000002")), Enqueue(reversal(4, "T0000002")), Remove(2)),
    (Bury(3, 5, "refused with code 14"),),
    (Forget(forwarded(1), forwarded(1).local_key),),
    (Revive(3), Enqueue(advice(5)), Remember(forwarded(5))),
    (Remove(3), Remove(4)),
)


def expected() -> list[Loaded]:
    """Content after none, one, two... commits."""
    content = Content()
    found = [content.loaded()]
    for changes in COMMITS:
        content.apply(changes)
        found.append(content.loaded())
    return found


def opened(path: Path) -> Store:
    return Store.open(path, SPEC, KEY)


def content_of(path: Path) -> Loaded:
    store = opened(path)
    try:
        return store.load()
    finally:
        store.close()


def in_child(work: Callable[[Callable[[], None]], None]) -> tuple[int, int]:
    """Run `work` in a forked process that may be killed; (how often it called its argument, wait status).

    Its limits and signals are its own.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(reader)
            work(lambda: _tell(writer))
            status = 0
        finally:
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader, "rb") as told:
        acknowledged = len(told.read())
    return acknowledged, os.waitpid(child, 0)[1]


def _tell(writer: int) -> None:
    os.write(writer, b".")


def limit_files(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_every_change_is_there_again(tmp_path: Path) -> None:
    path = tmp_path / "queue.sqlite3"
    for changes, loaded in zip(COMMITS, expected()[1:], strict=True):
        store = opened(path)
        store.commit(changes)
        store.commit(changes)  # as after a failure of which nobody knows how far it came
        assert store.load() == loaded
        store.close()
        assert content_of(path) == loaded


def test_kill_in_the_midst_of_every_write(tmp_path: Path) -> None:
    """The kernel kills the process at the first byte that a file would have beyond a limit; every limit in
    turn ends it within, before and after each of SQLite's writes."""
    pristine = tmp_path / "pristine.sqlite3"
    opened(pristine).close()
    states = expected()
    kills, size = 0, 0
    found: set[int] = set()
    while True:
        size += 2017  # not a divisor of pages and frames, so that writes are torn at many places
        path = tmp_path / f"{size}.sqlite3"
        shutil.copy(pristine, path)

        def work(acknowledge: Callable[[], None], path: Path = path, size: int = size) -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            store = opened(path)
            limit_files(size)
            for changes in COMMITS:
                store.commit(changes)
                acknowledge()
            os._exit(0)  # without a clean end, as kill -9 after the last commit

        acknowledged, status = in_child(work)
        loaded = content_of(path)
        assert loaded in states[acknowledged : acknowledged + 2], f"limit {size}"
        found.add(acknowledged)
        if status == 0:
            break
        assert os.WTERMSIG(status) == signal.SIGXFSZ
        kills += 1
    assert kills > 25
    assert found == set(range(len(states)))


def test_a_full_disk_loses_nothing_and_heals(tmp_path: Path) -> None:
    pristine = tmp_path / "pristine.sqlite3"
    opened(pristine).close()
    states = expected()
    for size in range(8192, 160_000, 9_973):
        path = tmp_path / f"{size}.sqlite3"
        shutil.copy(pristine, path)

        def work(acknowledge: Callable[[], None], path: Path = path, size: int = size) -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            store = opened(path)
            for number, changes in enumerate(COMMITS):
                limit_files(size)
                try:
                    store.commit(changes)
                except sqlite3.Error:
                    acknowledge()
                    assert store.load() == states[number]
                    limit_files(resource.RLIM_INFINITY)
                    store.commit(changes)
                assert store.load() == states[number + 1]
            store.close()

        failures, status = in_child(work)
        assert status == 0, f"limit {size}"
        assert content_of(path) == states[-1]
        if size == 8192:
            assert failures == len(COMMITS)


@pytest.fixture
def torn(tmp_path: Path) -> tuple[Path, Path, list[int]]:
    """Database and log as a running process has them, and the log's length after each commit."""
    live = tmp_path / "live.sqlite3"
    opened(live).close()
    store = opened(live)
    lengths = []
    log = live.with_name(live.name + "-wal")
    for changes in COMMITS:
        store.commit(changes)
        # The header counts no frames: the last commit's are found by their salts, then by their size.
        lengths.append(_log_length(log))
    copies = tmp_path / "copy.sqlite3", tmp_path / "copy.sqlite3-wal"
    shutil.copy(live, copies[0])
    shutil.copy(log, copies[1])
    store.close()
    return copies[0], copies[1], lengths


def _log_length(log: Path) -> int:
    """Bytes up to the last frame of the present round."""
    data = log.read_bytes()
    salts = data[16:24]
    end = 32
    while data[end + 8 : end + 16] == salts and len(data) >= end + 24 + 4096:
        end += 24 + 4096
    return end


def test_a_power_cut_leaves_whole_commits(torn: tuple[Path, Path, list[int]], tmp_path: Path) -> None:
    """Of the log had reached the disk any number of bytes; then comes nothing, or what was there before."""
    database, log, lengths = torn
    data = log.read_bytes()
    states = expected()
    cuts = {end + offset for end in range(32, len(data), 24 + 4096) for offset in (-7, 0, 1000)}
    for cut in sorted(cuts | {0, 1, 31}):
        for tail in (b"", b"\xa5" * (len(data) - min(cut, len(data)))):
            path = tmp_path / "cut.sqlite3"
            shutil.copy(database, path)
            path.with_name("cut.sqlite3-wal").write_bytes(data[:cut] + tail)
            whole = sum(length <= cut for length in lengths)
            assert content_of(path) == states[whole], f"cut at {cut}"


def test_a_flipped_bit_in_the_log_hides_no_earlier_commit(
    torn: tuple[Path, Path, list[int]], tmp_path: Path
) -> None:
    database, log, lengths = torn
    data = log.read_bytes()
    states = expected()
    for place in range(32, lengths[-1], 1499):
        path = tmp_path / "flipped.sqlite3"
        shutil.copy(database, path)
        damaged = bytearray(data)
        damaged[place] ^= 0x10
        path.with_name("flipped.sqlite3-wal").write_bytes(damaged)
        whole = sum(length <= place for length in lengths)
        assert content_of(path) == states[whole], f"bit at {place}"


def test_card_numbers_are_nowhere_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "queue.sqlite3"
    store = opened(path)
    store.commit([Enqueue(advice(1))])
    written = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert CARD.encode() not in written
    assert bytes.fromhex(CARD) not in written
    assert store.load().items[0].message.fields[2] == CARD
    store.close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_one_process_only(tmp_path: Path) -> None:
    path = tmp_path / "queue.sqlite3"
    store = opened(path)
    with pytest.raises(StoreFault, match="another process has it open"):
        opened(path)
    store.close()
    opened(path).close()


def test_what_cannot_be_trusted_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "queue.sqlite3"
    store = opened(path)
    store.commit([Enqueue(advice(1))])
    store.close()
    other = Store.open(path, SPEC, store_key(bytes(32)))
    with pytest.raises(StoreFault, match="of another master key"):
        other.load()
    other.close()

    connection = sqlite3.connect(path)
    connection.execute("UPDATE items SET number=2")
    connection.commit()
    connection.close()
    store = opened(path)
    with pytest.raises(StoreFault, match="message 2 is damaged"):
        store.load()
    store.close()

    alien = tmp_path / "alien.sqlite3"
    connection = sqlite3.connect(alien)
    connection.execute("PRAGMA user_version=7")
    connection.commit()
    connection.close()
    with pytest.raises(StoreFault, match="not a queue file"):
        opened(alien)
    alien.write_bytes(struct.pack(">I", 7) * 2048)
    with pytest.raises(StoreFault, match="not a database"):
        opened(alien)
    with pytest.raises(StoreFault):
        opened(path / "below-a-file.sqlite3")
