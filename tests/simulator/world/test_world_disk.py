"""The simulated disk keeps what was synced, and no journal on it loses what was committed."""

import errno
from random import Random

import pytest

from simulator.world.disk import SECTOR_BYTES, DiskFaults, Halted, Handle, SimulatedDisk, Stop
from simulator.world.disk_calls import DIRECTORY, DiskCalls
from switch.journal.format import RawEntry, pack_entry
from switch.journal.writer import Journal


def disk_of(seed: int, faults: DiskFaults | None = None) -> SimulatedDisk:
    return SimulatedDisk(Random(seed), faults or DiskFaults(), lambda _: None)


def opened(disk: SimulatedDisk, name: str) -> int:
    file = disk.files[name] if name in disk.files else disk.create(name)
    return disk.open_handle(Handle(file, name))


@pytest.mark.parametrize("seed", range(20))
def test_what_was_synced_survives_a_power_cut(seed: int) -> None:
    disk = disk_of(seed)
    descriptor = opened(disk, "a")
    disk.write(descriptor, b"kept" * 300, 0)
    disk.sync(descriptor)
    disk.sync(disk.open_handle(Handle(None)))
    disk.write(descriptor, b"x" * 2000, 1200)
    disk.stop(Stop.POWER_CUT)
    content = bytes(disk.files["a"].content)
    assert content[:1200] == b"kept" * 300
    rest = content[1200:]
    for start in range(0, len(rest), SECTOR_BYTES):
        border = SECTOR_BYTES - 1200 % SECTOR_BYTES
        part = rest[:border] if start == 0 else rest[border + start - SECTOR_BYTES : border + start]
        assert part in (b"x" * len(part), bytes(len(part)))


def test_a_name_that_was_not_synced_may_vanish() -> None:
    found = set()
    for seed in range(30):
        disk = disk_of(seed)
        opened(disk, "a")
        disk.stop(Stop.POWER_CUT)
        found.add("a" in disk.files)
    assert found == {False, True}


def test_a_killed_process_leaves_the_cache() -> None:
    disk = disk_of(1)
    disk.write(opened(disk, "a"), b"seen", 0)
    disk.stop(Stop.KILLED)
    assert disk.files["a"].content == b"seen"


def test_a_failed_sync_leaves_clean_pages_that_are_not_on_the_disk() -> None:
    lost = 0
    for seed in range(30):
        disk = disk_of(seed, DiskFaults(sync_fails=10_000))
        descriptor = opened(disk, "a")
        disk.faults.sync_fails = 0
        disk.sync(disk.open_handle(Handle(None)))
        disk.write(descriptor, b"batch", 0)
        disk.faults.sync_fails = 10_000
        with pytest.raises(OSError) as caught:
            disk.sync(descriptor)
        assert caught.value.errno == errno.EIO
        disk.faults.sync_fails = 0
        disk.sync(descriptor)
        disk.stop(Stop.POWER_CUT)
        lost += disk.files["a"].content != b"batch"
    assert lost > 0


def journal_on(disk: SimulatedDisk, seen: list[RawEntry]) -> Journal:
    return Journal.open(
        DIRECTORY,
        key_check=bytes(16),
        segment_bytes=4096,
        now_ms=1,
        on_entry=seen.append,
        system=DiskCalls(disk),
    )


@pytest.mark.parametrize("how", list(Stop))
def test_a_journal_that_stops_in_any_call_keeps_what_it_committed(how: Stop) -> None:
    for halt in range(0, 60, 1 if how is Stop.POWER_CUT else 3):
        disk = disk_of(halt, DiskFaults(write_is_short=3_000))
        committed = 0
        disk.halt_within(halt, how)
        try:
            journal = journal_on(disk, [])
            for number in range(40):
                journal.commit([pack_entry(7, 1, bytes([number]) * 300)], 1)
                committed += 1
        except Halted:
            disk.stop(how)
        seen: list[RawEntry] = []
        journal_on(disk, seen)
        assert committed <= len(seen) <= committed + 1
        assert [entry.body[0] for entry in seen] == list(range(len(seen)))
