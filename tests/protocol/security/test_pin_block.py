"""PIN blocks of ISO 9564 against the published vectors; PINs round trip, or are refused without a word."""

import traceback
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.security.faults import SecurityFault, SecurityFaultCode
from protocol.security.pin_block import (
    decipher_format_4,
    decode_format_0,
    decode_format_3,
    encipher_format_4,
    encode_format_0,
    encode_format_3,
)
from tests.protocol.security.security_vectors import Vector, octets, source, text, vectors

KEY = bytes(range(16))
ACCOUNT = "6219861012345678"
pins = st.text("0123456789", min_size=4, max_size=12)
accounts = st.text("0123456789", min_size=13, max_size=19)
keys = st.sampled_from([KEY, bytes(range(24)), bytes(range(32))])

Encode = Callable[[str, str], bytes]
Decode = Callable[[bytes, str], str]
CLEAR: list[tuple[Encode, Decode]] = [(encode_format_0, decode_format_0), (encode_format_3, decode_format_3)]


@pytest.mark.parametrize("vector", vectors("pin_block_format_0"), ids=source)
def test_published_blocks_of_format_0(vector: Vector) -> None:
    pin, account, block = text(vector, "pin"), text(vector, "account_number"), octets(vector, "block")
    assert encode_format_0(pin, account) == block
    assert decode_format_0(block, account) == pin


@pytest.mark.parametrize("vector", vectors("pin_block_format_3"), ids=source)
def test_published_blocks_of_format_3(vector: Vector) -> None:
    pin, account, block = text(vector, "pin"), text(vector, "account_number"), octets(vector, "block")
    fill = iter(text(vector, "fill"))
    assert encode_format_3(pin, account, lambda _: int(next(fill), 16) - 0xA) == block
    assert decode_format_3(block, account) == pin


@pytest.mark.parametrize("vector", vectors("pin_block_format_4"), ids=source)
def test_published_blocks_of_format_4(vector: Vector) -> None:
    key, block = octets(vector, "key"), octets(vector, "block")
    pin, account = text(vector, "pin"), text(vector, "account_number")
    assert decipher_format_4(key, block, account) == pin
    if vector["random"] is not None:
        assert encipher_format_4(key, pin, account, lambda size: octets(vector, "random")[:size]) == block


@pytest.mark.parametrize(("encode", "decode"), CLEAR)
@given(pin=pins, account=accounts)
def test_clear_formats_round_trip(encode: Encode, decode: Decode, pin: str, account: str) -> None:
    assert decode(encode(pin, account), account) == pin


@given(pins, st.text("0123456789", min_size=1, max_size=19), keys)
def test_format_4_round_trips(pin: str, account: str, key: bytes) -> None:
    assert decipher_format_4(key, encipher_format_4(key, pin, account), account) == pin


@given(pins)
def test_the_same_pin_never_looks_the_same_in_format_4(pin: str) -> None:
    assert encipher_format_4(KEY, pin, ACCOUNT) != encipher_format_4(KEY, pin, ACCOUNT)


@given(pins, accounts, accounts)
def test_format_0_never_gives_the_pin_for_another_account(pin: str, account: str, other: str) -> None:
    """It binds the 12 digits before the check digit: refused on fill digits, another PIN on the PIN's own."""
    if account[-13:-1] == other[-13:-1]:
        return
    try:
        assert decode_format_0(encode_format_0(pin, account), other) != pin
    except SecurityFault as refusal:
        assert refusal.code is SecurityFaultCode.PIN_BLOCK_REFUSED


@given(pins, accounts, accounts, keys)
def test_format_4_refuses_another_account(pin: str, account: str, other: str, key: bytes) -> None:
    if account == other:
        return
    refused(lambda: decipher_format_4(key, encipher_format_4(key, pin, account), other))


@given(pins, st.integers(0, 127))
def test_format_4_refuses_a_changed_bit(pin: str, bit: int) -> None:
    block = bytearray(encipher_format_4(KEY, pin, ACCOUNT))
    block[bit // 8] ^= 1 << bit % 8
    refused(lambda: decipher_format_4(KEY, bytes(block), ACCOUNT))


@pytest.mark.parametrize(
    "block", ["", "00" * 7, "00" * 9, "1412AC89ABCDEF67", "0312AC89ABCDEF67", "0D12AC89ABCDEF67"]
)
@pytest.mark.parametrize("decode", [decode_format_0, decode_format_3])
def test_a_clear_block_of_no_such_format_is_refused(decode: Decode, block: str) -> None:
    refused(lambda: decode(bytes.fromhex(block), "43219876543210987"))


@pytest.mark.parametrize(
    "field",
    ["03123FFFFFFFFFFF", "0D1234567890123F", "05123AFFFFFFFFFF", "0412340FFFFFFFFF"],
)
def test_a_field_of_wrong_length_or_digits_is_refused(field: str) -> None:
    account = bytes.fromhex("0000" + ACCOUNT[-13:-1])
    block = bytes(one ^ other for one, other in zip(bytes.fromhex(field), account, strict=True))
    refused(lambda: decode_format_0(block, ACCOUNT))


def test_every_wrong_block_gives_the_same_fault() -> None:
    """A peer that could tell a wrong length from a wrong digit would find PINs by asking."""
    said = set()
    for changed in range(64):
        block = bytearray(encode_format_0("1234", ACCOUNT))
        block[changed // 8] ^= 1 << changed % 8
        try:
            decode_format_0(bytes(block), ACCOUNT)
        except SecurityFault as refusal:
            said.add((refusal.code, str(refusal)))
    assert said == {(SecurityFaultCode.PIN_BLOCK_REFUSED, "pin block refused")}


@pytest.mark.parametrize("pin", ["", "123", "1234567890123", "12a4", "12 4", "١٢٣٤"])
def test_what_is_no_pin_is_refused_without_being_told(pin: str) -> None:
    attempts: list[Callable[[], bytes]] = [
        lambda: encode_format_0(pin, ACCOUNT),
        lambda: encode_format_3(pin, ACCOUNT),
        lambda: encipher_format_4(KEY, pin, ACCOUNT),
    ]
    for attempt in attempts:
        with pytest.raises(SecurityFault) as refusal:
            attempt()
        assert refusal.value.code is SecurityFaultCode.BAD_PIN
        assert refusal.value.__cause__ is refusal.value.__context__ is None
        assert str(refusal.value) == "bad pin"


@pytest.mark.parametrize("account", ["", "1" * 20, "12345678901234a6"])
def test_what_is_no_account_number_is_refused(account: str) -> None:
    attempts: list[Callable[[], bytes | str]] = [
        lambda: encode_format_0("1234", account),
        lambda: decode_format_3(bytes(8), account),
        lambda: encipher_format_4(KEY, "1234", account),
        lambda: decipher_format_4(KEY, bytes(16), account),
    ]
    for attempt in attempts:
        with pytest.raises(SecurityFault) as refusal:
            attempt()
        assert refusal.value.code is SecurityFaultCode.BAD_ACCOUNT_NUMBER


@pytest.mark.parametrize("length", [0, 8, 15, 17])
def test_a_key_that_is_no_aes_key_is_refused(length: int) -> None:
    with pytest.raises(SecurityFault) as refusal:
        encipher_format_4(bytes(length), "1234", ACCOUNT)
    assert refusal.value.code is SecurityFaultCode.BAD_KEY


def test_a_refused_block_shows_no_digit() -> None:
    block = bytearray(encode_format_0("8351", ACCOUNT))
    block[7] ^= 1
    try:
        decode_format_0(bytes(block), ACCOUNT)
    except SecurityFault as refusal:
        shown = "".join(traceback.format_exception_only(refusal)) + repr(refusal)
        assert "8351" not in shown
        assert ACCOUNT[-8:] not in shown
    else:
        pytest.fail("the block was taken")


def refused(attempt: Callable[[], str]) -> None:
    with pytest.raises(SecurityFault) as refusal:
        attempt()
    assert refusal.value.code is SecurityFaultCode.PIN_BLOCK_REFUSED
