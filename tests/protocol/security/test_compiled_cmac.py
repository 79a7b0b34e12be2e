"""AES-CMAC by every implementation that is there: OpenSSL, and the compiled one where it can be."""

from collections.abc import Callable
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.security.mac import Mac

try:
    from protocol.security._cmac import IS_AVAILABLE, AesCmac
except ImportError:
    IS_AVAILABLE = False

# RFC 4493 section 4.
KEY = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
MESSAGE = bytes.fromhex(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
)
EXAMPLES = (
    (0, "bb1d6929e95937287fa37d129b756746"),
    (16, "070a16b46b4d4144f79bdd9dd04a287c"),
    (40, "dfa66747de9ae63030ca32611497c827"),
    (64, "51f0bebf7e3b9d92fc49741779363cfe"),
)


def _openssl(key: bytes) -> Mac:
    mac = Mac(key)
    mac.compiled = None
    return mac


# How each is made, and key sizes that it refuses.
Made: TypeAlias = "Callable[[bytes], Mac | AesCmac]"
IMPLEMENTATIONS: dict[str, Made] = {"openssl": _openssl}
NO_KEYS = [("openssl", size) for size in (0, 15, 17, 31)]
if IS_AVAILABLE:
    IMPLEMENTATIONS["compiled"] = AesCmac
    NO_KEYS += [("compiled", size) for size in (0, 15, 17, 32)]

each_implementation = pytest.mark.parametrize("made", IMPLEMENTATIONS.values(), ids=IMPLEMENTATIONS)


@each_implementation
@pytest.mark.parametrize(("size", "digest"), EXAMPLES, ids=str)
def test_published_examples(made: Made, size: int, digest: str) -> None:
    mac = made(KEY)
    assert mac.digest(MESSAGE[:size]).hex() == digest
    assert mac.sign(MESSAGE[:size]).hex() == digest[:16]


@each_implementation
@given(st.binary(min_size=16, max_size=16), st.binary(max_size=200))
def test_all_of_them_are_the_same(made: Made, key: bytes, content: bytes) -> None:
    mac, openssl = made(key), _openssl(key)
    assert mac.digest(content) == openssl.digest(content)
    sealed = content + openssl.sign(content)
    assert mac.verify(sealed) is openssl.verify(sealed) is bool(content)


@each_implementation
@given(st.binary(min_size=1, max_size=100), st.data())
def test_a_changed_bit_is_noticed(made: Made, content: bytes, data: st.DataObject) -> None:
    mac = made(KEY)
    sealed = bytearray(content + mac.sign(content))
    place = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[place // 8] ^= 1 << place % 8
    assert not mac.verify(bytes(sealed))


@pytest.mark.parametrize(("name", "size"), NO_KEYS)
def test_what_is_no_key_is_refused(name: str, size: int) -> None:
    with pytest.raises(ValueError, match=r"16 bytes|key size"):
        IMPLEMENTATIONS[name](bytes(size))


@pytest.mark.parametrize("size", [16, 24, 32])
def test_the_compiled_one_is_taken_where_it_can_be(size: int) -> None:
    assert (Mac(bytes(size)).compiled is not None) == (IS_AVAILABLE and size == 16)
