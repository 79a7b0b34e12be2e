"""Rules that only look on: they change nothing, and tell what they would have done."""

import json
from collections.abc import Sequence

import pytest

from switch.ledger.stores import Engine
from switch.publication.candidate import DIFFERENCES_KEPT, Candidate
from switch.rules.evaluator import evaluator_of
from switch.rules.table import RuleTable
from tests.switch.conftest import FEED_TOKEN, HOST, Connect, SwitchAt
from tests.switch.publication.club import ENGINES, Club
from tests.switch.publication.uploads import DEFAULT_RULES, sample_table


def club_with(engine: Engine, candidate: Candidate | None) -> Club:
    return Club(engine, sample_table(100), candidate)


@pytest.fixture(params=ENGINES, ids=[engine.value for engine in ENGINES])
def engine(request: pytest.FixtureRequest) -> Engine:
    return Engine(request.param)


def test_they_change_nothing(engine: Engine) -> None:
    clubs = [club_with(engine, candidate) for candidate in (None, Candidate(sample_table(300), 2))]
    for _ in range(7):
        assert [club.points() for club in clubs] == ["000000000100"] * 2
    entries = [club.exchange.take_staged() for club in clubs]
    assert entries[0] == entries[1]
    assert clubs[0].state.digest() == clubs[1].state.digest()


@pytest.mark.parametrize(("one_of", "evaluated"), [(1, 10), (2, 5), (3, 3), (10, 1), (11, 0)])
def test_they_look_at_one_of_so_many_purchases(engine: Engine, one_of: int, evaluated: int) -> None:
    candidate = Candidate(sample_table(300), one_of)
    club = club_with(engine, candidate)
    for _ in range(10):
        club.points()
    assert (candidate.evaluated, candidate.different, candidate.failed) == (evaluated, evaluated, 0)
    if engine is Engine.COMPILED:
        # A terminal's first purchase always goes the plain way.
        assert club.switch.by_the_core >= 9 - evaluated


def test_the_same_rules_never_differ(engine: Engine) -> None:
    candidate = Candidate(sample_table(100), 1)
    club = club_with(engine, candidate)
    for _ in range(5):
        club.points()
    assert (candidate.evaluated, candidate.different, candidate.last) == (5, 0, {})


def test_the_last_differences_are_kept_by_rule(engine: Engine) -> None:
    candidate = Candidate(sample_table(300), 1)
    club = club_with(engine, candidate)
    for _ in range(DIFFERENCES_KEPT + 3):
        club.points()
    assert list(candidate.last) == ["EARN-01"]
    assert candidate.differences["EARN-01"] == DIFFERENCES_KEPT + 3
    last = candidate.last["EARN-01"]
    assert [difference.rrn for difference in last] == [
        f"{club.state.position - back:012d}" for back in reversed(range(DIFFERENCES_KEPT))
    ]
    assert last[-1].units == ({"points": 100}, {"points": 300})


def test_a_candidate_that_fails_harms_nobody(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    candidate = Candidate(sample_table(300), 1)
    club = club_with(engine, candidate)
    good = evaluator_of(candidate.table)

    def fail(table: RuleTable, *arguments: Sequence[object]) -> object:
        if table is candidate.table:
            raise ZeroDivisionError
        return evaluator_of(table).evaluate(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("switch.authoriser.purchase.evaluate", fail)
    assert club.points() == "000000000100"
    assert (candidate.failed, candidate.evaluated) == (1, 0)
    assert evaluator_of(candidate.table) is good


def test_the_operations_port_tells_of_them(switch_at: SwitchAt, connect: Connect) -> None:
    process = switch_at()
    rules = process.directory / "candidate.toml"
    rules.write_text(DEFAULT_RULES.read_text("utf-8").replace("give = 100 ", "give = 250 "))
    process.start(candidate_rules_file=rules, candidate_one_of=2)
    host = connect(process)
    host.sign_on(HOST)
    host.make_terminal()
    host.make_member()
    link = connect(process)
    link.sign_on()
    for _ in range(4):
        assert link.call(link.purchase(1_000_000)).tags(48)["DF01"] == "000000000100"
    assert process.get("/rules/candidate")[0] == 401
    code, body = process.get("/rules/candidate", FEED_TOKEN)
    told = json.loads(body)
    assert (code, told["evaluated"], told["different"], told["failed"]) == (200, 2, 2, 0)
    assert [each["rule"] for each in told["rules"]] == ["EARN-01"]
    last = told["rules"][0]["last"][-1]
    assert last["decided"] == {"response_code": "00", "units": {"points": 100}}
    assert last["candidate"] == {"response_code": "00", "units": {"points": 250}}
    metrics = process.get("/metrics")[1].decode()
    assert 'vafa_switch_candidate_purchases_total{outcome="different"} 2' in metrics


def test_without_candidate_rules_there_is_nothing_to_tell(switch_at: SwitchAt) -> None:
    process = switch_at().start()
    assert process.get("/rules/candidate", FEED_TOKEN)[0] == 404
    assert "candidate_purchases_total{" not in process.get("/metrics")[1].decode()


def test_wrong_candidate_rules_are_one_line(switch_at: SwitchAt) -> None:
    code, errors = switch_at().run_to_exit(candidate_rules_file="/nonexistent.toml")
    assert (code, "/nonexistent.toml" in errors, len(errors.splitlines())) == (2, True, 1)
