"""`kill -9` and SIGSTOP of the real process amid traffic: nothing answered is lost, nothing counts twice."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

from switch.journal.verify import verify
from tests.switch.customers import Crowd

if TYPE_CHECKING:
    from tests.switch.conftest import Balances, Connect, SwitchAt, SwitchProcess

ROUNDS = 6
PAUSES = 4
TILLS = 4
SEGMENT_BYTES = 65_536


def test_kill_in_the_middle_of_traffic(switch_at: SwitchAt, connect: Connect, balances: Balances) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    process = switch_at().start(segment_bytes=SEGMENT_BYTES)
    crowd = Crowd(TILLS)
    crowd.furnish(process, connect)
    for _ in range(ROUNDS):
        crowd.enter(process, connect)
        crowd.wait_for_answers()
        # The random instant is what is tested: anywhere within receiving, writing, syncing and answering.
        time.sleep(chance.uniform(0.0, 0.5))
        process.kill()
        crowd.leave()
        assert verify(process.journal).ok
        process.start(segment_bytes=SEGMENT_BYTES)
    assert crowd.settle(process, connect, balances) > ROUNDS * TILLS
    assert process.stop() == 0
    report = verify(process.journal)
    assert (report.ok, report.torn_bytes, report.fault) == (True, 0, None)
    assert report.segments > 1


def test_a_stopped_process_goes_on_or_is_killed(
    switch_at: SwitchAt, connect: Connect, balances: Balances
) -> None:
    """Where it stood still it serves on; where it is killed then, nothing is lost either."""
    process = switch_at().start(segment_bytes=SEGMENT_BYTES)
    crowd = Crowd(TILLS)
    crowd.furnish(process, connect)
    crowd.enter(process, connect)
    for _ in range(PAUSES):
        crowd.wait_for_answers(30)
        pause(process)
        assert verify(process.journal).ok
        resume(process)
    crowd.wait_for_answers(30)
    pause(process)
    process.kill()
    crowd.leave()
    assert verify(process.journal).ok
    process.start(segment_bytes=SEGMENT_BYTES)
    assert crowd.settle(process, connect, balances) > (PAUSES + 1) * 30 * TILLS
    assert process.stop() == 0


def pause(process: SwitchProcess) -> None:
    """SIGSTOP, and wait until every thread has stopped."""
    assert process.process is not None
    process.process.send_signal(signal.SIGSTOP)
    tasks = Path(f"/proc/{process.process.pid}/task")
    deadline = time.monotonic() + 10
    while any((task / "stat").read_text().rpartition(")")[2].split()[0] != "T" for task in tasks.iterdir()):
        assert time.monotonic() < deadline, "does not stop"
        os.sched_yield()


def resume(process: SwitchProcess) -> None:
    """SIGCONT."""
    assert process.process is not None
    process.process.send_signal(signal.SIGCONT)
