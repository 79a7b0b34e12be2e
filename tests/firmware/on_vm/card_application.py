"""The card application on the VM: golden keys and checks, records, and a card that answers as written down.

The bytes were made by the card's side, `simulator/virtual_card` and `protocol/card_application`;
`tests/protocol/test_card_application.py` has the same derivations written out.
"""

import asyncio
from binascii import hexlify, unhexlify

import card_conversation
import unit
from terminal.cards.apdu import command, transceive
from terminal.cards.fault import CardFault
from terminal.cards.member_card import MemberCard
from terminal.cards.records import Balance, Identity, read_balance
from terminal.cards.zone_slot import ZoneSlot
from terminal.messages.cmac import CmacKey, cmac

IDENTITY = unhexlify("016369490000000013ffff00000000000000000c3012000702")
BALANCE = unhexlify("010000000900000007a120000000030d4020300115200364")


class Slot:
    def __init__(self, key):
        self._key = CmacKey(key)

    def derive(self, fixed_input):
        text = b"\x00\x00\x00\x01" + fixed_input
        return CmacKey(self._key.cmac(text, len(text)))


class Script:
    """A card that answers to what is expected, and to nothing else."""

    def __init__(self, steps):
        self._steps = list(steps)

    async def exchange(self, apdu):
        sent, said = self._steps.pop(0)
        assert hexlify(apdu).decode() == sent, hexlify(apdu)
        return unhexlify(said)


def slot():
    return ZoneSlot(7, 2, Slot(unhexlify(card_conversation.ZONE_KEY)), lambda limit: 0x5A % limit)


def test_nist_kdf_in_counter_mode():
    # NIST CAVP KDFCTR_gen.rsp (CAVS 14.4), CMAC_AES128, BEFORE_FIXED, RLEN 32, COUNT 0.
    key = unhexlify("c10b152e8c97b77e18704e0f0bd38305")
    fixed_input = unhexlify(
        "98cd4cbbbebe15d17dc86e6dbad800a2dcbd64f7c7ad0e78e9cf94ffdba89d03e97eadf6c4f7b806caf52aa38f09d0eb71d71f497bcc6906b48d36c4"
    )
    derived = unhexlify("26faf61908ad9ee881b8305c221db53f")
    assert Slot(key).derive(fixed_input).cmac(b"text", 4) == cmac(derived, b"text", 4)


def test_golden_records():
    identity = Identity(IDENTITY)
    assert (identity.card_number, identity.member_number, identity.expiry) == ("6369490000000013", 12, "3012")
    assert (identity.key_zone, identity.key_generation) == (7, 2)
    assert Balance(9, 500000, 200000, "20300115", "20", "364").pack() == BALANCE
    assert read_balance(BALANCE).balance == 500000


def test_records_that_are_none():
    assert unit.raises(CardFault, Identity, b"\x02" + IDENTITY[1:]).reason == "unknown_version"
    for place in (2, 20):
        damaged = IDENTITY[:place] + b"\xff" + IDENTITY[place + 1 :]
        assert unit.raises(CardFault, Identity, damaged).reason == "bad_record"
    for length in range(len(IDENTITY)):
        assert unit.raises(CardFault, Identity, IDENTITY[:length]).reason == "bad_record"
    assert "6369" not in str(unit.raises(ValueError, Balance(-6369, 0, 0, "20300115", "20", "364").pack))


def test_a_whole_meeting():
    async def go():
        card = MemberCard(Script(card_conversation.STEPS), [slot()])
        await card.read()
        await card.authenticate()
        balance = await card.read_balance()
        balance.balance -= 1000
        balance.limit -= 1000
        await card.write_balance(balance)
        return balance

    balance = asyncio.run(go())
    assert (balance.counter, balance.balance, balance.limit) == (2, 499000, 199000)


def test_a_card_with_another_key():
    steps = list(card_conversation.STEPS)
    sent, said = steps[2]
    steps[2] = (sent, said[:-6] + "00" + said[-4:])

    async def go():
        card = MemberCard(Script(steps), [slot()])
        await card.read()
        try:
            await card.authenticate()
        except CardFault as fault:
            return fault.reason

    assert asyncio.run(go()) == "not_genuine"


def test_chains_and_fetching():
    async def go():
        steps = (
            ("10da0000ff" + "07" * 255, "9000"),
            ("00da000002070700", "01026103"),
            ("00c0000003", "6c02"),
            ("00c0000002", "03049000"),
        )
        return await transceive(Script(steps), b"\x00\xda\x00\x00", b"\x07" * 257)

    assert asyncio.run(go()) == (b"\x01\x02\x03\x04", 0x9000)
    assert command(b"\x00\xa4\x04\x00", b"", 256) == b"\x00\xa4\x04\x00\x00"


unit.run(globals())
