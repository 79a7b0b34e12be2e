"""The table of test cards and magic amounts: what it refuses, and that the scripted host obeys it."""

import asyncio
import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from protocol.spec import load_spec
from simulator import Behaviour, MagicAmount, Profile, ScriptedSwitch, TestCard, load_wallet
from simulator.wallet import WalletFault
from tests.simulator.virtual_switch.bench_switch import answer_to, outcome_of
from tools.cli import main

KEY = bytes(range(16))
WALLET = load_wallet()
CODES = [row for row in WALLET.amounts if row.behaviour is Behaviour.ANSWER]
PLAIN = "6280000000000999"
CARD = """
format = 1
ranges = ["62800000"]
amounts = []
[[cards]]
name = "one"
number = "6280000000001006"
title = { en = "a", fa = "b" }
response_code = "00"
redemption_code = "00"
"""


def profile_of(card: str) -> Profile:
    return Profile(terminal_id="T0000001", keys={"T0000001": KEY.hex()}, variables={"card": card})


def test_codes_are_those_of_the_spec_and_behaviours_all_there_are() -> None:
    known = set(load_spec("vafa").response_codes)
    codes = {card.response_code for card in WALLET.cards} | {card.redemption_code for card in WALLET.cards}
    assert codes | {row.response_code for row in WALLET.amounts} <= known
    assert {row.behaviour for row in WALLET.amounts} == set(Behaviour)
    titles = [card.title for card in WALLET.cards] + [row.title for row in WALLET.amounts]
    assert all(max(title.fa) >= "\u0600" for title in titles)


@pytest.mark.parametrize("row", CODES, ids=lambda row: str(row.amount))
def test_amounts_bring_their_codes(row: MagicAmount) -> None:
    with ScriptedSwitch(KEY) as switch:
        answer = answer_to(switch.address, profile_of(PLAIN), amount=row.amount)
        assert answer.text(39) == row.response_code
        assert answer_to(switch.address, profile_of(PLAIN), amount=row.amount + 1000_000).text(39) == "00"


@pytest.mark.parametrize("card", WALLET.cards, ids=lambda card: card.name)
def test_cards_bring_their_codes_before_any_amount(card: TestCard) -> None:
    with ScriptedSwitch(KEY) as switch:
        profile = profile_of(card.number)
        assert answer_to(switch.address, profile).text(39) == card.response_code
        redemption = answer_to(switch.address, profile, processing_code="009100")
        assert redemption.text(39) == card.redemption_code
        magic = answer_to(switch.address, profile, amount=9_000_096).text(39)
        assert magic == ("96" if card.response_code == "00" else card.response_code)


@pytest.mark.parametrize(
    ("behaviour", "problem"),
    [
        (Behaviour.WRONG_MAC, "the MAC is wrong"),
        (Behaviour.CUT, "the peer closed the link"),
        (Behaviour.CUT_MID_FRAME, "the peer closed the link"),
    ],
)
def test_amounts_bring_their_misbehaviour(behaviour: Behaviour, problem: str) -> None:
    (row,) = (row for row in WALLET.amounts if row.behaviour is behaviour)
    with ScriptedSwitch(KEY) as switch:
        outcome = outcome_of(switch.address, profile_of(PLAIN), "0200", f"{{ amount = {row.amount} }}")
        assert outcome.failure is not None and problem in outcome.failure.problem.en


def test_a_late_answer_is_as_late_as_the_table_says(tmp_path: Path) -> None:
    table = tmp_path / "wallet.toml"
    row = '[[amounts]]\namount = 77\nbehaviour = "late"\nlate_ms = 200\ntitle = { en = "a", fa = "b" }\n'
    table.write_text(CARD.replace("amounts = []\n", "") + row, "utf-8")
    with ScriptedSwitch(KEY, wallet=load_wallet(table)) as switch:
        switch.script.late_ms = 60_000
        began = time.monotonic()
        assert answer_to(switch.address, profile_of(PLAIN), amount=77).text(39) == "00"
        assert 0.2 <= time.monotonic() - began < 3


def test_the_script_comes_before_the_table() -> None:
    async def scenario() -> None:
        async with ScriptedSwitch(KEY) as switch:
            switch.script.next_code("02", "05")
            answer = await asyncio.to_thread(answer_to, switch.address, profile_of(PLAIN), amount=9_000_051)
            assert answer.text(39) == "05"
            assert switch.requests[-1].text(4) == "000009000051"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("format = 1", "format = 2", "format"),
        ("6280000000001006", "6280000000001007", "check digit"),
        ("6280000000001006", "4000000000000002", "in no test range"),
        ('response_code = "00"', 'response_code = "0"', "response_code"),
        ('name = "one"', 'name = "one"\npoints = 3', "points want a member"),
        ('name = "one"', 'name = "one"\nunknown = 3', "unknown"),
        (
            "amounts = []",
            'amounts = [{ amount = 1, late_ms = 3, title = { en = "a", fa = "b" } }]',
            "late_ms",
        ),
        (
            "amounts = []",
            'amounts = [{ amount = 1, behaviour = "late", title = { en = "a", fa = "b" } }]',
            "late_ms",
        ),
        ("[[cards]]", "[[cards", "line"),
    ],
    ids=["format", "check digit", "range", "code", "points", "unknown key", "late_ms", "late", "no TOML"],
)
def test_a_wrong_table_is_told_without_its_numbers(old: str, new: str, told: str, tmp_path: Path) -> None:
    table = tmp_path / "wallet.toml"
    assert old in CARD
    table.write_text(CARD.replace(old, new), "utf-8")
    with pytest.raises(WalletFault, match=told) as fault:
        load_wallet(table)
    assert "62800000000010" not in str(fault.value) and "4000000000000002" not in str(fault.value)


def test_files_that_are_none_are_told(tmp_path: Path) -> None:
    with pytest.raises(WalletFault, match="No such file"):
        load_wallet(tmp_path / "missing.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff")
    with pytest.raises(WalletFault, match="byte 0 is not UTF-8"):
        load_wallet(tmp_path / "binary.toml")
    (tmp_path / "long.toml").write_bytes(b"#" * 70_000)
    with pytest.raises(WalletFault, match="at most"):
        load_wallet(tmp_path / "long.toml")
    (tmp_path / "twice.toml").write_text(CARD + CARD[CARD.index("[[cards]]") :], "utf-8")
    with pytest.raises(WalletFault, match="two rows have the same name; two rows have the same number"):
        load_wallet(tmp_path / "twice.toml")


def test_the_command_prints_the_table() -> None:
    printed = CliRunner().invoke(main, ["sim", "cards"])
    assert printed.exit_code == 0
    for card in WALLET.cards:
        assert f"{card.number}  {card.response_code} {card.redemption_code}  {card.name} " in printed.stdout
    assert "9,001,002  3 s late" in printed.stdout and "9,000,051  51 " in printed.stdout
    document = json.loads(CliRunner().invoke(main, ["sim", "cards", "--json"]).stdout)
    assert [card["name"] for card in document["cards"]] == [card.name for card in WALLET.cards]
    assert document["amounts"][0] == WALLET.amounts[0].model_dump(mode="json", exclude_none=True)
