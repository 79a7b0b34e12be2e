"""The compiled CMAC: the published examples, and the same as OpenSSL's for everything else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.security.mac import Mac

cmac = pytest.importorskip("protocol.security._cmac", reason="it is built where a C compiler is found")

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


@pytest.fixture(autouse=True)
def _with_aes() -> None:
    if not cmac.IS_AVAILABLE:
        pytest.skip("this processor has no AES instructions")


def _by_openssl(key: bytes) -> Mac:
    mac = Mac(key)
    mac.compiled = None
    return mac


@pytest.mark.parametrize(("size", "digest"), EXAMPLES, ids=str)
def test_published_examples(size: int, digest: str) -> None:
    for mac in (cmac.AesCmac(KEY), _by_openssl(KEY)):
        assert mac.digest(MESSAGE[:size]).hex() == digest
        assert mac.sign(MESSAGE[:size]).hex() == digest[:16]


@given(st.binary(min_size=16, max_size=16), st.binary(max_size=200))
def test_it_is_the_same_as_openssl(key: bytes, content: bytes) -> None:
    compiled, openssl = cmac.AesCmac(key), _by_openssl(key)
    assert compiled.digest(content) == openssl.digest(content)
    sealed = content + openssl.sign(content)
    assert compiled.verify(sealed) is openssl.verify(sealed) is bool(content)


@given(st.binary(min_size=1, max_size=100), st.data())
def test_a_changed_bit_is_noticed(content: bytes, data: st.DataObject) -> None:
    sealed = bytearray(content + cmac.AesCmac(KEY).sign(content))
    place = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[place // 8] ^= 1 << place % 8
    assert not cmac.AesCmac(KEY).verify(bytes(sealed))


@pytest.mark.parametrize("size", [0, 15, 17, 32])
def test_only_keys_of_aes_128(size: int) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        cmac.AesCmac(bytes(size))


def test_longer_keys_go_to_openssl() -> None:
    assert Mac(bytes(32)).compiled is None
    assert Mac(bytes(16)).compiled is not None
