"""The bench's own parts: cards, swipes, and finding the VM."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.micropython_vm import VmMissing, find_vm
from simulator.virtual_terminal.card import Card, check_digit
from simulator.virtual_terminal.stripe import CLOCKING_ZEROS, Damage, Swipe, bits, characters, reader_frame

# A card of the worked example in ISO/IEC 7812-1: 7992739871 is completed by 3.
KNOWN_BODY, KNOWN_CHECK_DIGIT = "7992739871", "3"


def test_the_check_digit_of_a_known_number() -> None:
    assert check_digit(KNOWN_BODY) == KNOWN_CHECK_DIGIT


@given(st.integers(0, 10**9 - 1))
def test_issued_cards_are_whole_and_distinct(serial: int) -> None:
    card = Card.issue("636949", serial)
    assert len(card.number) == 16
    assert check_digit(card.number[:-1]) == card.number[-1]
    assert Card.issue("636949", serial + 1).number != card.number


def test_a_card_does_not_show_its_number() -> None:
    assert "636949" not in repr(Card.issue("636949", 1))


def test_the_start_sentinel_is_eleven_least_significant_bit_first() -> None:
    stream = "".join(f"{byte:08b}" for byte in bits(";"))
    assert stream[CLOCKING_ZEROS : CLOCKING_ZEROS + 5] == "11010"
    assert set(stream[:CLOCKING_ZEROS]) == {"0"}


def test_a_backward_swipe_is_the_same_bits_from_the_other_end() -> None:
    forward = "".join(f"{byte:08b}" for byte in bits(";1=2?"))
    backward = "".join(f"{byte:08b}" for byte in bits(";1=2?", backward=True))
    assert backward == forward[::-1]


@pytest.mark.parametrize(
    "damage", [damage for damage in Damage if damage not in (Damage.NONE, Damage.PARITY)]
)
def test_damage_changes_the_characters(damage: Damage) -> None:
    data = Card.issue("636949", 1).track2
    assert characters(data, damage) != characters(data)


def test_a_parity_error_is_one_bit() -> None:
    card = Card.issue("636949", 1)
    good, bad = (reader_frame(card, Swipe(damage=damage)) for damage in (Damage.NONE, Damage.PARITY))
    assert sum((left ^ right).bit_count() for left, right in zip(good, bad, strict=True)) == 1


def test_a_missing_vm_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VAFA_MICROPYTHON", str(tmp_path / "nothing"))
    with pytest.raises(VmMissing, match="install_micropython"):
        find_vm()


def test_a_vm_that_does_not_run_is_told_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "micropython"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv("VAFA_MICROPYTHON", str(broken))
    with pytest.raises(VmMissing, match="does not run"):
        find_vm()
