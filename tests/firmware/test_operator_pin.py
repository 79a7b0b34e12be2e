"""The check value of an operator's PIN, by published vectors and by the standard library."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terminal.security.operator_pin import PinDerivation


def derived(pin: bytes, salt: bytes, rounds: int, portion: int) -> bytes:
    derivation = PinDerivation(bytearray(pin), salt, rounds)
    while not derivation.advance(portion):
        pass
    return bytes(derivation.value())


# RFC 7914 clause 11, the first 32 of 64 bytes.
@pytest.mark.parametrize(
    ("pin", "salt", "rounds", "expected"),
    [
        (b"passwd", b"salt", 1, "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"),
        (b"Password", b"NaCl", 80000, "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"),
    ],
    ids=["one round", "80000 rounds"],
)
def test_published_vectors(pin: bytes, salt: bytes, rounds: int, expected: str) -> None:
    assert derived(pin, salt, rounds, 1000).hex() == expected


@given(
    st.binary(min_size=1, max_size=64),
    st.binary(min_size=1, max_size=32),
    st.integers(1, 40),
    st.integers(1, 50),
)
def test_the_same_as_the_standard_library(pin: bytes, salt: bytes, rounds: int, portion: int) -> None:
    assert derived(pin, salt, rounds, portion) == hashlib.pbkdf2_hmac("sha256", pin, salt, rounds)


def test_the_pin_is_wiped() -> None:
    pin = bytearray(b"1234")
    derivation = PinDerivation(pin, b"salt", 2)
    assert bytes(pin) == bytes(4)
    assert derivation.advance(5)
    derivation.value()
    assert bytes(derivation._inner) == bytes(derivation._outer) == bytes(64)
