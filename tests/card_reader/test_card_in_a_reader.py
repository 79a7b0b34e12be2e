"""`vafa card` and pyscard, through a PC/SC service, with our card in its virtual reader."""

import json
import os
from pathlib import Path

import pytest
from smartcard.System import readers

from protocol.card_application.faults import CardFault, CardFaultCode
from simulator.virtual_card.application import CardApplication
from simulator.virtual_card.card import SAMPLE_TRANSPORT_KEY, new_card
from simulator.virtual_card.chip import ChipTraits, answer_to_reset
from simulator.virtual_card.meeting import CardMeeting
from simulator.virtual_card.memory import CardMemory
from simulator.virtual_card.store import CardStore
from tests.card_reader.conftest import Reader, vafa_card
from tests.simulator.virtual_card.issued_card import (
    BALANCE,
    BALANCE_KEY,
    CARD_KEY,
    MASTER,
    OWNER,
    authenticated,
    issued,
    powered,
)
from tools.card.channel import reader_channel

SLOT = ("--reader", "00 00")


@pytest.fixture
def key_options(tmp_path: Path) -> list[str]:
    options = []
    for name, key in (("master", MASTER), ("transport", SAMPLE_TRANSPORT_KEY)):
        path = tmp_path / name
        path.touch(0o600)
        path.write_text(key.hex(), "ascii")
        options += [f"--{name}-key-file", str(path)]
    return options


def card(memory: CardMemory) -> CardApplication:
    return CardApplication(memory, os.urandom)


def test_a_card_is_personalised_read_and_verified(reader: Reader, key_options: list[str]) -> None:
    memory = new_card()
    reader.put_in(card(memory))
    blank = vafa_card("read", *SLOT)
    assert (blank.returncode, blank.stderr) == (1, "Error: a blank card\n")
    made = vafa_card(
        "personalise", *SLOT, *key_options, "--card-number", OWNER.card_number, "--member-number", "12",
        "--expiry", "3012", "--zone", "7", "--generation", "2", "--balance", "500000", "--limit", "200000",
    )  # fmt: skip
    assert (made.returncode, made.stderr) == (0, "")
    assert OWNER.card_number not in made.stdout
    told = json.loads(vafa_card("read", *SLOT, "--unsafe", "--json").stdout)
    assert (told["card_number"], told["key_zone"], told["key_generation"]) == (OWNER.card_number, 7, 2)
    verified = json.loads(vafa_card("verify", *SLOT, *key_options[:2], "--json").stdout)
    assert verified["genuine"] is True
    assert (verified["offline_balance"]["balance"], verified["offline_balance"]["limit"]) == (
        500_000,
        200_000,
    )
    # Pulled out and put in again it is the same card.
    reader.pull_out()
    reader.put_in(card(memory))
    assert vafa_card("verify", *SLOT, *key_options[:2]).returncode == 0


def test_a_copied_card_is_not_genuine(reader: Reader, key_options: list[str]) -> None:
    copy = issued()
    CardStore(copy).personalise(OWNER.pack(), bytes(16))
    reader.put_in(card(copy))
    assert vafa_card("read", *SLOT).returncode == 0
    refused = vafa_card("verify", *SLOT, *key_options[:2])
    assert (refused.returncode, refused.stdout, refused.stderr) == (1, "", "Error: not genuine\n")


def test_a_card_torn_out_while_its_balance_is_written_keeps_the_old_one(
    reader: Reader, key_options: list[str]
) -> None:
    memory = issued()
    reader.put_in(card(memory))
    with reader_channel("00 00") as transmit:
        meeting = CardMeeting(transmit, os.urandom)
        meeting.select()
        meeting.authenticate(CARD_KEY, OWNER)
        memory.tear_after = 20
        with pytest.raises(CardFault) as fault:
            meeting.write_balance(BALANCE_KEY, BALANCE)
        assert fault.value.code is CardFaultCode.NO_ANSWER
    reader.pull_out()
    memory.tear_after = None
    reader.put_in(card(memory))
    verified = json.loads(vafa_card("verify", *SLOT, *key_options[:2], "--json").stdout)
    assert verified["offline_balance"]["counter"] == 1


def test_an_independent_program_sees_the_card_as_it_is(reader: Reader) -> None:
    memory = issued()
    reader.put_in(card(memory))
    connection = next(found for found in readers() if "00 00" in str(found)).createConnection()
    connection.connect()
    try:
        assert bytes(connection.getATR()) == answer_to_reset(ChipTraits())
        data, first, second = connection.transmit(list(bytes.fromhex("00a4040009f0564146414341524400")))
        assert (bytes(data).hex(), first, second) == ("6f108409f05641464143415244a503c00101", 0x90, 0)
        data, first, second = connection.transmit([0x00, 0xB2, 0x01, 0x0C, 0x00])
        assert (bytes(data), first, second) == (OWNER.pack(), 0x90, 0)
    finally:
        connection.release()
    reader.pull_out()
    assert authenticated(powered(memory)).read_balance(BALANCE_KEY) == BALANCE


def test_without_a_card_that_is_told(reader: Reader) -> None:
    empty = vafa_card("read", *SLOT)
    assert (empty.returncode, empty.stderr) == (1, "Error: no card in the reader\n")
    both = vafa_card("read")
    assert "choose with --reader" in both.stderr
    assert "no reader of that name" in vafa_card("read", "--reader", "none of these").stderr
