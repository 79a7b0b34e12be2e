"""Operators' PINs on the VM, whose hashes are its own."""

from binascii import hexlify

import unit
from terminal.security.operator_pin import PinDerivation


def test_a_published_vector():
    # RFC 7914 clause 11, the first 32 of 64 bytes.
    pin = bytearray(b"passwd")
    derivation = PinDerivation(pin, b"salt", 1)
    assert derivation.advance(1)
    assert hexlify(derivation.value()) == b"55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
    assert bytes(pin) == bytes(6)


def test_portions_make_no_difference():
    whole = PinDerivation(bytearray(b"1234"), b"salt", 50)
    assert whole.advance(50)
    parts = PinDerivation(bytearray(b"1234"), b"salt", 50)
    turns = 1
    while not parts.advance(7):
        turns += 1
    assert turns == 7 and parts.value() == whole.value()


unit.run(globals())
