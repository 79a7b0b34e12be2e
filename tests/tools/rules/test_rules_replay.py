"""What other rules would have made of a journal: nothing with the same rules, and the right with others."""

import json
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from simulator.world.plan import plan_of
from simulator.world.street import Street
from switch.authoriser.request import Details, Financial, Request
from switch.journal.entries import EntryKind, RuleTableEntry, unpack
from switch.journal.format import BatchHeader, RawEntry, pack_entry, segment_paths, unpack_entries
from switch.journal.writer import Journal
from switch.rule_trials.replay import Replay, Span
from switch.rule_trials.replay_sums import Pair, ReplaySums
from switch.rule_trials.unknown_facts import unknown_facts
from switch.rules.compiler import compile_rules
from switch.rules.packing import unpack as unpack_table
from switch.rules.table import RuleTable
from switch.snapshot.files import snapshot_paths
from switch.snapshot.making import make_snapshot
from tests.switch.journal.small import UNSYNCED
from tests.switch.scenarios.club import Club
from tests.switch.scenarios.runner import Player
from tests.switch.scenarios.table_reader import read_scenario
from tests.switch.scenarios.test_scenarios import FILES
from tools.cli import main

SEEDS = range(10)
STEPS = 40
# Scenarios whose rules want a code, which no journal keeps.
WITH_CODES = {"expiry": 4}
START_S = 1_792_000_000
EARN = """
format = 2
programme = "test"

[[rules]]
rule_id = "EARN"
version = 1
status = "active"
kind = "earn"
name = { fa = "امتیاز", en = "Points" }
trigger = "purchase"
effects = [{ type = "earn", purse = "points", calc = { mode = "rate", give = 100, per = 1000000 } }]
caps = [{ of = "units", per = "member", window = "day", limit = 150 }]
"""
GATE = """
[[rules]]
rule_id = "GATE"
version = 1
status = "active"
kind = "gate"
name = { fa = "تعداد", en = "Velocity" }
trigger = "purchase"
effects = [{ type = "deny", code = "65" }]
caps = [{ of = "uses", per = "card", window = "hour", limit = 3 }]
"""
CODE = """
[[rules]]
rule_id = "CODE"
version = 1
status = "active"
kind = "earn"
name = { fa = "کد", en = "Code" }
trigger = "purchase"
when = { f = "code", op = "=", v = "NOWRUZ" }
effects = [{ type = "earn", purse = "points", calc = { mode = "fixed", give = 5 } }]
"""
MILLION = 1_000_000


def table_of(text: str) -> RuleTable:
    return compile_rules(text, "test")


def replayed(raws: Iterable[RawEntry], table: RuleTable, member: int = 0) -> ReplaySums:
    replay = Replay(table, Span(member=member))
    for raw in raws:
        replay.take(raw)
    return replay.sums


def club_of(text: str) -> Club:
    club = Club(table_of(text), START_S)
    for number in (1, 2):
        club.add_member(number, {})
        club.add_card(f"card {number}", number, 1000 + number)
    return club


def buy(club: Club, amount: int = MILLION, card: str = "card 1") -> Request:
    club.pass_time(60)
    request = club.financial("000000", amount, card=card)
    club.send(request)
    return request


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_same_rules_change_nothing_in_a_scenario(path: Path) -> None:
    player = Player(read_scenario(path))
    player.play()
    sums = replayed(player.club.raws, player.club.table)
    assert sums.purchases
    assert (sums.different, sums.changes, sums.rial.difference) == (0, [], 0)
    assert sums.left_out["approved"] == WITH_CODES.get(path.stem, 0)


def journal_of(seed: int) -> list[RawEntry]:
    street = Street(plan_of(seed, STEPS))
    street.live()
    assert not street.chronicle.violations
    content = b"".join(street.switch.journaled)
    found = unpack_entries(content, BatchHeader(len(content), len(street.switch.journaled), 1))
    assert found
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_rules_change_nothing_in_a_simulated_world(seed: int) -> None:
    raws = journal_of(seed)
    tables = [raw for raw in raws if raw.kind == EntryKind.RULE_TABLE]
    if len(tables) > 1:
        raws = raws[: tables[1].position - 1]
    first = unpack(tables[0].kind, tables[0].version, tables[0].body)
    assert isinstance(first, RuleTableEntry)
    sums = replayed(raws, unpack_table(first.table))
    assert (sums.different, sums.left_out["approved"]) == (0, 0)


def test_other_rules_count_by_counters_of_their_own() -> None:
    club = club_of(EARN)
    for _ in range(3):
        buy(club)
    sums = replayed(club.raws, table_of(EARN.replace("give = 100", "give = 200")))
    # Then 100, 50 and 0 by the cap of 150; otherwise 150, 0 and 0.
    assert [change.units for change in sums.changes] == [{"points": 50}, {"points": -50}]
    assert sums.units["points"] == Pair(150, 150)
    assert (sums.purchases, sums.different) == (3, 2)


def test_a_reversal_takes_back_what_the_other_rules_would_have_counted() -> None:
    club = club_of(EARN)
    first = buy(club)
    assert isinstance(first, Financial)
    club.send(club.reversal_of(first))
    buy(club)
    sums = replayed(club.raws, table_of(EARN.replace("give = 100", "give = 140")))
    assert [change.units for change in sums.changes] == [{"points": 40}, {"points": 40}]


def test_sums_by_rule_member_and_day() -> None:
    club = club_of(EARN)
    buy(club)
    club.pass_time(86_400)
    buy(club, card="card 2")
    sums = replayed(club.raws, table_of(EARN.replace("give = 100", "give = 50")))
    assert dict(sums.member_units) == {1: {"points": -50}, 2: {"points": -50}}
    assert sums.rules["EARN"].units["points"] == Pair(200, 100)
    assert [(day.purchases, day.different) for day in sums.days.values()] == [(1, 1), (1, 1)]
    assert sums.member_rial[1] == sums.member_rial[2] < 0
    assert sums.rial.difference == 2 * sums.member_rial[1]
    assert replayed(club.raws, table_of(EARN.replace("give = 100", "give = 50")), 2).purchases == 1


def test_purchases_that_would_be_declined_and_approved() -> None:
    club = club_of(EARN)
    for _ in range(5):
        buy(club)
    sums = replayed(club.raws, table_of(EARN + GATE))
    assert (sums.declined_now, sums.approved_now) == ({"65": 2}, {})
    club = club_of(EARN + GATE)
    for _ in range(5):
        buy(club)
    sums = replayed(club.raws, table_of(EARN))
    assert (sums.declined_now, sums.approved_now) == ({}, {"65": 2})


def test_purchases_that_a_code_decided_are_left_out() -> None:
    club = club_of(EARN + CODE)
    club.send(club.financial("000000", MILLION, card="card 1", details=Details(code="NOWRUZ")))
    buy(club)
    sums = replayed(club.raws, table_of(EARN))
    assert (sums.purchases, sums.left_out) == (1, {"approved": 1})


def test_what_rules_look_at_that_no_journal_keeps() -> None:
    assert unknown_facts(table_of(EARN)) == ()
    assert unknown_facts(table_of(EARN + CODE)) == (("CODE", "code"),)


def written(club: Club, directory: Path) -> Path:
    """A club's journal on the disk."""
    journal = Journal.open(
        directory, key_check=bytes(16), segment_bytes=1 << 20, now_ms=1, on_entry=lambda _: None
    )
    journal.commit([pack_entry(raw.kind, raw.version, raw.body) for raw in club.raws], 1)
    journal.close()
    return directory


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["rules", "replay", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_the_command_tells_what_would_differ(tmp_path: Path) -> None:
    club = club_of(EARN)
    buy(club)
    club.pass_time(86_400)
    buy(club, card="card 2")
    journal = written(club, tmp_path / "journal")
    other = tmp_path / "other.toml"
    other.write_text(EARN.replace("give = 100", "give = 140"))
    code, told = run(journal, "--rules", other)
    assert code == 0, told
    assert "2 purchases, 2 would have gone otherwise" in told
    assert "most: member 1" in told
    code, told = run(journal, "--rules", other, "--from", "2026-10-15", "--json")
    found = json.loads(told)
    assert (found["purchases"], found["units"]["points"]["difference"]) == (1, 40)
    code, told = run(journal, "--rules", other, "--until", "1405-07-22", "--member", "1")
    assert (code, "1 purchase, 1 would" in told, "2026-10-14  1,000,000 rial  00" in told) == (
        0,
        True,
        True,
    ), told


def test_what_the_command_cannot_know_it_refuses(tmp_path: Path) -> None:
    journal = written(club_of(EARN), tmp_path / "journal")
    other = tmp_path / "other.toml"
    other.write_text(EARN + CODE)
    code, told = run(journal, "--rules", other)
    assert (code, "CODE looks at: code" in told) == (2, True)
    assert run(journal, "--rules", other, "--assume-absent")[0] == 0
    assert run(tmp_path, "--rules", other, "--assume-absent") == (2, f"Error: no journal in {tmp_path}\n")
    assert run(journal, "--rules", other, "--from", "2026-13-01")[0] == 2


def without_first_segments(club: Club, directory: Path, entries: int) -> Path:
    """A club's journal with a snapshot of what was full after so many entries, and only what is behind it."""
    journal = Journal.open(
        directory,
        key_check=bytes(16),
        segment_bytes=4096,
        now_ms=1,
        on_entry=lambda _: None,
        system=UNSYNCED,
    )
    for raw in club.raws:
        journal.commit([pack_entry(raw.kind, raw.version, raw.body)], 1)
        if raw.position == entries:
            made = make_snapshot(directory, 1, UNSYNCED)
    journal.close()
    assert made is not None
    for path, successor in pairwise(segment_paths(directory)):
        if int(successor.stem) - 1 <= made.position:
            path.unlink()
    return directory


def test_where_the_first_segments_are_gone_it_begins_behind_the_snapshot(tmp_path: Path) -> None:
    club = club_of(EARN)
    for _ in range(10):
        buy(club)
    before = len(club.raws)
    for card in ("card 1", "card 2", "card 2"):
        club.pass_time(86_400)
        buy(club, card=card)
    journal = without_first_segments(club, tmp_path / "journal", before)
    (image,) = snapshot_paths(journal)
    rules, same = tmp_path / "other.toml", tmp_path / "same.toml"
    rules.write_text(EARN.replace("give = 100", "give = 140"))
    same.write_text(EARN)
    code, told = run(journal, "--rules", same)
    assert (code, " 0 would have gone otherwise" in told) == (0, True), told
    assert f"snapshot {int(image.stem)} is the oldest of use: what follows begins within 2026-10-14" in told
    code, told = run(journal, "--rules", rules, "--from", "2026-10-15", "--json")
    found = json.loads(told)
    assert (code, found["purchases"], found["units"]["points"]["difference"]) == (0, 3, 3 * 40)
    code, told = run(journal, "--rules", rules, "--from", "2026-10-14")
    assert (code, "whole days can be had from 2026-10-15 on" in told) == (2, True)
    image.unlink()
    code, told = run(journal, "--rules", rules)
    assert (code, "are gone, and no snapshot has them" in told) == (1, True)
