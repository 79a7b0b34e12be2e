"""`vafa bench switch` on real processes, made small: its names, its proof, and what the proof refuses."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from switch.ledger.stores import engine_wanted
from tools.bench import switch_club as club
from tools.bench.load.answers_file import read_answers
from tools.bench.load.plan import LinkLoad, LoadResult
from tools.bench.measure import Report, Result
from tools.bench.switch_fault import BenchFault
from tools.bench.switch_figures import Size
from tools.bench.switch_journal import write_journal
from tools.bench.switch_process import SwitchProcess, load, running
from tools.bench.switch_proof import prove
from tools.bench.switch_replay import measured_replay
from tools.commands.bench import bench, table

CARDS = 300
TINY = Size(cards=CARDS, turns=1, warm_up_s=0.0, measured_s=0.3, open_s=0.2, drain_timeout_s=30.0)
NAMES = (
    "links_tps",
    "terminals100_tps",
    "terminals1000_tps",
    "cpu_us_per_transaction",
    "open65000_p50_ms",
    "open65000_p99_ms",
    "open65000_p999_ms",
    "open65000_answered_share",
    "open_half_p50_ms",
    "open_half_p99_ms",
    "open_half_p999_ms",
    "replay_records_per_s",
    "replay_purchases_per_s",
    "bytes_per_card",
    "recovery_s",
)


@pytest.fixture(autouse=True)
def few_rules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A club with 100 rules: its switch starts in a fraction of the time."""
    monkeypatch.setattr(club, "RULES", 100)
    club.rules_text.cache_clear()
    yield
    club.rules_text.cache_clear()


@pytest.fixture
def switch(tmp_path: Path) -> Iterator[SwitchProcess]:
    """A switch with a small club."""
    club.write_setup(tmp_path)
    write_journal(tmp_path / "journal", CARDS)
    with running(SwitchProcess(tmp_path, tmp_path / "journal", None, engine_wanted())) as process:
        yield process


def purchases(switch: SwitchProcess, answers_file: Path, **changed: object) -> LoadResult:
    """A short load of the switch."""
    plan = LinkLoad(
        address=switch.address("terminals"),
        process_id=switch.process_id,
        processor=None,
        transmitted_s=int(time.time()),
        seed=1,
        cards=CARDS,
        terminals=10,
        links=4,
        in_flight=8,
        messages=400,
        warm_up_s=0.0,
        measured_s=20.0,
        drain_timeout_s=30.0,
        answers_file=answers_file,
    )
    return load(plan.model_copy(update=changed))


def test_every_name_is_there_and_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.bench.switch.QUICK", TINY)
    done = CliRunner().invoke(bench, ["switch", "--quick", "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    report = json.loads(done.output)
    assert report["benchmark"] == "switch"
    assert {"load_1_minute", "others_percent", "steal_percent", "sync_us"} <= set(report["machine"])
    values = {result["name"]: result["value"] for result in report["results"]}
    assert values["plain_design_tps"] > 0
    for name in NAMES:
        assert values[f"{name}.{engine_wanted()}"] >= 0, name
    assert values[f"proved_transactions.{engine_wanted()}"] > 0
    assert 0 < values[f"open65000_answered_share.{engine_wanted()}"] <= 1


def test_a_club_starts_with_every_record_and_its_points(switch: SwitchProcess) -> None:
    status = switch.status()
    assert (status["cards"], status["members"], status["terminals"]) == (CARDS, CARDS, club.TERMINALS)
    assert status["position"] == 1 + club.TERMINALS + 3 * CARDS
    assert status["rule_table_version"] == 1


def test_a_closed_loop_is_answered_and_proved(switch: SwitchProcess, tmp_path: Path) -> None:
    before = switch.count("position")
    result = purchases(switch, tmp_path / "answers")
    assert (result.sent, result.answered, result.approved, result.lost) == (400, 400, 400, 0)
    assert result.per_s > 0
    proof = prove(
        tmp_path / "journal",
        read_answers(tmp_path / "answers"),
        result,
        before,
        switch.count("durable_position"),
    )
    assert proof.entries == 400
    assert (result.points > 0) == (proof.earnings > 0)
    switch.stop()
    rates = measured_replay(tmp_path / "journal", before, engine_wanted())
    assert (rates.before, rates.behind) == (before, 400)
    assert rates.before_s > 0
    assert rates.behind_s > 0


def test_an_open_loop_tells_of_all_that_was_due(switch: SwitchProcess, tmp_path: Path) -> None:
    answers_file = tmp_path / "answers"
    result = purchases(
        switch, answers_file, in_flight=0, rate_per_s=500, messages=2000, measured_s=0.5, transmitted_s=1
    )
    assert result.lost == 0
    assert result.latency is not None
    assert result.latency.p50_ms <= result.latency.p99_ms <= result.latency.p999_ms
    assert 0 < result.answered_share <= 1
    assert result.sent <= 250


def test_the_proof_refuses_what_is_not_true(switch: SwitchProcess, tmp_path: Path) -> None:
    before = switch.count("position")
    result = purchases(switch, tmp_path / "answers", messages=40)
    after = switch.count("durable_position")
    answers = read_answers(tmp_path / "answers")
    position, (stan, points) = max(answers.items())

    def refused(told: str, result: LoadResult, answer: tuple[int, int] = (stan, points)) -> None:
        with pytest.raises(BenchFault, match=told):
            prove(tmp_path / "journal", {**answers, position: answer}, result, before, after)

    refused("add up", result.model_copy(update={"points": result.points + 1}))
    refused("never answered", result.model_copy(update={"lost": 1}))
    refused("positions", result.model_copy(update={"approved": result.approved - 1}))
    refused("its reply", result, (stan, points + 1))
    refused("its reply", result, (stan + 1, points))
    assert prove(tmp_path / "journal", answers, result, before, after).entries == 40


def test_a_switch_that_does_not_start_says_why(tmp_path: Path) -> None:
    club.write_setup(tmp_path)
    (tmp_path / "master.key").write_text("no key")
    with pytest.raises(BenchFault, match="master key"):
        SwitchProcess(tmp_path, tmp_path / "journal", None, engine_wanted())


def test_of_rates_the_greater_is_the_faster() -> None:
    results = [
        Result("plain_design_tps", 500.0, "transactions/s"),
        Result("links_tps.python", 10_000.0, "transactions/s"),
        Result("open65000_p99_ms.python", 0.75, "ms"),
        Result("bytes_per_card.python", 1234.5, "bytes"),
    ]
    lines = table(Report("switch", {}, results)).splitlines()
    assert lines[2] == "| switch | transactions/s | times plain_design_tps |"
    assert lines[4:] == [
        "| plain_design_tps | 500 | 1.0 |",
        "| links_tps.python | 10,000 | 20.0 |",
        "| open65000_p99_ms.python | 0.750 ms | |",
        "| bytes_per_card.python | 1,234.5 bytes | |",
    ]
