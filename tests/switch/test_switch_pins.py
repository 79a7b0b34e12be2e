"""PIN blocks and check values."""

import pytest

from protocol.message import Message, Value
from protocol.security.keys import derive_terminal_key, derive_terminal_pin_key
from protocol.security.pin_block import encipher_format_4
from switch.authoriser.request import FileAction, PinState
from switch.gate.translate import FieldFault
from switch.keyring import Keyring
from tests.protocol.golden_vectors import MASTER_KEY
from tests.switch.wire_requests import (
    CARD,
    KEYRING,
    PIN,
    TERMINAL,
    TOKEN,
    financial,
    refused,
    translated,
)


def _pin_block(pin: str = PIN, card: str = CARD, terminal_id: str = "T0000001", generation: int = 1) -> bytes:
    return encipher_format_4(derive_terminal_pin_key(MASTER_KEY, terminal_id, generation), pin, card)


def test_the_right_pin() -> None:
    stored = KEYRING.pin_check(TOKEN, PIN)
    assert len(stored) == 8
    tags: dict[str, Value] = {"DF34": _pin_block()}
    assert financial(tags, stored_pin_check=stored).pin is PinState.RIGHT
    by_track = financial(tags, stored_pin_check=stored, fields={2: None, 35: f"{CARD}=3012"})
    assert by_track.pin is PinState.RIGHT
    assert financial(stored_pin_check=stored).pin is PinState.ABSENT


@pytest.mark.parametrize(
    "block",
    [
        _pin_block("1235"),
        _pin_block("12345"),
        _pin_block(card="9364000000000025"),
        _pin_block(terminal_id="T0000002"),
        _pin_block(generation=2),
        bytes(16),
    ],
    ids=["digit", "length", "card", "terminal", "generation", "nonsense"],
)
def test_wrong_pins(block: bytes) -> None:
    stored = KEYRING.pin_check(TOKEN, PIN)
    assert financial({"DF34": block}, stored_pin_check=stored).pin is PinState.WRONG


def test_a_card_without_a_pin_takes_none() -> None:
    assert financial({"DF34": _pin_block()}).pin is PinState.WRONG


def test_pin_blocks_that_are_none() -> None:
    assert refused({"DF34": bytes(15)}) == "48.DF34"
    assert refused({"DF34": bytes(16), "DF20": "000000000012"}, fields={2: None}) == "48.DF34"


def test_a_pin_check_is_that_of_one_card_and_one_club() -> None:
    assert KEYRING.pin_check(TOKEN, PIN) == Keyring(MASTER_KEY).pin_check(TOKEN, PIN)
    others = {
        KEYRING.pin_check(TOKEN, "1235"),
        KEYRING.pin_check(KEYRING.card_token("9364000000000025"), PIN),
        Keyring(bytes(32)).pin_check(TOKEN, PIN),
    }
    assert KEYRING.pin_check(TOKEN, PIN) not in others
    assert len(others) == 3


def test_pin_and_mac_keys_differ() -> None:
    assert KEYRING.pin_key(TERMINAL) == derive_terminal_pin_key(MASTER_KEY, "T0000001", 1)
    assert KEYRING.pin_key(TERMINAL) != derive_terminal_key(MASTER_KEY, "T0000001", 1)


def _card_record(block: bytes, card: str | None = CARD) -> FileAction:
    fields: dict[int, Value] = {7: "1121200000", 11: "000001", 41: "T0000001", 91: "1", 101: "CARD"}
    if card is not None:
        fields[2] = card
    request = translated(Message("0300", {**fields, 120: {"DF29": "000000000007", "DF34": block}}))
    assert isinstance(request, FileAction)
    return request


def test_a_host_sets_a_pin_that_only_its_check_value_is_kept_of() -> None:
    record = dict(_card_record(_pin_block()).record)
    assert record == {"DF29": "000000000007", "DF51": KEYRING.pin_check(TOKEN, PIN)}
    for block, card in ((_pin_block(), None), (bytes(15), CARD), (_pin_block(generation=2), CARD)):
        with pytest.raises(FieldFault, match="DF34"):
            _card_record(block, card)
