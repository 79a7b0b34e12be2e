"""AES-CMAC against the vectors of RFC 4493, on the VM's own cipher."""

from binascii import unhexlify

import unit
from terminal.messages.cmac import CmacKey, cmac8

KEY = unhexlify("2b7e151628aed2a6abf7158809cf4f3c")
TEXT = unhexlify(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
)
VECTORS = (
    (0, "bb1d6929e9593728"),
    (16, "070a16b46b4d4144"),
    (40, "dfa66747de9ae630"),
    (64, "51f0bebf7e3b9d92"),
)


def test_rfc_4493():
    for length, expected in VECTORS:
        assert cmac8(KEY, TEXT, length) == unhexlify(expected)


def test_a_key_slot_holds_its_key_in_wipeable_memory():
    assert cmac8(bytearray(KEY), bytearray(TEXT), 40) == unhexlify(VECTORS[2][1])


def test_a_key_gives_the_same_macs_however_often_it_is_used():
    key = CmacKey(KEY)
    for _ in range(2):
        for length, expected in VECTORS:
            assert key.cmac8(TEXT, length) == unhexlify(expected)
        for length in (255, 256, 257, 272, 1000):
            text = bytes(range(250)) * 4
            assert key.cmac(text, length)[:8] == cmac8(KEY, text, length)


unit.run(globals())
