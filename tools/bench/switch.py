"""The real switch under load, beside a plain design.

`python -m switch` runs on one processor, with 10,000 rules and a million cards (20,000 with `--quick`), all
read from its journal. The load runs on the other one: purchases of 1,000 terminals, each with a MAC that the
switch checks and an identity of its own, each answered when it is on the disk. `links`: 32 links with 32
requests in flight on each; `terminals100`, `terminals1000`: so many links with one in flight. `watched`: the
latter in turns with a console's page watching and without (`unwatched`); `console_events_per_s` is what such
a page gets. `open65000`: 65,000 requests a second by the clock, whatever comes back; latencies count from the
time at which a request was due, so a slow switch can't hide behind its own slowness. Where it can't hold the
rate, `answered_share` tells how many of all due requests were answered within two seconds, and latencies are
those of these only. `open_half` is the same at half of `links_tps`. After each load every answer is compared
with the journal's entry (position, STAN, points); none may be lost. Then the switch is killed and started
again: `recovery_s` is the time until it serves. `bytes_per_card` is the memory of a card, its member and an
account with one lot. Then the journal is verified and folded once more, timed apart: `replay_records_per_s`
are the club's records and opening credits, `replay_purchases_per_s` the purchases of the loads. Every figure
is that of an engine: `compiled` where it was built, and `python`. `sync_us` is what the disk under the
temporary directory (TMPDIR) takes to make 4 KB durable. `plain_design` is FastAPI, SQLAlchemy and SQLite with
one committed transaction a request, over 8 connections; it has neither rules nor MACs.
"""

import os
import tempfile
import time
from pathlib import Path
from statistics import median

from switch.ledger.stores import Engine, compiled_is_there
from tools.bench.load.plan import LoadResult, PostLoad
from tools.bench.load.processor import MachineTime, machine_time, processors
from tools.bench.measure import Report, Result, machine
from tools.bench.switch_fault import BenchFault
from tools.bench.switch_figures import FULL, QUICK, Size, SwitchFigures, prepare
from tools.bench.switch_plain_design import earned_points, fill
from tools.bench.switch_process import MeasuredProcess, load, running

PLAIN_CONNECTIONS = 8
_SYNC_TRIES = 51
_SYNC_BYTES = 4096


def run(*, quick: bool) -> Report:
    """All figures of the engines that the switch has here. Raises BenchFault."""
    size = QUICK if quick else FULL
    at_start, load_at_start, used_at_start = machine_time(), os.getloadavg()[0], _used_s()
    with tempfile.TemporaryDirectory(prefix="vafa-bench-") as name:
        directory = Path(name)
        sync_us = _sync_us(directory)
        plain = plain_design(directory / "plain", size)
        results = [Result("plain_design_tps", round(plain.per_s, 1), "transactions/s")]
        prepare(directory / "switch", size)
        for engine in _engines():
            results += SwitchFigures(directory / "switch", size, engine).measured()
    since = machine_time().since(at_start)
    surroundings = _surroundings(since, load_at_start, _used_s() - used_at_start)
    return Report("switch", {**surroundings, "sync_us": sync_us}, results)


def _engines() -> tuple[Engine, ...]:
    """Both, where the compiled one was built."""
    return (Engine.COMPILED, Engine.PYTHON) if compiled_is_there() else (Engine.PYTHON,)


def _surroundings(since: MachineTime, load_at_start: float, used_s: float) -> dict[str, str | int]:
    """The machine, and what else it did: all processors together are 100 %."""
    total_s = max(sum(since), 1e-9)
    return {
        **machine(),
        "load_1_minute_at_start": f"{load_at_start:.2f}",
        "others_percent": f"{100 * max(since.busy_s - used_s, 0.0) / total_s:.1f}",
        "steal_percent": f"{100 * since.stolen_s / total_s:.1f}",
    }


def _sync_us(directory: Path) -> int:
    """How long this disk takes to make 4 KB durable: microseconds, the median of some tries."""
    path = directory / "sync"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        times_ns = []
        for number in range(_SYNC_TRIES):
            started_ns = time.perf_counter_ns()
            os.pwrite(descriptor, bytes(_SYNC_BYTES), number * _SYNC_BYTES)
            os.fdatasync(descriptor)
            times_ns.append(time.perf_counter_ns() - started_ns)
    finally:
        os.close(descriptor)
    return int(median(times_ns)) // 1000


def _used_s() -> float:
    """Processor seconds of ourselves and of our children that have ended."""
    return sum(os.times()[:4])


def plain_design(directory: Path, size: Size) -> LoadResult:
    """Load the plain design on a new directory. Raises BenchFault."""
    directory.mkdir()
    database = directory / "plain.sqlite3"
    fill(database, size.cards)
    server_processor, load_processor = processors()
    process = MeasuredProcess(
        ["-m", "tools.bench.switch_plain_design", str(database)], {}, directory / "log", server_processor
    )
    with running(process):
        result = load(
            PostLoad(
                address=process.address("http"),
                process_id=process.process_id,
                processor=load_processor,
                seed=1,
                cards=size.cards,
                connections=PLAIN_CONNECTIONS,
                warm_up_s=size.warm_up_s,
                measured_s=size.measured_s,
                drain_timeout_s=size.drain_timeout_s,
            )
        )
    if result.lost or earned_points(database) != (result.answered, result.points):
        raise BenchFault("the plain design's database says other points than it has answered")
    return result
