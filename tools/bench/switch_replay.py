"""`python -m tools.bench.switch_replay JOURNAL POSITION ENGINE`: how fast a journal is replayed.

The same verifying walk and the same fold as at a start, timed apart: of two starts that take most of a minute
each, the difference would tell more of the machine than of the few seconds between them.
"""

import gc
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from switch.journal.reader import JournalScan
from switch.keyring import Keyring
from switch.ledger.records import Role, Status, TerminalRecord
from switch.ledger.state import State
from switch.ledger.stores import Engine
from tools.bench import switch_club as club
from tools.bench.switch_fault import BenchFault

_TIMEOUT_S = 240.0


class ReplayRates(NamedTuple):
    """Entries and seconds up to the batch with a position, and behind it."""

    before: int
    before_s: float
    behind: int
    behind_s: float


def measured_replay(journal: Path, position: int, engine: Engine) -> ReplayRates:
    """Replay a journal that nobody has open, in a process of its own. Raises BenchFault."""
    command = [sys.executable, "-m", "tools.bench.switch_replay", str(journal), str(position), engine.value]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)  # noqa: S603
    if done.returncode != 0:
        raise BenchFault(f"the replay failed: {done.stderr.strip()}")
    return ReplayRates(*json.loads(done.stdout))


def replay(journal: Path, position: int, engine: Engine) -> ReplayRates:
    """Replay a journal here."""
    state = State(TerminalRecord(club.HOST_ID, "", 0, 1, Role.HOST, Status.ACTIVE), engine)
    before, started = 0, time.perf_counter()
    reached = started
    for batch in JournalScan(journal, Keyring(club.MASTER_KEY).key_check).run():
        for entry in batch.entries:
            state.replay(entry)
        if state.position <= position:
            before, reached = state.position, time.perf_counter()
    return ReplayRates(before, reached - started, state.position - before, time.perf_counter() - reached)


if __name__ == "__main__":
    gc.disable()  # as at a start
    print(json.dumps(replay(Path(sys.argv[1]), int(sys.argv[2]), Engine(sys.argv[3]))))
