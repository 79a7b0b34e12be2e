"""A switch of one's own: what it knows, what survives it, and that nothing of it is left."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator import SwitchFailed, TestCard, VirtualSwitch, load_wallet
from simulator.wallet import WalletFault
from switch.journal.verify import verify
from tests.simulator.virtual_switch.bench_switch import answer_to, points_of
from tools.up.sample_shop import CARD_NUMBER


@pytest.fixture(scope="module")
def switch() -> Iterator[VirtualSwitch]:
    with VirtualSwitch() as running:
        yield running


@pytest.mark.parametrize("card", load_wallet().cards, ids=lambda card: card.name)
def test_every_card_does_what_the_table_says(switch: VirtualSwitch, card: TestCard) -> None:
    profile = switch.profile(card.name)
    redemption = answer_to(switch.terminals, profile, amount=5_000, processing_code="009100")
    purchase = answer_to(switch.terminals, profile)
    assert (purchase.text(39), redemption.text(39)) == (card.response_code, card.redemption_code)


def test_issued_cards_are_new_and_have_their_points(switch: VirtualSwitch) -> None:
    first, second = switch.issue_card(7), switch.issue_card()
    assert first.number != second.number and first.number not in repr(first)
    for card, points in ((first, 7), (second, 1000)):
        assert switch.wallet.is_test(card.number)
        profile = switch.profile().model_copy(update={"variables": {"card": card.number}})
        assert points_of(switch.terminals, profile) == points


def test_every_terminal_has_a_key_of_its_own(switch: VirtualSwitch) -> None:
    profile = switch.profile(terminal_id="BENCH003")
    assert answer_to(switch.terminals, profile).text(41) == "BENCH003"
    assert switch.key("BENCH003") != switch.key()
    lines = switch.feed()
    assert any(line.get("terminal_id") == "BENCH003" for line in lines)


def test_a_club_lives_as_long_as_its_directory(tmp_path: Path) -> None:
    with VirtualSwitch(tmp_path / "club") as switch:
        card = switch.issue_card(20)
        switch.restart()
        profile = switch.profile().model_copy(update={"variables": {"card": card.number}})
        answer_to(switch.terminals, profile)
    with VirtualSwitch(tmp_path / "club") as switch:
        assert points_of(switch.terminals, profile) == 120
        assert switch.issue_card().number != card.number
    assert verify(tmp_path / "club" / "journal").ok


def test_it_begins_as_the_table_says_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever somebody has set for a switch of theirs."""
    monkeypatch.setenv("VAFA_SWITCH_RULES_FILE", "/nowhere/rules.toml")
    with VirtualSwitch(connections_max=3) as switch:
        directory, process = switch.directory, switch.process
        assert all(path.stat().st_mode & 0o077 == 0 for path in (directory / "keys").iterdir())
        for card in switch.wallet.cards:
            if card.response_code == "00":
                assert points_of(switch.terminals, switch.profile(card.name)) == card.points
    assert not directory.exists()
    assert process is not None and process.poll() is not None


def test_what_can_not_start_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    switch = VirtualSwitch(rules_file=tmp_path / "missing.toml")
    with pytest.raises(SwitchFailed, match=r"missing\.toml"), switch:
        pass
    assert not switch.directory.exists() and not switch.running
    with pytest.raises(SwitchFailed, match="never started"):
        VirtualSwitch(tmp_path / "other").stop()


def test_unknown_cards_are_told_by_name(switch: VirtualSwitch) -> None:
    with pytest.raises(WalletFault, match="there are everyday, gold"):
        switch.card("platinum")


def test_the_sample_card_is_a_test_card() -> None:
    assert load_wallet().is_test(CARD_NUMBER)
