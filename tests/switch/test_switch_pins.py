"""PIN blocks and check values."""

import pytest

from protocol.message import Message, Value
from protocol.security.dukpt import KeyType, KeyUsage, derive_initial_key
from protocol.security.dukpt_terminal import DukptTerminal
from protocol.security.faults import SecurityFault
from protocol.security.keys import derive_dukpt_base_key, derive_terminal_key, derive_terminal_pin_key
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


def _dukpt(
    count: int = 1, pin: str = PIN, terminal_id: str = "T0000001", generation: int = 1
) -> dict[str, Value]:
    """Tags of the `count`-th block under the keys of a terminal, which are used once each."""
    key_id = bytes.fromhex("00000001a1b2c3d4")
    base = derive_dukpt_base_key(MASTER_KEY, terminal_id, generation)
    terminal = DukptTerminal(derive_initial_key(base, key_id), key_id)
    for _ in range(count):
        transaction = terminal.next_transaction()
    key = transaction.working_key(KeyUsage.PIN_ENCRYPTION, KeyType.AES128)
    return {"DF34": encipher_format_4(key, pin, CARD), "DF5E": transaction.serial.encode()}


@pytest.mark.parametrize("count", [1, 2, 3, 300], ids="transaction-{}".format)
def test_a_pin_under_a_key_that_is_used_once(count: int) -> None:
    stored = KEYRING.pin_check(TOKEN, PIN)
    assert financial(_dukpt(count), stored_pin_check=stored).pin is PinState.RIGHT
    assert financial(_dukpt(count, "4321"), stored_pin_check=stored).pin is PinState.WRONG


def test_the_serial_number_of_another_key() -> None:
    stored = KEYRING.pin_check(TOKEN, PIN)
    serial = _dukpt(2)["DF5E"]
    for tags in (
        {**_dukpt(1), "DF5E": serial},
        {"DF34": _dukpt(1)["DF34"]},
        {"DF34": _pin_block(), "DF5E": serial},
        _dukpt(terminal_id="T0000002"),
        _dukpt(generation=2),
    ):
        assert financial(tags, stored_pin_check=stored).pin is PinState.WRONG


def test_serial_numbers_that_are_none() -> None:
    block = _dukpt()["DF34"]
    unused = bytes(8) + (0x1FFFF).to_bytes(4)  # 17 one bits: no terminal gets there
    for serial in (b"", bytes(11), bytes(12), unused):
        assert refused({"DF34": block, "DF5E": serial}) == "48.DF5E"
        with pytest.raises(FieldFault, match="DF5E"):
            _card_record(block, serial=serial)
    assert refused({"DF5E": _dukpt()["DF5E"]}) == "48.DF5E"
    with pytest.raises(SecurityFault):
        KEYRING.pin_key(TERMINAL, bytes(12))


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


def _card_record(block: Value, card: str | None = CARD, serial: Value | None = None) -> FileAction:
    fields: dict[int, Value] = {7: "1121200000", 11: "000001", 41: "T0000001", 91: "1", 101: "CARD"}
    if card is not None:
        fields[2] = card
    tags = {"DF29": "000000000007", "DF34": block} | ({} if serial is None else {"DF5E": serial})
    request = translated(Message("0300", {**fields, 120: tags}))
    assert isinstance(request, FileAction)
    return request


def test_a_host_sets_a_pin_that_only_its_check_value_is_kept_of() -> None:
    record = dict(_card_record(_pin_block()).record)
    assert record == {"DF29": "000000000007", "DF51": KEYRING.pin_check(TOKEN, PIN)}
    for block, card in ((_pin_block(), None), (bytes(15), CARD), (_pin_block(generation=2), CARD)):
        with pytest.raises(FieldFault, match="DF34"):
            _card_record(block, card)
