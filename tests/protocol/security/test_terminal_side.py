"""The terminal's modules under CPython against the switch's side."""

import os
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from terminal.messages.cmac import CmacKey, cmac, cmac8
from terminal.security import dukpt, sealer
from terminal.security.kcv import check_value
from terminal.security.pin_block import PinFault, encipher_format_4

from protocol.security.dukpt import (
    KeySerialNumber,
    KeyType,
    KeyUsage,
    aes_type,
    derive_transaction_key,
    derive_working_key,
    next_counter,
)
from protocol.security.dukpt_terminal import DukptTerminal
from protocol.security.kcv import cmac_check_value
from protocol.security.mac import Mac
from protocol.security.pin_block import decipher_format_4
from protocol.security.session_keys import SessionKeys, derive_session_key
from tests.amounts import many
from tests.protocol.security.dukpt_state import state_before

KEY = bytes(range(16))
KEY_ID = bytes.fromhex("1234567890123456")
TERMINAL = "T0000001"
pins = st.text("0123456789", min_size=4, max_size=12)


TRANSACTIONS = max(200_000, many(50_000))  # the first counter that is skipped is 131,071


def test_both_sides_agree_on_a_life_of_transactions() -> None:
    """The terminal goes through them all; the host derives a sample of them, and every power of two."""
    terminal = dukpt.DukptTerminal(dukpt.load_initial_key(KEY, KEY_ID))
    sample = set(Random(9).sample(range(TRANSACTIONS), TRANSACTIONS // 500))
    counter = 0
    for transaction in range(TRANSACTIONS):
        serial = terminal.next_transaction()
        counter = next_counter(counter)
        if transaction in sample or counter & (counter - 1) == 0:
            number = KeySerialNumber(KEY_ID, counter)
            assert serial == number.encode()
            key = derive_transaction_key(KEY, number)
            expected = derive_working_key(key, number, KeyUsage.PIN_ENCRYPTION, KeyType.AES128)
            assert terminal.working_key(dukpt.PIN_ENCRYPTION) == expected
    assert counter > TRANSACTIONS, "some were skipped"


@pytest.mark.parametrize("initial_key", [KEY, bytes(range(32))])
def test_both_originators_keep_the_same_state(initial_key: bytes) -> None:
    device = dukpt.DukptTerminal(dukpt.load_initial_key(initial_key, KEY_ID))
    simulated = DukptTerminal(initial_key, KEY_ID)
    for _ in range(300):
        assert bytes(device.state) == simulated.snapshot()
        serial, keys = device.next_transaction(), simulated.next_transaction()
        assert serial == keys.serial.encode()
        for usage in KeyUsage:
            expected = keys.working_key(usage, aes_type(initial_key))
            assert device.working_key(usage, len(initial_key)) == expected
    assert device.working_key(KeyUsage.MAC_GENERATION) == keys.working_key(
        KeyUsage.MAC_GENERATION, KeyType.AES128
    )


def test_skipping_and_the_end() -> None:
    def begin(counter: int) -> dukpt.DukptTerminal:
        return dukpt.DukptTerminal(bytearray(state_before(KEY, KEY_ID, counter)))

    terminal = begin(0x1FFFE)
    assert [terminal.next_transaction()[8:].hex() for _ in range(3)] == ["0001fffe", "00020000", "00020001"]
    assert bytes(terminal.state) == state_before(KEY, KEY_ID, 0x20002)
    terminal = begin(0xFFFF0000)
    terminal.next_transaction()
    with pytest.raises(dukpt.DukptFault, match="exhausted"):
        terminal.next_transaction()
    with pytest.raises(dukpt.DukptFault, match="exhausted"):
        dukpt.DukptTerminal(terminal.state).next_transaction()


def test_a_key_that_was_ended_gives_nothing() -> None:
    terminal = dukpt.DukptTerminal(dukpt.load_initial_key(KEY, KEY_ID))
    with pytest.raises(dukpt.DukptFault, match="state"):
        terminal.working_key(dukpt.PIN_ENCRYPTION)
    terminal.next_transaction()
    with pytest.raises(dukpt.DukptFault, match="state"):
        terminal.working_key(dukpt.PIN_ENCRYPTION, 32)
    terminal.end_transaction()
    with pytest.raises(dukpt.DukptFault, match="state"):
        terminal.working_key(dukpt.PIN_ENCRYPTION)


@pytest.mark.parametrize("counter", [0, 0x1FFFF, (1 << 32) + 1])
def test_what_is_no_state_is_refused(counter: int) -> None:
    with pytest.raises(dukpt.DukptFault, match="state"):
        dukpt.DukptTerminal(bytearray(KEY_ID + counter.to_bytes(5) + bytes(32 * 16)))
    with pytest.raises(dukpt.DukptFault, match="state"):
        dukpt.DukptTerminal(bytearray(13 + 32 * 24))
    with pytest.raises(dukpt.DukptFault, match="state"):
        dukpt.load_initial_key(bytes(24), KEY_ID)


@given(pins, st.text("0123456789", min_size=1, max_size=19), st.sampled_from([KEY, bytes(range(32))]))
def test_the_switch_deciphers_the_terminals_pin_block(pin: str, account: str, key: bytes) -> None:
    entered = bytearray(pin.encode())
    block = encipher_format_4(key, entered, account, os.urandom(8))
    assert decipher_format_4(key, block, account) == pin
    assert not any(entered), "the PIN stays nowhere"


@pytest.mark.parametrize(
    ("pin", "account", "random"),
    [
        (b"123", "1234567890123", bytes(8)),
        (b"1234567890123", "1234567890123", bytes(8)),
        (b"12a4", "1234567890123", bytes(8)),
        (b"1234", "", bytes(8)),
        (b"1234", "1" * 20, bytes(8)),
        (b"1234", "1234567890123", bytes(7)),
    ],
)
def test_a_refused_pin_is_wiped_and_not_told(pin: bytes, account: str, random: bytes) -> None:
    entered = bytearray(pin)
    with pytest.raises(PinFault) as refusal:
        encipher_format_4(KEY, entered, account, random)
    assert str(refusal.value) == "refused"
    assert not any(entered)


@given(st.binary(max_size=70), st.sampled_from([KEY, bytes(range(32))]))
def test_cmac_of_full_length(data: bytes, key: bytes) -> None:
    assert cmac(key, data, len(data))[:8] == Mac(key).sign(data) == cmac8(key, data, len(data))
    assert check_value(key) == cmac_check_value(key)


class Slot:
    """The terminal's key, as a board has it."""

    def __init__(self, key: bytes) -> None:
        self.mac = CmacKey(key).cmac8
        self.derive = CmacKey(key).derive


def new_sealer(terminal_id: str = TERMINAL) -> sealer.Sealer:
    return sealer.Sealer(Slot(KEY), terminal_id)


@given(st.integers(1, 2**32 - 1), st.sampled_from([TERMINAL, "T1"]))
@settings(max_examples=many(30))
def test_both_sides_derive_the_same_session(counter: int, terminal_id: str) -> None:
    terminal = new_sealer(terminal_id)
    key = derive_session_key(KEY, terminal_id, counter)
    terminal.adopt(counter, check_value(key))
    assert terminal.key_id == counter
    assert terminal.mac(b"request", 7) == Mac(key).sign(b"request")


def test_a_roll_over_between_both_sides() -> None:
    switch, terminal = SessionKeys(KEY, TERMINAL), new_sealer()

    def to_switch() -> bytes:
        mac: bytes = terminal.mac(b"request", 7)
        return b"request" + mac

    def to_terminal(mac: Mac | None) -> bytes:
        assert mac is not None
        return b"answer" + mac.sign(b"answer")

    for session in (1, 2, 3):
        old = switch.sending_mac(0)
        sealed_with_old = sealer.BY_SESSION if session > 1 else sealer.BY_OWN_KEY
        answer = to_terminal(switch.verify_exchange(to_switch(), 0))
        offer = switch.offer(terminal.newest, 0, 1000)
        assert terminal.verify(answer) == sealed_with_old
        terminal.adopt(offer.counter, offer.check_value)
        assert terminal.key_id == session
        assert terminal.verify(to_terminal(old)) == sealed_with_old, "an answer that was on its way"
        assert terminal.verify(to_terminal(switch.verify(to_switch(), 1))) == sealer.BY_SESSION
        assert terminal.verify(to_terminal(old)) == (sealer.FOREIGN if session > 1 else sealer.BY_OWN_KEY)


def test_a_second_offer_keeps_the_key_that_the_switch_still_has() -> None:
    switch, terminal = SessionKeys(KEY, TERMINAL), new_sealer()
    first = switch.offer(0, 0, 1000)
    terminal.adopt(first.counter, first.check_value)
    kept = switch.verify(b"request" + terminal.mac(b"request", 7), 0)
    assert kept is not None
    for peer_counter in (1, 2):
        offer = switch.offer(peer_counter, 0, 1000)
        terminal.adopt(offer.counter, offer.check_value)
    assert terminal.key_id == 3
    assert terminal.verify(b"answer" + kept.sign(b"answer")) == sealer.BY_SESSION
    assert switch.verify(b"request" + terminal.mac(b"request", 7), 0)


def test_the_terminal_refuses_old_and_foreign_offers() -> None:
    terminal = new_sealer()
    terminal.adopt(2, check_value(derive_session_key(KEY, TERMINAL, 2)))
    sent = terminal.mac(b"", 0)
    for counter in (0, 2, 2**32):
        with pytest.raises(sealer.SessionFault, match="counter"):
            terminal.adopt(counter, bytes(5))
    with pytest.raises(sealer.SessionFault, match="check"):
        terminal.adopt(3, bytes(5))
    assert (terminal.key_id, terminal.mac(b"", 0)) == (2, sent)


def test_a_lost_session_leaves_the_own_key_and_never_comes_back() -> None:
    terminal = new_sealer()
    terminal.adopt(7, check_value(derive_session_key(KEY, TERMINAL, 7)))
    sealed = b"answer" + terminal.mac(b"answer", 6)
    terminal.reset()
    assert (terminal.key_id, terminal.newest) == (0, 7)
    assert terminal.mac(b"answer", 6) == Mac(KEY).sign(b"answer")
    assert terminal.verify(sealed) == sealer.FOREIGN
    assert terminal.verify(b"answer" + Mac(KEY).sign(b"answer")) == sealer.BY_OWN_KEY
    with pytest.raises(sealer.SessionFault, match="counter"):
        terminal.adopt(7, check_value(derive_session_key(KEY, TERMINAL, 7)))


@given(st.binary(max_size=40))
def test_strange_bytes_are_foreign(payload: bytes) -> None:
    assert new_sealer().verify(payload) == sealer.FOREIGN
