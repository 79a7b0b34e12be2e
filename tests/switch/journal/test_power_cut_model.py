"""Lives of a journal on a modelled disk, each ended by a kill or by a power cut that keeps any of what was
not synced."""

from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simulator.world.disk import SECTOR_BYTES, DiskFaults, Halted, SimulatedDisk, Stop
from simulator.world.disk_calls import DIRECTORY, DiskCalls
from switch.journal.verify import verify
from tests.amounts import many
from tests.switch.journal.small import open_journal, packed, replayed

PAGE_BYTES = 4096
# Several commits to a segment, several segments to a life.
SEGMENT_BYTES = 6_000
CUTS_MAX = 150

bodies = st.lists(
    st.builds(lambda size, letter: bytes([letter]) * size, st.integers(0, 3_000), st.integers(65, 90)),
    min_size=1,
    max_size=4,
)
# Most cuts come early: within recovery, and in the first commits behind it.
calls = st.one_of(st.integers(0, 30), st.integers(0, CUTS_MAX))
lives = st.lists(
    st.tuples(st.lists(bodies, max_size=12), calls, st.sampled_from([Stop.POWER_CUT, Stop.KILLED])),
    min_size=1,
    max_size=5,
)


# A failing life is made smaller for minutes otherwise.
@settings(
    max_examples=many(300),
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(st.randoms(use_true_random=True), st.sampled_from([SECTOR_BYTES, PAGE_BYTES]), lives)
def test_what_was_committed_outlives_every_end(
    random: Random, sector_bytes: int, plan: list[tuple[list[list[bytes]], int, Stop]]
) -> None:
    """Nothing answered is lost, nothing comes back changed, and of what was under way all or nothing."""
    faults = DiskFaults(write_is_short=500, sync_fails=random.choice((0, 300)))
    disk = SimulatedDisk(random, faults, lambda _: None, sector_bytes)
    system = DiskCalls(disk)
    durable: list[bytes] = []
    under_way: list[bytes] = []
    for batches, calls, how in plan:
        disk.halt_within(calls, how)
        try:
            found, journal = replayed(DIRECTORY, SEGMENT_BYTES, system)
            assert found in (durable, durable + under_way)
            durable, under_way = found, []
            for batch in batches:
                under_way = batch
                journal.commit(packed(batch), now_ms=1)
                durable, under_way = durable + batch, []
            journal.close()
        except (Halted, OSError):
            pass
        disk.stop(how)
    faults.sync_fails = 0
    found, journal = replayed(DIRECTORY, SEGMENT_BYTES, system)
    assert found in (durable, durable + under_way)
    journal.commit(packed([b"next"]), now_ms=1)
    disk.stop(Stop.POWER_CUT)
    report = verify(DIRECTORY, system)
    assert (report.ok, report.entries, report.torn_bytes) == (True, len(found) + 1, 0)
    assert replayed(DIRECTORY, SEGMENT_BYTES, system)[0] == [*found, b"next"]


def test_the_plan_reaches_every_call_of_a_life() -> None:
    """Else a cut would be drawn that never comes, and some would never be drawn."""
    disk = SimulatedDisk(Random(1), DiskFaults(), lambda _: None)
    journal = open_journal(DIRECTORY, segment_bytes=SEGMENT_BYTES, system=DiskCalls(disk))
    for number in range(12):
        journal.commit(packed([bytes([number]) * 3_000] * 3), now_ms=1)
    journal.close()
    assert 100 < disk.calls < CUTS_MAX
