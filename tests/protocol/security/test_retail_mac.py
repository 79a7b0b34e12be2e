"""Retail MAC and AES-CMAC against the published vectors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.security.faults import SecurityFault, SecurityFaultCode
from protocol.security.mac import Mac
from protocol.security.retail_mac import Padding, RetailMac
from tests.protocol.security.security_vectors import Vector, number, octets, rows, source, text, vectors

KEY = bytes(range(16))


@pytest.mark.parametrize("vector", vectors("retail_mac"), ids=source)
def test_retail_mac_of_published_messages(vector: Vector) -> None:
    mac = RetailMac(octets(vector, "key"), Padding(number(vector, "padding")))
    message = text(vector, "message_text").encode()
    assert mac.sign(message) == octets(vector, "mac")
    assert mac.verify(message + octets(vector, "mac"))


def test_cmac_of_published_messages() -> None:
    (section,) = vectors("aes_cmac")
    mac = Mac(octets(section, "key"))
    for row in rows(section, "macs"):
        message = octets(section, "message")[: number(row, "length")]
        assert mac.sign(message) == octets(row, "mac")[:8]


def test_padding_by_zeros_does_not_tell_trailing_zeros_and_the_other_does() -> None:
    assert RetailMac(KEY).sign(b"a") == RetailMac(KEY).sign(b"a\x00")
    assert RetailMac(KEY, Padding.ONE_BIT).sign(b"a") != RetailMac(KEY, Padding.ONE_BIT).sign(b"a\x00")


def test_an_empty_message_is_one_block() -> None:
    assert RetailMac(KEY).sign(b"") == RetailMac(KEY).sign(bytes(8))


@given(st.binary(min_size=1, max_size=64), st.integers(0, 8 * 72 - 1), st.sampled_from(Padding))
def test_any_changed_bit_is_refused(message: bytes, bit: int, padding: Padding) -> None:
    mac = RetailMac(KEY, padding)
    payload = bytearray(message + mac.sign(message))
    assert mac.verify(bytes(payload))
    bit %= 8 * len(payload)
    payload[bit // 8] ^= 1 << bit % 8
    assert not mac.verify(bytes(payload))


def test_a_mac_alone_authenticates_nothing() -> None:
    assert not RetailMac(KEY).verify(RetailMac(KEY).sign(b""))


@pytest.mark.parametrize("length", [0, 8, 15, 24])
def test_a_key_that_is_not_double_length_is_refused(length: int) -> None:
    with pytest.raises(SecurityFault) as refusal:
        RetailMac(bytes(length))
    assert refusal.value.code is SecurityFaultCode.BAD_KEY
