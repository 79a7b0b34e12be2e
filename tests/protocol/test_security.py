"""Message security against the published vectors."""

import pytest
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from protocol.security.keys import derive_terminal_key
from protocol.security.mac import Mac

# RFC 4493 section 4.
RFC_4493_KEY = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
RFC_4493_MESSAGE = bytes.fromhex(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
)
RFC_4493 = [
    (0, "bb1d6929e95937287fa37d129b756746"),
    (16, "070a16b46b4d4144f79bdd9dd04a287c"),
    (40, "dfa66747de9ae63030ca32611497c827"),
    (64, "51f0bebf7e3b9d92fc49741779363cfe"),
]


@pytest.mark.parametrize(("length", "expected"), RFC_4493)
def test_mac_is_the_leftmost_half_of_aes_cmac(length: int, expected: str) -> None:
    assert Mac(RFC_4493_KEY).sign(RFC_4493_MESSAGE[:length]) == bytes.fromhex(expected)[:8]


def test_a_mac_alone_authenticates_nothing() -> None:
    mac = Mac(RFC_4493_KEY)
    assert not mac.verify(b"")
    assert not mac.verify(mac.sign(b""))


def test_terminal_key_is_kdf_in_counter_mode() -> None:
    """SP 800-108r1 clause 4.1, written out: K(1) = CMAC(key, [1] || label || 00 || context || [L])."""
    master = bytes(range(32))
    expected = CMAC(AES(master))
    expected.update(
        (1).to_bytes(4, "big")
        + b"vafa terminal mac"
        + b"\x00"
        + b"T0000001"
        + (7).to_bytes(2, "big")
        + (128).to_bytes(4, "big")
    )
    assert derive_terminal_key(master, "T0000001", 7) == expected.finalize()


def test_terminals_and_generations_have_keys_of_their_own() -> None:
    master = bytes(32)
    keys = {
        derive_terminal_key(master, f"T{number:07d}", gen) for number in range(20) for gen in (1, 2, 9999)
    }
    assert len(keys) == 60


@pytest.mark.parametrize(("master", "generation"), [(bytes(16), 1), (bytes(32), 0), (bytes(32), 10000)])
def test_wrong_key_material_is_refused(master: bytes, generation: int) -> None:
    with pytest.raises(ValueError, match=r"bytes|generation"):
        derive_terminal_key(master, "T0000001", generation)
