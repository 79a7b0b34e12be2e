"""The card as programs hold it: one number on stripe and chip, and a PC/SC reader that sees it."""

import socket
import threading

from protocol.card_application import keys
from protocol.card_application.layout import APPLICATION_IDENTIFIER
from protocol.card_application.records import Balance
from simulator import VirtualCard
from simulator.virtual_card.card import SAMPLE_MASTER_KEY
from simulator.virtual_card.meeting import CardMeeting
from tests.simulator.virtual_card.issued_card import source

NUMBER = "6280000000001105"
SELECT = bytes((0, 0xA4, 4, 0, len(APPLICATION_IDENTIFIER))) + APPLICATION_IDENTIFIER + b"\x00"
POWER_ON, POWER_OFF = b"\x00\x01\x01", b"\x00\x01\x00"


def test_stripe_and_chip_tell_the_same_card() -> None:
    balance = Balance(1, 500_000, 200_000, "20300115", "00", "364")
    card = VirtualCard(NUMBER, member_number=77, balance=balance, random_bytes=source())
    assert card.track2 == f"{NUMBER}=3012101" and card.stripe.number == card.number == NUMBER
    assert NUMBER not in repr(card) and card.chip().powered is False

    card.application.power_on()
    meeting = CardMeeting(card.transmit, source(1))
    meeting.select()
    identity = meeting.read_identity()
    assert identity is not None
    assert (identity.card_number, identity.member_number, identity.expiry) == (NUMBER, 77, "3012")
    zone_key = keys.zone_key(SAMPLE_MASTER_KEY, identity.key_zone, identity.key_generation)
    meeting.authenticate(keys.card_key(zone_key, identity.pack()), identity)
    read = meeting.read_balance(keys.balance_key(zone_key, identity.pack()))
    assert read is not None and (read.balance, read.limit) == (500_000, 200_000)


def test_a_reader_sees_the_card_while_it_lies_there() -> None:
    """The reader's side of vpcd: a port to which the card connects."""
    card = VirtualCard(NUMBER)
    before = threading.active_count()
    with socket.create_server(("127.0.0.1", 0)) as reader:
        with card.in_reader(reader.getsockname()[1]):
            line, _ = reader.accept()
            line.settimeout(60)
            line.sendall(POWER_ON + len(SELECT).to_bytes(2) + SELECT)
            answer = line.recv(300)
            assert answer[-2:] == b"\x90\x00" and APPLICATION_IDENTIFIER in answer
            line.sendall(POWER_OFF)
        with line:
            assert line.recv(1) == b""
    assert threading.active_count() == before
