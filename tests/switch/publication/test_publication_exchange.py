"""Publication inside one process, step by step: what decides when, and what is kept of uploads."""

from collections import deque

import pytest

from protocol.codec import decode
from protocol.message import Value
from switch.gate.deferred import Deferred
from switch.gate.exchange import Now
from switch.ledger.stores import Engine
from switch.publication.publisher import UPLOAD_AGE_MAX_S, UPLOADS_MAX
from switch.rules.evaluator import evaluator_of
from switch.rules.table import RuleTable
from tests.switch.engines.two_switches import SPEC, OneSwitch
from tests.switch.publication.club import AT_MS, ENGINES, Club
from tests.switch.publication.uploads import sample_table


def code(reply: bytes | Deferred) -> tuple[Value, Value]:
    assert isinstance(reply, bytes)
    message = decode(SPEC, reply[2:])
    return message.fields[39], message.tags(48)["DF07"]


@pytest.fixture(params=ENGINES, ids=[engine.value for engine in ENGINES])
def club(request: pytest.FixtureRequest) -> Club:
    return Club(Engine(request.param), sample_table(100))


def test_the_clock_of_the_test_is_the_messages(club: Club) -> None:
    assert club.points() == "000000000100"


def test_purchases_are_decided_by_the_old_table_until_the_new_one_is_ready(club: Club) -> None:
    table = sample_table(200)
    *first, last = club.parts(table, 1)
    for payload in first:
        assert code(club.give(payload)) == ("00", "00000001")
    deferred = club.give(last)
    assert isinstance(deferred, Deferred)
    assert club.points() == "000000000100"
    deferred.work()
    assert club.points() == "000000000100"
    position = club.state.position
    assert code(deferred.finish(club.now)) == ("00", "00000002")
    assert club.state.position == position + 2
    assert club.points() == "000000000200"


def test_nothing_is_compiled_again_when_a_table_comes_into_force(
    club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    for payload in club.parts(sample_table(200), 1):
        deferred = club.give(payload)
    assert isinstance(deferred, Deferred)
    deferred.work()

    def compile_nothing(_: RuleTable) -> None:
        raise AssertionError("a table is compiled in the loop")

    monkeypatch.setattr("switch.rules.evaluator.core.compile_table", compile_nothing)
    if club.state.stores.engine is Engine.COMPILED:
        monkeypatch.setattr("switch.rules.flat.evaluator.compile_table", compile_nothing)
    monkeypatch.setattr("switch.ledger.tables.unpack", compile_nothing)
    deferred.finish(club.now)
    assert club.points() == "000000000200"
    evaluator_of(club.state.rule_table)


def test_a_table_that_comes_back_is_the_one_that_is_still_known(club: Club) -> None:
    first = club.state.rule_table
    for version, points in enumerate((200, 100), 1):
        for payload in club.parts(sample_table(points), version):
            reply = club.give(payload)
        assert isinstance(reply, Deferred)
        reply.work()
        assert code(reply.finish(club.now)) == ("00", f"{version + 1:08d}")
    assert club.state.rule_table is first
    assert club.points() == "000000000100"


def test_replaying_the_journal_gives_the_same_state(club: Club) -> None:
    for payload in club.parts(sample_table(200), 1):
        reply = club.give(payload)
    assert isinstance(reply, Deferred)
    reply.work()
    reply.finish(club.now)
    other = OneSwitch(club.state.stores.engine).state
    for position in range(1, club.state.position + 1):
        raw = club.state.recent.find(position)
        assert raw is not None
        other.replay(raw)
    assert other.digest() == club.state.digest()
    assert other.tables.newest.is_published


def test_of_two_that_are_ready_at_once_one_comes_into_force(club: Club) -> None:
    club.add_host("HOST0002")
    ready: list[Deferred] = []
    for host, points in (("HOST0001", 200), ("HOST0002", 300)):
        for payload in club.parts(sample_table(points), 1, host):
            reply = club.give(payload)
        assert isinstance(reply, Deferred)
        ready.append(reply)
    for each in ready:
        each.work()
    assert [code(each.finish(club.now)) for each in reversed(ready)] == [
        ("00", "00000002"),
        ("28", "00000002"),
    ]
    assert club.points() == "000000000300"


def test_an_upload_of_which_nothing_more_comes_is_forgotten(club: Club) -> None:
    parts = club.parts(sample_table(200, rules_more=100), 1)
    assert code(club.give(parts[0]))[0] == "00"
    club.exchange.maintain(Now(AT_MS, club.now.monotonic_s + UPLOAD_AGE_MAX_S))
    assert code(club.give(parts[1]))[0] == "00"
    club.exchange.maintain(Now(AT_MS, club.now.monotonic_s + UPLOAD_AGE_MAX_S + 1))
    assert code(club.give(parts[2]))[0] == "25"


def test_uploads_are_bounded_in_number(club: Club) -> None:
    hosts = [f"HOST{number:04d}" for number in range(2, UPLOADS_MAX + 3)]
    uploads: deque[list[bytes]] = deque()
    for second, host in enumerate(hosts):
        club.add_host(host)
        uploads.append(club.parts(sample_table(200, rules_more=100), 1, host))
        club.now = Now(AT_MS, second)
        assert code(club.give(uploads[-1][0]))[0] == "00"
    assert [code(club.give(parts[1]))[0] for parts in uploads] == ["25"] + ["00"] * UPLOADS_MAX


def test_a_table_that_could_not_be_prepared_may_be_tried_again(
    club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: bytes) -> RuleTable:
        raise MemoryError

    table = sample_table(200, rules_more=100)
    with monkeypatch.context() as patched:
        patched.setattr("switch.publication.preparation.unpack", fail)
        for payload in club.parts(table, 1):
            reply = club.give(payload)
        assert isinstance(reply, Deferred)
        reply.work()
    assert code(reply.finish(club.now)) == ("29", "00000001")
    assert code(club.give(payload)) == ("29", "00000001")
    for payload in club.parts(table, 1):
        reply = club.give(payload)
    assert isinstance(reply, Deferred)
    reply.work()
    assert code(reply.finish(club.now)) == ("00", "00000002")
