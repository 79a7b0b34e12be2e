"""AES DUKPT: both sides against the vectors of X9.24-3, and against each other."""

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.security.dukpt import (
    KeySerialNumber,
    KeyType,
    KeyUsage,
    aes_type,
    derive_initial_key,
    derive_intermediate_key,
    derive_transaction_key,
    derive_working_key,
    next_counter,
)
from protocol.security.dukpt_terminal import DukptTerminal
from protocol.security.faults import SecurityFault, SecurityFaultCode
from tests.amounts import many
from tests.protocol.security.dukpt_state import state_before
from tests.protocol.security.security_vectors import Vector, number, octets, rows, source, text, vectors

KEY_ID = bytes.fromhex("1234567890123456")
INITIAL_KEY = bytes.fromhex("1273671EA26AC29AFA4D1084127652A1")
LAST_COUNTER = 0xFFFF0000
counters = st.integers(1, LAST_COUNTER).filter(lambda counter: counter.bit_count() <= 16)


def terminal_at(counter: int, initial_key: bytes = INITIAL_KEY) -> DukptTerminal:
    return DukptTerminal.restore(state_before(initial_key, KEY_ID, counter))


@pytest.mark.parametrize("vector", vectors("dukpt"), ids=source)
def test_keys_of_the_published_transactions(vector: Vector) -> None:
    key_id = octets(vector, "initial_key_id")
    initial_key = derive_initial_key(octets(vector, "base_key"), key_id)
    assert initial_key == octets(vector, "initial_key")
    for transaction in rows(vector, "transactions"):
        serial = KeySerialNumber(key_id, number(transaction, "counter"))
        key = derive_transaction_key(initial_key, serial)
        if "key" in transaction:
            assert key == octets(transaction, "key")
        for row in rows(transaction, "working_keys"):
            usage, key_type = KeyUsage[text(row, "usage")], KeyType[text(row, "key_type")]
            assert derive_working_key(key, serial, usage, key_type) == octets(row, "key")


@pytest.mark.parametrize("vector", vectors("dukpt"), ids=source)
def test_a_terminal_goes_through_the_published_transactions(vector: Vector) -> None:
    terminal = DukptTerminal(octets(vector, "initial_key"), octets(vector, "initial_key_id"))
    for transaction in rows(vector, "transactions")[:8]:
        keys = terminal.next_transaction()
        assert keys.serial.counter == number(transaction, "counter")
        for row in rows(transaction, "working_keys"):
            usage, key_type = KeyUsage[text(row, "usage")], KeyType[text(row, "key_type")]
            assert keys.working_key(usage, key_type) == octets(row, "key")


def test_an_aes_192_key_is_derived_from_an_aes_192_key() -> None:
    """Two blocks, cut to 24 bytes; the derivation data are those of clause 6.3.2, written out."""
    base_key = bytes(range(24))
    initial_key = encrypt(base_key, "01018001000300C0" + KEY_ID.hex() + "01028001000300C0" + KEY_ID.hex())
    first = "90123456" + "00000001"
    key = encrypt(initial_key, "01018000000300C0" + first + "01028000000300C0" + first)
    serial = KeySerialNumber(KEY_ID, 1)
    assert derive_initial_key(base_key, KEY_ID) == initial_key
    assert derive_transaction_key(initial_key, serial) == key
    working_key = derive_working_key(key, serial, KeyUsage.DATA_BOTH_WAYS, KeyType.AES192)
    assert working_key == encrypt(key, "01013002000300C0" + first + "01023002000300C0" + first)


def encrypt(key: bytes, data: str) -> bytes:
    return Cipher(AES(key), modes.ECB()).encryptor().update(bytes.fromhex(data))[:24]


@pytest.mark.parametrize("initial_key", [INITIAL_KEY, bytes(range(24)), bytes(range(32))])
@given(start=counters)
@settings(max_examples=many(40), deadline=None)
def test_both_sides_agree_anywhere(initial_key: bytes, start: int) -> None:
    terminal = terminal_at(start, initial_key)
    key_type = aes_type(initial_key)
    for _ in range(40):
        if terminal.exhausted:
            break
        keys = terminal.next_transaction()
        host = derive_transaction_key(initial_key, KeySerialNumber.parse(keys.serial.encode()))
        expected = derive_working_key(host, keys.serial, KeyUsage.PIN_ENCRYPTION, key_type)
        assert keys.working_key(KeyUsage.PIN_ENCRYPTION, key_type) == expected


def test_counters_with_more_than_sixteen_one_bits_are_skipped() -> None:
    terminal = terminal_at(0x1FFFE)
    served = [terminal.next_transaction().serial.counter for _ in range(3)]
    assert served == [0x1FFFE, 0x20000, 0x20001]


def test_no_key_is_kept_for_a_counter_that_is_skipped() -> None:
    terminal = terminal_at(0x1FFFE)
    terminal.next_transaction()
    assert terminal.snapshot() == terminal_at(0x20000).snapshot()


def test_the_last_counters_and_the_end() -> None:
    terminal = terminal_at(0xFFFE4000)
    served = [terminal.next_transaction().serial.counter for _ in range(3)]
    assert served == [0xFFFE4000, 0xFFFE8000, LAST_COUNTER]
    assert terminal.exhausted
    with pytest.raises(SecurityFault) as refusal:
        terminal.next_transaction()
    assert refusal.value.code is SecurityFaultCode.KEYS_EXHAUSTED
    assert DukptTerminal.restore(terminal.snapshot()).exhausted
    with pytest.raises(SecurityFault):
        next_counter(LAST_COUNTER)


@given(start=counters, steps=st.integers(1, 70))
@settings(max_examples=many(60), deadline=None)
def test_a_state_has_no_key_of_its_past(start: int, steps: int) -> None:
    """Nothing that is left in the registers leads to a key that was used."""
    terminal = terminal_at(start)
    past = []
    for _ in range(steps):
        if not terminal.exhausted:
            past.append(terminal.next_transaction().serial.counter)
    state = terminal.snapshot()
    registers = {state[at : at + 16] for at in range(13, len(state), 16)}
    for counter in past:
        key, prefix, path = INITIAL_KEY, 0, [INITIAL_KEY]
        for position in range(31, -1, -1):
            if counter >> position & 1:
                prefix |= 1 << position
                key = derive_intermediate_key(key, KeyType.AES128, KEY_ID, prefix)
                path.append(key)
        assert registers.isdisjoint(path)


@given(start=counters, steps=st.integers(0, 20))
@settings(max_examples=many(40), deadline=None)
def test_a_stored_state_goes_on_where_it_was(start: int, steps: int) -> None:
    terminal = terminal_at(start)
    for _ in range(steps):
        if not terminal.exhausted:
            terminal.next_transaction()
    restored = DukptTerminal.restore(terminal.snapshot())
    assert restored.snapshot() == terminal.snapshot()
    if not terminal.exhausted:
        assert restored.next_transaction().serial == terminal.next_transaction().serial


@given(counters)
def test_serial_numbers_round_trip(counter: int) -> None:
    serial = KeySerialNumber(KEY_ID, counter)
    assert KeySerialNumber.parse(serial.encode()) == serial


@pytest.mark.parametrize(
    "serial",
    [b"", KEY_ID, KEY_ID + bytes(4), KEY_ID + bytes.fromhex("0001FFFF"), KEY_ID + bytes(5)],
)
def test_a_serial_number_that_no_terminal_sends_is_refused(serial: bytes) -> None:
    with pytest.raises(SecurityFault) as refusal:
        KeySerialNumber.parse(serial)
    assert refusal.value.code is SecurityFaultCode.BAD_KEY_SERIAL_NUMBER


@pytest.mark.parametrize(
    ("length", "key_type"), [(16, KeyType.AES192), (16, KeyType.AES256), (24, KeyType.AES256)]
)
def test_no_key_is_stronger_than_its_origin(length: int, key_type: KeyType) -> None:
    with pytest.raises(SecurityFault) as refusal:
        derive_working_key(bytes(length), KeySerialNumber(KEY_ID, 1), KeyUsage.MAC_BOTH_WAYS, key_type)
    assert refusal.value.code is SecurityFaultCode.BAD_KEY


@pytest.mark.parametrize("snapshot", [b"", bytes(13), bytes(13 + 32 * 15), bytes(13 + 32 * 16)])
def test_what_is_no_state_is_refused(snapshot: bytes) -> None:
    with pytest.raises(SecurityFault):
        DukptTerminal.restore(snapshot)


def test_nothing_that_may_be_logged_shows_a_key() -> None:
    terminal = DukptTerminal(INITIAL_KEY, KEY_ID)
    keys = terminal.next_transaction()
    secret = derive_transaction_key(INITIAL_KEY, keys.serial)
    for shown in (repr(terminal), repr(keys), str(keys)):
        assert secret.hex() not in shown
        assert repr(secret) not in shown
