"""A national festival settled by the real host API, on SQLite and on PostgreSQL.

A million members have chosen to take part and have bought three million times within thirty days (5,000 and
15,000 with `--quick`). The festival counts what they paid, how often, in how many branches and on how many
days, and has a category for each tier. `python -m host_api` does all of it in one job, as it does every
minute where something is due. `rank_s` is the seconds from asking for the job to its end for an award by
ranking: all scores, all places, among all and in each category, winners of each category and their prizes.
`draw_s` is an award by draw: all scores and places again, which by then are the same; the list of all
members, its digest, the draw, and the prizes. `winners` is how many each has. `write_ms` is the longest that
another writer waited meanwhile, who changes a row ten times a second; `cpu_s` is the processor time of the
process for both awards, `peak_mb` its most memory, and `idle_mb` what it had before. PostgreSQL is Debian's,
durable, on the same machine; its own memory isn't counted.
"""

import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import httpx2

from host_api.core.settings import Settings
from host_api.services.festivals.jobs import SETTLE_FESTIVALS
from tools.bench import festivals_club as club
from tools.bench.bulk_load import Tell
from tools.bench.measure import Report, Result, machine
from tools.bench.postgresql_server import running_postgresql
from tools.bench.switch_fault import BenchFault
from tools.bench.switch_process import MeasuredProcess, running

_POLL_S = 0.2
_LONGEST_S = 3_600.0
_WRITES_APART_S = 0.1


class Size(NamedTuple):
    """How much is settled."""

    members: int
    purchases: int
    winners: int


FULL = Size(members=1_000_000, purchases=3_000_000, winners=1_000)
QUICK = Size(members=5_000, purchases=15_000, winners=30)


def run(*, quick: bool) -> Report:
    """All figures. Raises BenchFault."""
    size = QUICK if quick else FULL
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="vafa-bench-") as name:
        url = f"sqlite:///{Path(name) / 'host_api.sqlite3'}"
        results += measured("sqlite", url, Path(name) / "var", size, _tell)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="vafa-bench-") as name,
            running_postgresql(is_durable=True) as server,
            server.new_database() as url,
        ):
            results += measured("postgresql", url, Path(name), size, _tell)
    except RuntimeError as fault:
        raise BenchFault(str(fault)) from None
    return Report("festivals", machine(), results)


def measured(
    database: str, url: str, directory: Path, size: Size, tell: Tell = lambda line: None
) -> list[Result]:
    """The figures of one empty database. Raises BenchFault."""
    settings = Settings.model_validate({"database_url": url, "var_directory": directory, "port": 0})
    club.fill(settings, size.members, size.purchases, size.winners, lambda line: tell(f"{database}: {line}"))
    process = MeasuredProcess(
        ["-m", "host_api"],
        {
            "VAFA_HOST_API_DATABASE_URL": url,
            "VAFA_HOST_API_VAR_DIRECTORY": str(directory),
            "VAFA_HOST_API_PORT": "0",
            "VAFA_HOST_API_REQUESTS_PER_MINUTE": "1000000",
        },
        directory / "log",
        None,
    )
    with running(process), _client(process, settings) as client:
        idle_mb, idle_s = _peak_mb(process), _processor_s(process)
        with _writing(client) as writer:
            tell(f"{database}: ranking")
            rank_s = _settled(client)
            club.begin_draw(settings)
            tell(f"{database}: draw")
            draw_s = _settled(client)
        peak_mb, cpu_s = _peak_mb(process), _processor_s(process) - idle_s
        wins = [_given(client, number) for number in (club.RANKING, club.DRAW)]
    return [
        Result(f"rank_s.{database}", round(rank_s, 1), "s"),
        Result(f"draw_s.{database}", round(draw_s, 1), "s"),
        Result(f"winners.{database}", float(min(wins)), "members"),
        Result(f"write_ms.{database}", round(writer.longest_s * 1000), "ms"),
        Result(f"cpu_s.{database}", round(cpu_s, 1), "s"),
        Result(f"peak_mb.{database}", round(peak_mb), "MB"),
        Result(f"idle_mb.{database}", round(idle_mb), "MB"),
    ]


@contextmanager
def _client(process: MeasuredProcess, settings: Settings) -> Iterator[httpx2.Client]:
    key = settings.api_key_path.read_text("ascii").strip()
    address = f"http://{process.address('http')}"
    with httpx2.Client(base_url=address, headers={"X-API-Key": key}, timeout=60, trust_env=False) as client:
        yield client


def _settled(client: httpx2.Client) -> float:
    """Have the job run, and wait for its end; how long it ran. Raises BenchFault."""
    answer = client.post(f"/v1/jobs/{SETTLE_FESTIVALS}/runs", json={})
    began = time.monotonic()
    while time.monotonic() - began < _LONGEST_S:
        run = client.get(f"/v1/jobs/{answer.json()['id']}").json()
        if run["state"] in {"failed", "cancelled"}:
            raise BenchFault(f"the job {run['state']}: {run['error_kind']}")
        if run["state"] == "succeeded":
            return time.monotonic() - began
        time.sleep(_POLL_S)
    raise BenchFault("the job did not end")


def _given(client: httpx2.Client, number: int) -> int:
    """How many prizes of an award were given. Raises BenchFault."""
    awards = client.get(f"/v1/festivals/{club.FESTIVAL}/awards").json()["awards"]
    award = next(each for each in awards if each["number"] == number)
    if award["state"] != "done":
        raise BenchFault(f"award {number} is {award['state']}")
    # Each costs one unit, so that they are counted.
    return int(award["spent_units"])


def _peak_mb(process: MeasuredProcess) -> float:
    """The most memory that the process ever had (VmHWM of proc(5))."""
    for line in Path(f"/proc/{process.process_id}/status").read_text("ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise BenchFault("this machine doesn't tell a process's memory")


def _processor_s(process: MeasuredProcess) -> float:
    """The processor time that the process has had, in user and kernel (proc(5), stat, 14 and 15)."""
    stat = Path(f"/proc/{process.process_id}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


@dataclass
class _Writer:
    """Somebody who writes all the time, and how long they had to wait."""

    client: httpx2.Client
    longest_s: float = 0.0
    done: threading.Event = field(default_factory=threading.Event)

    def write(self) -> None:
        while not self.done.wait(_WRITES_APART_S):
            began = time.monotonic()
            self.client.post("/v1/merchants", json={"merchant_id": f"W{began:.3f}"[:15], "name": "w"})
            self.longest_s = max(self.longest_s, time.monotonic() - began)


@contextmanager
def _writing(client: httpx2.Client) -> Iterator[_Writer]:
    with httpx2.Client(base_url=client.base_url, headers=client.headers, timeout=60, trust_env=False) as own:
        writer = _Writer(own)
        thread = threading.Thread(target=writer.write)
        thread.start()
        try:
            yield writer
        finally:
            writer.done.set()
            thread.join()


def _tell(line: str) -> None:
    sys.stderr.write(f"festivals: {line}\n")
    sys.stderr.flush()
