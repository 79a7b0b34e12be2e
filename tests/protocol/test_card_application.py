"""Records, keys and checks of the card application: golden bytes, and that the terminal makes the same."""

import re

import pytest
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC
from hypothesis import given
from hypothesis import strategies as st

from protocol.card_application import keys, layout
from protocol.card_application.faults import CardFault, CardFaultCode
from protocol.card_application.records import Balance, Identity, counter_of
from protocol.card_application.session import (
    Meeting,
    SecureMessages,
    answer_check,
    proof_check,
    signed_balance,
)
from simulator.micropython_vm import FIRMWARE
from tools.generators.card_layout import card_layout

OWNER = Identity("6369490000000013", 3, 12, "3012", key_zone=7, key_generation=2)
OWNER_BYTES = bytes.fromhex("01 6369490000000013ffff 03 000000000000000c 3012 0007 02")
BALANCE = Balance(9, 500_000, 200_000, "20300115", "20", "364")
BALANCE_BYTES = bytes.fromhex("01 00000009 00000007a120 000000030d40 20300115 20 0364")

identities = st.builds(
    Identity,
    st.text("0123456789", min_size=8, max_size=19), st.integers(0, 255), st.integers(0, 2**64 - 1),
    st.builds("{:02d}{:02d}".format, st.integers(0, 99), st.integers(1, 12)),
    st.integers(0, 0xFFFF), st.integers(0, 255),
)  # fmt: skip
digits = st.text("0123456789", min_size=8, max_size=8)
balances = st.builds(
    Balance, st.integers(0, 2**32 - 1), st.integers(0, 2**48 - 1), st.integers(0, 2**48 - 1), digits,
    st.text("0123456789", min_size=2, max_size=2), st.text("0123456789", min_size=3, max_size=3),
)  # fmt: skip


def test_golden_records() -> None:
    assert OWNER.pack() == OWNER_BYTES
    assert Identity.unpack(OWNER_BYTES) == OWNER
    assert BALANCE.pack() == BALANCE_BYTES
    assert Balance.unpack(BALANCE_BYTES) == BALANCE
    assert counter_of(BALANCE_BYTES + bytes(8)) == 9


@given(identities)
def test_an_identity_comes_back(identity: Identity) -> None:
    assert Identity.unpack(identity.pack()) == identity


@given(balances)
def test_a_balance_comes_back(balance: Balance) -> None:
    assert Balance.unpack(balance.pack()) == balance


@given(st.one_of(st.binary(max_size=40), st.binary(min_size=23, max_size=24).map(lambda raw: b"\x01" + raw)))
def test_any_bytes_are_a_record_or_a_fault(raw: bytes) -> None:
    for unpack in (Identity.unpack, Balance.unpack):
        try:
            assert unpack(raw).pack() == raw
        except CardFault as fault:
            expected = CardFaultCode.UNKNOWN_VERSION if raw and raw[0] != 1 else CardFaultCode.BAD_RECORD
            assert fault.code == expected


@pytest.mark.parametrize(
    "identity",
    [
        Identity("1234567", 0, 1, "3012", 1, 1),
        Identity("1" * 20, 0, 1, "3012", 1, 1),
        Identity("12345678a", 0, 1, "3012", 1, 1),
        Identity("12345678", 256, 1, "3012", 1, 1),
        Identity("12345678", 0, -1, "3012", 1, 1),
        Identity("12345678", 0, 1, "3012", 65536, 1),
        Identity("12345678", 0, 1, "301", 1, 1),
        Identity("۱۲۳۴۵۶۷۸", 0, 1, "3012", 1, 1),
    ],
    ids=["short", "long", "letter", "sequence", "member", "zone", "expiry", "other digits"],
)
def test_what_does_not_fit_is_refused_without_being_shown(identity: Identity) -> None:
    with pytest.raises(ValueError, match="must be") as fault:
        identity.pack()
    assert identity.card_number not in str(fault.value)


def test_a_card_number_is_not_in_what_is_printed() -> None:
    assert OWNER.card_number not in repr(OWNER)


def cmac(key: bytes, text: bytes) -> bytes:
    calculation = CMAC(AES(key))
    calculation.update(text)
    return calculation.finalize()


def test_keys_written_out() -> None:
    """SP 800-108r1 clause 4.1 in one block: CMAC(key, [1] || label || 00 || context || [128])."""
    master = bytes(range(32))
    zone = cmac(master, bytes.fromhex("00000001") + b"vafa card zone\x00" + bytes.fromhex("000702 00000080"))
    assert keys.zone_key(master, 7, 2) == zone
    context = bytes.fromhex("6369490000000013ffff 03 00000080")
    card = cmac(zone, bytes.fromhex("00000001") + b"vafa card key\x00" + context)
    assert keys.card_key(zone, OWNER_BYTES) == card
    balance = cmac(zone, bytes.fromhex("00000001") + b"vafa card balance\x00" + context)
    assert keys.balance_key(zone, OWNER_BYTES) == balance
    meeting = Meeting(bytes(16), bytes(range(16)), 5, OWNER_BYTES)
    both = bytes(16) + bytes(range(16)) + bytes.fromhex("00000005")
    assert answer_check(card, meeting) == cmac(card, b"vafa card answer" + both + OWNER_BYTES)[:8]
    assert proof_check(card, meeting) == cmac(card, b"vafa card proof" + both + OWNER_BYTES)[:8]
    session = cmac(
        card, bytes.fromhex("00000001") + b"vafa card session\x00" + both + bytes.fromhex("00000080")
    )
    secure = SecureMessages(card, meeting)
    for number in (1, 2):
        text = number.to_bytes(4) + b"\x04\xb2\x01\x14data"
        assert (
            secure.command_check(b"\x04\xb2\x01\x14", b"data")
            == cmac(session, b"vafa card command" + text)[:8]
        )
        text = number.to_bytes(4) + b"answer\x90\x00"
        assert secure.response_check(b"answer", 0x9000) == cmac(session, b"vafa card response" + text)[:8]
    assert signed_balance(balance, BALANCE_BYTES)[24:] == cmac(balance, BALANCE_BYTES)[:8]


def test_every_card_and_every_purpose_has_a_key_of_its_own() -> None:
    master = bytes(range(32))
    zones = {keys.zone_key(master, zone, generation) for zone in range(3) for generation in range(3)}
    other = Identity("6369490000000013", 4, 12, "3012", key_zone=7, key_generation=2)
    zone = keys.zone_key(master, 7, 2)
    made = {
        derive(zone, who.pack()) for derive in (keys.card_key, keys.balance_key) for who in (OWNER, other)
    }
    assert (len(zones), len(made)) == (9, 4)


@pytest.mark.parametrize(("zone", "generation"), [(-1, 0), (65536, 0), (0, 256)])
def test_no_key_for_what_is_no_zone(zone: int, generation: int) -> None:
    with pytest.raises(ValueError, match="zone"):
        keys.zone_key(bytes(32), zone, generation)
    with pytest.raises(ValueError, match="32 bytes"):
        keys.zone_key(bytes(16), 1, 1)


def test_no_label_begins_another() -> None:
    labels = [value for name, value in vars(layout).items() if name.endswith("_LABEL")]
    assert len(labels) == 9
    assert not [1 for one in labels for other in labels if one is not other and one.startswith(other)]


def test_the_terminals_table_is_the_generated_one() -> None:
    assert (FIRMWARE / "terminal/cards/layout.py").read_text("utf-8") == card_layout()


def test_the_terminal_knows_the_same_faults() -> None:
    text = (FIRMWARE / "terminal/cards/fault.py").read_text("utf-8")
    assert set(re.findall(r"^    (\w+):", text, re.MULTILINE)) == set(CardFaultCode)
