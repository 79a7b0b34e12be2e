"""Loads of real sockets: what a slow, a broken and a lost peer look like in the figures, and the command."""

import csv
import io
import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simulator.load import (
    Load,
    LoadFault,
    LoadResult,
    PlanFault,
    Second,
    checked_plan,
    html_report,
    json_report,
    load_plan,
)
from simulator.load.sink import CARD, MASTER_KEY
from simulator.scripts import Profile
from tests.simulator.load.conftest import Peer
from tests.switch.conftest import CARD as CLUB_CARD
from tests.switch.conftest import HOST, Link, SwitchProcess
from tests.switch.conftest import MASTER_KEY as CLUB_KEY
from tools.cli import main

ROOT = Path(__file__).parents[3]
KIND_NAMES = {"purchase", "redemption", "balance", "return", "reversal"}


def loaded(address: tuple[str, int], profile: Profile, **plan: object) -> LoadResult:
    seconds: list[Second] = []
    stages = plan.pop("stages", [{"name": "a", "seconds": 0.5, "rate": 100}])
    document = checked_plan({"format": 1, "stages": stages, **plan}, "plan")
    result = Load(document, profile, address, seconds.append).run()
    assert result.figures.seconds == seconds
    return result


def vafa(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["sim", "load", *map(str, arguments)])


def test_an_open_loop_counts_the_waiting_of_those_behind(peer: Peer, profile: Profile) -> None:
    """One answer takes 400 ms. Whoever is due meanwhile waits too, though each of them is answered at once.

    A generator that waits for the answer before it sends the next one would see one slow request of 100.
    """

    def slow(number: int, answer: bytes) -> bytes:
        if number == 20:
            time.sleep(0.4)  # the peer's slowness, which is what is measured
        return answer

    result = loaded(peer(slow), profile, stages=[{"name": "a", "seconds": 1, "rate": 100}])
    tally = result.figures.tally(counting=True)
    latency = tally.percentiles()
    assert (tally.sent, tally.answered, tally.failed, result.stopped) == (100, 100, 0, "")
    # 40 requests are due while it sleeps and wait 200 ms in the middle: two fifths of all.
    assert latency is not None
    assert latency.p90 > 250e6 and latency.greatest >= 400e6
    waited = sum(count for bucket, count in tally.buckets.items() if bucket > _bucket(100_000_000))
    assert 25 <= waited <= 60


def _bucket(time_ns: int) -> int:
    from switch.metrics.histogram import bucket_of

    return bucket_of(time_ns)


def test_requests_wait_in_the_generator_and_their_time_runs(peer: Peer, profile: Profile) -> None:
    """One request on its way at a time and 20 ms for each: 100 a second are twice what the peer can do."""

    def slow(_: int, answer: bytes) -> bytes:
        time.sleep(0.02)
        return answer

    result = loaded(
        peer(slow), profile, in_flight=1, answer_within_ms=300, stop_at_error_share=None,
        stages=[{"name": "a", "seconds": 1, "rate": 100}],
    )  # fmt: skip
    tally = result.figures.tally(counting=True)
    assert tally.ended == 100
    assert tally.unsent > 0 and tally.late > 0
    assert tally.failed == tally.late + tally.unsent + tally.timeouts
    assert "have no answer and stand in no percentile" in " ".join(json_report(result)["notes"])  # type: ignore[arg-type]


def test_users_wait_for_their_answers_and_think(peer: Peer, profile: Profile) -> None:
    stages = [{"name": "a", "seconds": 0.6, "users": 4, "think_ms": 100}]
    result = loaded(peer(lambda _, answer: answer), profile, terminals={"count": 4}, stages=stages)
    tally = result.figures.tally(counting=True)
    # Four users, each at the start and then at most every 100 ms.
    assert 8 <= tally.answered <= 24
    assert tally.failed == 0
    assert result.generator.late_p99_ns == 0


def test_what_is_never_answered_times_out_and_stops_the_load(peer: Peer, profile: Profile) -> None:
    address = peer(lambda number, answer: answer if number <= 10 else b"")
    stages = [{"name": "a", "seconds": 30, "rate": 50}]
    result = loaded(address, profile, answer_within_ms=100, stages=stages)
    tally = result.figures.tally(counting=True)
    assert re.fullmatch(r"\d+ of the last \d+ requests have failed", result.stopped)
    assert tally.answered == 10
    assert tally.timeouts == tally.failed == tally.sent - 10 > 10
    assert result.elapsed_ns < 10e9


def test_late_answers_are_known_as_late(peer: Peer, profile: Profile) -> None:
    held: list[bytes] = []

    def late(number: int, answer: bytes) -> bytes:
        held.append(answer)
        return b"" if number < 40 else b"".join(held)

    result = loaded(
        peer(late), profile, answer_within_ms=100, stop_at_error_share=None,
        stages=[{"name": "a", "seconds": 0.8, "rate": 50}],
    )  # fmt: skip
    tally = result.figures.tally(counting=True)
    assert tally.sent == 40 and tally.timeouts + tally.answered == 40
    assert result.figures.after_timeout == tally.timeouts > 20
    assert result.figures.stray == 0


def test_wrong_answers_are_told_and_count_as_none(peer: Peer, profile: Profile) -> None:
    def wrong(number: int, answer: bytes) -> bytes:
        return answer[:-1] + bytes([answer[-1] ^ 1]) if number % 2 else answer * 2

    result = loaded(peer(wrong), profile, answer_within_ms=100, stop_at_error_share=None)
    assert result.figures.faults["a reply with a wrong MAC"] > 0
    assert result.figures.stray > 0
    assert any("wrong MAC" in note for note in json_report(result)["notes"])  # type: ignore[attr-defined]


def test_a_lost_link_is_opened_again(peer: Peer, profile: Profile) -> None:
    address = peer(lambda number, answer: None if number in {20, 40} else answer)
    stages = [{"name": "a", "seconds": 1, "rate": 100}]
    result = loaded(address, profile, terminals={"count": 2}, links=2, stages=stages)
    tally = result.figures.tally(counting=True)
    assert result.losses == 2
    assert tally.lost >= 2 and tally.answered >= 60
    assert tally.ended == 100


def test_stages_follow_one_another_and_a_warm_up_stands_apart(peer: Peer, profile: Profile) -> None:
    stages = [
        {"name": "warm-up", "seconds": 0.3, "rate": 10, "to_rate": 110, "counts": False},
        {"name": "users", "seconds": 0.2, "users": 2},
        {"name": "peak", "seconds": 0.3, "rate": 200},
    ]
    result = loaded(peer(lambda _, answer: answer), profile, stages=stages, terminals={"count": 3}, burst=4)
    by_stage = {stage: tally.sent for (stage, _), tally in result.figures.by_kind.items()}
    assert (by_stage[0], by_stage[2]) == (18, 60)
    assert result.figures.tally(counting=True).sent == by_stage[1] + 60
    assert result.figures.tally(counting=False).sent == sum(by_stage.values())
    report = json_report(result)
    assert [stage["name"] for stage in report["stages"]] == ["warm-up", "users", "peak"]  # type: ignore[attr-defined]
    assert not result.stopped


def test_a_peer_that_refuses_or_is_not_there_is_told(peer: Peer, profile: Profile) -> None:
    other = profile.model_copy(update={"master_key": "77" * 32})
    with pytest.raises(LoadFault, match="another key of T0000001"):
        loaded(peer(lambda _, answer: answer), other)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(LoadFault, match="no link could be opened: Connection refused"):
        loaded(("127.0.0.1", port), profile)


def test_what_a_plan_leaves_to_the_profile_must_be_there(profile: Profile) -> None:
    with pytest.raises(PlanFault, match="cards: there are none"):
        loaded(("127.0.0.1", 1), profile.model_copy(update={"variables": {}}))
    keys = profile.model_copy(update={"master_key": None, "keys": {"T0000001": "00" * 16}})
    with pytest.raises(PlanFault, match="there is no key of T0000002"):
        loaded(("127.0.0.1", 1), keys, terminals={"count": 2})


@pytest.fixture(scope="module")
def club(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SwitchProcess]:
    """A real switch with ten terminals and a member."""
    switch = SwitchProcess(tmp_path_factory.mktemp("club") / "switch").start()
    host = Link(switch.terminals)
    host.sign_on(HOST)
    for number in range(1, 11):
        assert host.make_terminal(f"T{number:07d}", f"SHOP{number}").fields[39] == "00"
    host.make_member()
    host.close()
    yield switch
    switch.kill()


class Page(HTMLParser):
    """What a page asks for from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[str] = []
        self.plots = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.requests += [name for name, _ in attrs if name in {"src", "href", "action"}]
        self.requests += [tag] if tag == "script" else []
        self.plots += tag == "svg"


def test_a_real_switch_under_all_kinds(club: SwitchProcess, tmp_path: Path) -> None:
    """The switch's own journal has as many approved transactions more as the report says."""
    plan, page, rows = tmp_path / "plan.toml", tmp_path / "load.html", tmp_path / "load.csv"
    plan.write_text(
        "format = 1\nlinks = 3\n"
        "mix = { purchase = 5, redemption = 1, balance = 1, return = 1, reversal = 1 }\n"
        'terminals = { count = 10, merchant = "SHOP1", merchants = 10 }\n'
        'stages = [{ name = "open", seconds = 1, rate = 150, to_rate = 250 },'
        ' { name = "closed", seconds = 0.4, users = 6 }]\n'
    )
    key = tmp_path / "master.key"
    key.write_text(CLUB_KEY.hex())
    before = club.status()["position"]
    done = vafa(
        "--target", f"127.0.0.1:{club.terminals[1]}", "--plan", plan, "--master-key-file", key,
        "--set", f"card={CLUB_CARD}", "--json", "--html", page, "--csv", rows,
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    report = json.loads(done.stdout)
    sums = report["sums"]
    assert sums["failed"] == 0 and sums["sent"] == sums["answered"] > 220
    assert report["stages"][0]["sent"] == 200
    assert set(report["stages"][0]["kinds"]) == KIND_NAMES
    codes = {kind: found["codes"] for kind, found in report["stages"][0]["kinds"].items()}
    # Points earned may not be there to be given back or spent; all else is approved.
    assert all(set(codes[kind]) == {"00"} for kind in ("purchase", "balance")), codes
    assert set(codes["return"]) | set(codes["reversal"]) | set(codes["redemption"]) <= {"00", "51"}, codes
    journaled = sum(
        found["answered"]
        for stage in report["stages"]
        for kind, found in stage["kinds"].items()
        if kind != "balance"
    )
    assert club.status()["position"] - before == journaled

    text = page.read_text("utf-8")
    parser = Page()
    parser.feed(text)
    assert parser.requests == [] and parser.plots == 3
    assert not re.search(r"url\(|@import|https?:", text)
    table = list(csv.DictReader(io.StringIO(rows.read_text("utf-8"))))
    assert sum(int(row["sent"]) for row in table) == sums["sent"]
    assert float(table[0]["p50_ms"]) <= float(table[0]["p99_ms"]) <= float(table[0]["max_ms"])
    for secret in (CLUB_CARD, CLUB_KEY.hex()):
        assert secret not in text + done.output + rows.read_text("utf-8")


def test_the_sink_and_the_summary() -> None:
    done = vafa("--sink", "--rate", 300, "--seconds", 1, "--terminals", 20, "--mix", "purchase=9,balance=1")
    assert done.exit_code == 0, done.stderr
    assert re.search(r"^load +300 +[1-9][0-9]{1,2} +0( +[0-9.]+){5}$", done.stdout, re.MULTILINE), done.stdout
    assert "codes: 00 300" in done.stdout and "generator: late p99" in done.stdout
    assert re.search(r"^ +1 s load +sent 300 of 300  answered ", done.stderr, re.MULTILINE)


def test_an_interrupt_ends_it_in_good_order(tmp_path: Path) -> None:
    command: list[str | Path] = [
        Path(sys.executable).with_name("vafa"), "sim", "load", "--sink", "--rate", "200", "--seconds", "600",
        "--csv", tmp_path / "load.csv",
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert "1 s load" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        told, rest = process.communicate(timeout=20)
    assert process.returncode == 1, rest
    assert "The load ended early: it was interrupted." in told
    assert "Traceback" not in rest
    assert (tmp_path / "load.csv").read_text().count("\n") >= 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "--target HOST:PORT or --sink"),
        (("--sink", "--target", "127.0.0.1:1"), "one of them"),
        (("--target", "nowhere"), "no host:port"),
        (("--target", "192.0.2.1:7583"), "--allow-remote"),
        (("--target", "switch.example:7583"), "never for production"),
        (("--target", "127.0.0.1:1"), "no key"),
        (("--target", "127.0.0.1:1", "--master-key-file", "KEY"), "cards: there are none"),
        (
            ("--target", "127.0.0.1:1", "--master-key-file", "KEY", "--set", f"card={CARD}"),
            "Connection refused",
        ),
        (("--sink", "--plan", "KEY"), "1 fault in the load plan"),
        (("--sink", "--plan", "KEY", "--rate", "1"), "--rate stands in the plan"),
        (("--sink", "--rate", "1", "--users", "1"), "one of them"),
        (("--sink", "--mix", "purchase"), "KIND=WEIGHT"),
        (("--sink", "--mix", "sale=1"), "mix.sale"),
        (("--sink", "--links", "9"), "more than the 1 terminals"),
        (("--sink", "--terminals", "0"), "terminals.count"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else "",
)
def test_wrong_options_are_told_in_code_2(arguments: tuple[str, ...], told: str, tmp_path: Path) -> None:
    key = tmp_path / "master.key"
    key.write_text(MASTER_KEY.hex())
    done = vafa(*(str(key) if each == "KEY" else each for each in arguments))
    assert done.exit_code == 2, done.output
    assert told in done.stderr
    assert MASTER_KEY.hex() not in done.output


def test_an_empty_load_has_a_report(peer: Peer, profile: Profile) -> None:
    result = loaded(
        peer(lambda _, answer: answer), profile, stages=[{"name": "a", "seconds": 0.1, "rate": 0}]
    )
    assert result.figures.tally(counting=True).ended == 0
    assert "<h1>" in html_report(result) and json.dumps(json_report(result))


def test_what_the_handbook_pastes_and_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first command as it stands, but for its length; the other one's options and the plan are real."""
    page = (ROOT / "docs/bench.md").read_text("utf-8").partition("\n## Load\n")[2].partition("\n## ")[0]
    first, second = re.findall(r"```sh\n\.venv/bin/vafa sim load (.*?)```", page, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    done = vafa(*first.replace("--seconds 5", "--seconds 1").split())
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "load.html").exists()
    (tmp_path / "terminal.toml").write_text(
        f'master_key = "{MASTER_KEY.hex()}"\nvariables = {{ card = "{CARD}" }}\n'
    )
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = f"127.0.0.1:{taken.getsockname()[1]}"
    done = vafa(*second.replace("\\\n", " ").replace("127.0.0.1:7583", free).split())
    assert (done.exit_code, "Connection refused" in done.stderr) == (2, True), done.stderr
    (shown,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "plan.toml").write_text(shown, "utf-8")
    assert [stage.name for stage in load_plan(tmp_path / "plan.toml").stages] == ["warm-up", "peak", "queue"]
