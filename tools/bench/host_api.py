"""The real host API under load, on SQLite and on PostgreSQL, with a club of a chain's size.

`python -m host_api` runs on one processor, over a database of a million members, each with a card, and ten
million transactions (5,000 and 50,000 with `--quick`); the load runs on the other one, over 8 connections
that each have one request in flight. `member_lookup` asks for a member by mobile number, as a counter does;
`member_read` by the member's number, `card_lookup` by the card's, `member_search` by the beginning of a name.
`transaction_list` asks for the last fifty transactions of a member, `transaction_page` for fifty somewhere
among all, `transaction_day` for those of a terminal on a day. `statement` and `dashboard` are what their
names say. `issue_card` gives a member a card, durable when it is answered. Each is measured alone; 2,000
members are asked about in turn. `cpu_us` is the processor time of the host API's own process for one request.
PostgreSQL is Debian's, durable, on the same machine.

The club is made for each database in turn, which takes some minutes, and taken away again.
"""

import shutil
import signal
import sys
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from host_api.core.settings import Settings
from tools.bench.bulk_load import Tell
from tools.bench.host_api_club import fill
from tools.bench.host_api_loads import loads_of
from tools.bench.load.plan import ApiLoad, LoadResult
from tools.bench.load.processor import processors
from tools.bench.measure import Report, Result, machine
from tools.bench.postgresql_server import running_postgresql
from tools.bench.switch_fault import BenchFault
from tools.bench.switch_process import MeasuredProcess, load, running

CONNECTIONS = 8
_DRAIN_TIMEOUT_S = 30.0


class Size(NamedTuple):
    """How much is measured."""

    members: int
    transactions: int
    measured_s: float
    warm_up_s: float = 1.0


FULL = Size(members=1_000_000, transactions=10_000_000, measured_s=10.0)
QUICK = Size(members=5_000, transactions=50_000, measured_s=2.0)


# The greater of both databases: PostgreSQL's, with the log of what was loaded last.
_BYTES_A_MEMBER = 4_000
_BYTES_A_TRANSACTION = 2_000


def run(*, quick: bool) -> Report:
    """All figures. Raises BenchFault."""
    size = QUICK if quick else FULL
    results: list[Result] = []
    with _ended_by_signals():
        with _directory(size) as directory:
            url = f"sqlite:///{directory / 'host_api.sqlite3'}"
            results += measured("sqlite", url, directory / "var", size, tell=_tell)
        try:
            with (
                _directory(size) as directory,
                running_postgresql(is_durable=True) as server,
                server.new_database() as url,
            ):
                results += measured("postgresql", url, directory / "var", size, tell=_tell)
        except RuntimeError as fault:
            raise BenchFault(str(fault)) from None
    return Report("host-api", machine(), results)


@contextmanager
def _directory(size: Size) -> Iterator[Path]:
    """A new directory, taken away at the end, on a disk that has room. Raises BenchFault."""
    needed = size.members * _BYTES_A_MEMBER + size.transactions * _BYTES_A_TRANSACTION
    place = tempfile.gettempdir()
    free = shutil.disk_usage(place).free
    if free < needed:
        raise BenchFault(
            f"it wants {needed / 1e9:.0f} GB in {place}, which has {free / 1e9:.0f}; TMPDIR names another"
        )
    with tempfile.TemporaryDirectory(prefix="vafa-bench-") as name:
        yield Path(name)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """What has been made is taken away also when somebody ends it."""

    def end(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _tell(line: str) -> None:
    sys.stderr.write(f"host-api: {line}\n")
    sys.stderr.flush()


def measured(
    database: str,
    url: str,
    directory: Path,
    size: Size,
    *,
    tell: Tell = lambda line: None,
    only: Collection[str] = (),
) -> list[Result]:
    """The figures of one empty database, of all loads or those named. Raises BenchFault."""
    settings = Settings.model_validate({"database_url": url, "var_directory": directory, "port": 0})
    club = fill(settings, size.members, size.transactions, lambda line: tell(f"{database}: {line}"))
    server_processor, load_processor = processors()
    process = MeasuredProcess(
        ["-m", "host_api"],
        {
            "VAFA_HOST_API_DATABASE_URL": url,
            "VAFA_HOST_API_VAR_DIRECTORY": str(directory),
            "VAFA_HOST_API_PORT": "0",
            "VAFA_HOST_API_REQUESTS_PER_MINUTE": "1000000",
        },
        directory / "log",
        server_processor,
    )
    results: list[Result] = []
    with running(process):
        for each in [load for load in loads_of(club) if not only or load.name in only]:
            tell(f"{database}: {each.name}")
            found = load(
                ApiLoad.model_validate(
                    {
                        "address": process.address("http"),
                        "process_id": process.process_id,
                        "processor": load_processor,
                        "connections": CONNECTIONS,
                        "warm_up_s": size.warm_up_s,
                        "measured_s": size.measured_s,
                        "drain_timeout_s": _DRAIN_TIMEOUT_S,
                        "key_file": settings.api_key_path,
                        "method": each.method,
                        "requests": each.requests,
                    }
                )
            )
            results += _results(each.name, database, found)
    return results


def _results(name: str, database: str, found: LoadResult) -> list[Result]:
    if found.lost or found.latency is None:
        raise BenchFault(f"{name} on {database}: {found.lost} of {found.sent} were not answered")
    return [
        Result(f"{name}_per_s.{database}", round(found.per_s, 1), "requests/s"),
        Result(f"{name}_p50_ms.{database}", round(found.latency.p50_ms, 3), "ms"),
        Result(f"{name}_p99_ms.{database}", round(found.latency.p99_ms, 3), "ms"),
        Result(f"{name}_cpu_us.{database}", round(found.processor_us), "us"),
    ]
