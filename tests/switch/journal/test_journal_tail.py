"""`vafa journal tail` beside a running switch: the same entries as the feed, masked, until it is ended."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from protocol.feed import Event, FileEvent, MaintenanceEvent, ReconciliationEvent, TransferLine
from switch.journal.format import pack_entry, segment_paths
from switch.journal.writer import Journal
from tests.switch.settlement.shops import Shops
from tools.commands.journal import journal as command
from tools.journal.lines import line_of

if TYPE_CHECKING:
    from tests.switch.conftest import Connect, Link, SwitchAt, SwitchProcess

VAFA = Path(sys.executable).with_name("vafa")
WAIT_S = 60.0
CARD_DIGITS = "6280000000000017"
LINE = re.compile(r"\d+  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}  \S.*")


class Tail:
    """A `vafa journal tail --follow` process, which a timer ends if nothing else does."""

    def __init__(self, directory: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [VAFA, "journal", "tail", directory, "--follow", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._timer = threading.Timer(WAIT_S, self.process.kill)
        self._timer.start()

    def lines(self, count: int) -> list[str]:
        """So many next lines."""
        assert self.process.stdout is not None
        found = [self.process.stdout.readline() for _ in range(count)]
        assert all(found), self.process.communicate()
        return found

    def stop_reading(self) -> None:
        """Close this end of its standard output."""
        assert self.process.stdout is not None
        self.process.stdout.close()

    def ended(self) -> tuple[int, str]:
        """Exit code and what it wrote to standard error."""
        assert self.process.stderr is not None
        told = self.process.stderr.read()
        code = self.process.wait(WAIT_S)
        self._timer.cancel()
        self.process.stderr.close()
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code, told


Follow = Callable[..., Tail]


@pytest.fixture
def follow() -> Iterator[Follow]:
    """Starts tails; ends what still runs."""
    made: list[Tail] = []

    def start(directory: Path, *arguments: str) -> Tail:
        made.append(Tail(directory, *arguments))
        return made[-1]

    yield start
    for tail in made:
        if tail.process.poll() is None:
            tail.process.kill()
            tail.ended()


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal of two shops: sales, a reversal, a decline, a reconciliation, a cut-over."""
    shops = Shops()
    sale = shops.buy("T0000001", 2_500_000)
    shops.send(shops.reversal_of(sale))
    assert shops.pay("T0000002", 400_000, 2)[1].response_code == "51"
    shops.buy("T0000003", 5_000_000, 2)
    shops.send(shops.reconcile("T0000003", shops.counted("T0000003")))
    shops.next_day()
    path = tmp_path_factory.mktemp("tail") / "journal"
    journal = Journal.open(path, key_check=bytes(16), segment_bytes=1024, now_ms=1, on_entry=lambda raw: None)
    for raw in shops.raws:
        journal.commit([pack_entry(raw.kind, raw.version, raw.body)], 1)
    journal.close()
    assert len(segment_paths(path)) > 2
    return path


def ask(directory: Path, *arguments: str) -> list[str]:
    done = CliRunner().invoke(command, ["tail", str(directory), *arguments])
    assert done.exit_code == 0, done.output
    return done.stdout.splitlines()


def json_of(lines: list[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines]


def test_a_tail_is_the_end_of_the_dump(directory: Path) -> None:
    dumped = CliRunner().invoke(command, ["dump", str(directory)]).stdout.splitlines()
    assert [line["position"] for line in json_of(dumped)] == list(range(1, len(dumped) + 1))
    assert len(dumped) > 12
    assert ask(directory, "--json") == dumped[-10:]
    assert ask(directory, "--json", "--lines", "3") == dumped[-3:]
    assert ask(directory, "--json", "--lines", "100000") == dumped
    assert ask(directory, "--lines", "0") == []
    after = CliRunner().invoke(command, ["dump", str(directory), "--after", "5"]).stdout.splitlines()
    assert after == dumped[5:]


def test_lines_for_people(directory: Path) -> None:
    lines = ask(directory, "--lines", "100")
    assert all(LINE.fullmatch(line) for line in lines)
    told = [line.split("  ", 2)[2] for line in lines]
    assert told[0].startswith("rule table 1, digest ")
    assert told[1] == "file TERMINAL, set: 00"
    sale, reversal, decline, _, reconciled, day = told[9:]
    assert sale.startswith(
        "0200 000000 T0000001 SHOP1: 00, card 1, member 1, amount 2500000 364, earn 278 points"
    )
    assert sale.endswith("earn 27 coins, points 833 left, credit 0 left")
    assert reversal.startswith(
        "0400 000000 T0000001 SHOP1: 00, card 1, member 1, amount 2500000 364, reverses 0"
    )
    assert (
        decline
        == "0200 009100 T0000002 SHOP1: 51, card 2, member 2, amount 400000 364, points 0 left, credit 0 left"
    )
    assert reconciled == "0500 T0000003 SHOP2: 00, business day 2026-06-14, in balance"
    assert day == "business day 2026-06-15"


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (
            MaintenanceEvent(
                position=7,
                at_ms=1_781_411_400_123,
                transfers=(
                    TransferLine(
                        purse="points",
                        debit="member:1",
                        credit="programme:breakage",
                        amount=5,
                        reason="expire",
                        stage="void_pending",
                        rule="",
                    ),
                ),
                lots=(),
                released_holds=("000000000003",),
            ),
            "7  2026-06-14 04:30:00.123  maintenance: expire 5 points (void pending), "
            "holds ended: 000000000003",
        ),
        (
            MaintenanceEvent(position=8, at_ms=0, transfers=(), lots=(), released_holds=()),
            "8  1970-01-01 00:00:00.000  maintenance",
        ),
        (
            FileEvent(position=9, at_ms=0, file="CARD", action="3", response_code="25"),
            "9  1970-01-01 00:00:00.000  file CARD, delete: 25",
        ),
        (
            ReconciliationEvent(
                position=10,
                at_ms=0,
                mti="0520",
                terminal_id="T\x1b[2J",
                merchant_id="SHOP",
                branch_number=1,
                business_date="2026-06-14",
                response_code="00",
                settlement_code="2",
                uploaded=3,
                differences=1,
            ),
            "10  1970-01-01 00:00:00.000  0520 T\ufffd[2J SHOP: 00, business day 2026-06-14, out of balance, "
            "3 uploaded, 1 different",
        ),
    ],
    ids=["maintenance", "nothing moved", "delete", "control characters"],
)
def test_a_line_of_each_kind(event: Event, told: str) -> None:
    assert line_of(event) == told


def test_a_running_switch_is_followed_as_its_feed(
    switch_at: SwitchAt, connect: Connect, follow: Follow
) -> None:
    """Across segments, a kill -9 and a new start; nothing that is shown is private."""
    process = switch_at().start(segment_bytes=4096)
    host = connect(process)
    host.sign_on("HOST0001")
    host.make_terminal()
    host.make_member()
    tail, people = follow(process.journal, "--json"), follow(process.journal, "--lines", "1")
    told, lines = json_of(tail.lines(4)), people.lines(1)
    for _ in range(2):
        link = connect(process)
        link.sign_on()
        for _ in range(15):
            assert link.call(link.purchase(1_000_000)).fields[39] == "00"
        process.kill()
        process.start(segment_bytes=4096)
    feed = process.feed()
    told += json_of(tail.lines(len(feed) - 4))
    assert told == feed
    lines += people.lines(len(feed) - 4)
    assert [int(line.split()[0]) for line in lines] == [line["position"] for line in feed[3:]]
    assert CARD_DIGITS not in "".join([*lines, json.dumps(told)])
    assert "سارا" not in "".join(lines) + json.dumps(told, ensure_ascii=False)
    assert len(segment_paths(process.journal)) > 3
    tail.process.send_signal(signal.SIGTERM)
    people.process.send_signal(signal.SIGINT)
    assert [tail.ended(), people.ended()] == [(0, ""), (0, "")]


@pytest.mark.parametrize("is_idle", [True, False])
def test_a_reader_that_goes_away_ends_it(
    switch: SwitchProcess, host: Link, follow: Follow, is_idle: bool
) -> None:
    tail = follow(switch.journal, "--lines", "1")
    tail.lines(1)
    tail.stop_reading()
    while not is_idle and tail.process.poll() is None:
        host.make_terminal()
    assert tail.ended() == (0, "")


def test_wrong_directories_are_told(directory: Path, tmp_path: Path) -> None:
    def refused(*arguments: str | Path) -> tuple[int, str]:
        done = CliRunner().invoke(command, ["tail", *map(str, arguments)])
        return done.exit_code, done.stderr

    code, told = refused(tmp_path / "none")
    assert (code, "does not exist" in told) == (2, True)
    assert refused(tmp_path) == (1, f"Error: no journal in {tmp_path}\n")
    assert refused(directory, "--lines", "-1")[0] == 2
    damaged = tmp_path / "damaged"
    shutil.copytree(directory, damaged)
    path = segment_paths(damaged)[1]
    data = bytearray(path.read_bytes())
    data[200] ^= 1
    path.write_bytes(data)
    for arguments in (["--follow"], []):
        code, told = refused(damaged, *arguments)
        assert code == 1
        assert told.startswith("Error: journal: batch is damaged")
        assert str(path) in told
    path.unlink()
    code, told = refused(damaged)
    assert (code, "segment is missing" in told) == (1, True)
