"""Key blocks against the samples of TR-31:2018 and X9.143:2021; round trips; every changed bit is refused."""

from typing import cast

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.security.faults import SecurityFault, SecurityFaultCode
from protocol.security.kcv import cmac_check_value, legacy_check_value
from protocol.security.key_block import KeyBlockHeader, OptionalBlock, unwrap, wrap
from tests.protocol.security.security_vectors import Vector, octets, source, text, vectors

PROTECTION_KEY = bytes(range(32))
HEADER = KeyBlockHeader("D", "M6", "A", "G", "00", "N", (OptionalBlock("KS", "00604B120F9292800000"),))
ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
PRINTABLE = st.characters(min_codepoint=0x20, max_codepoint=0x7E)


@st.composite
def headers(draw: st.DrawFn) -> KeyBlockHeader:
    """Headers of either version."""
    options = st.builds(
        OptionalBlock,
        st.text(ALPHANUMERIC, min_size=2, max_size=2).filter(lambda identifier: identifier != "PB"),
        st.text(PRINTABLE, max_size=300),
    )
    return KeyBlockHeader(
        version := draw(st.sampled_from("BD")),
        draw(st.text(ALPHANUMERIC, min_size=2, max_size=2)),
        draw(st.sampled_from("AT" if version == "D" else "T")),
        draw(st.sampled_from("BCDEGNSTVXY")),
        draw(st.text(ALPHANUMERIC, min_size=2, max_size=2)),
        draw(st.sampled_from("ENS")),
        tuple(draw(st.lists(options, max_size=4))),
    )


@pytest.mark.parametrize("vector", vectors("key_block"), ids=source)
def test_published_blocks_are_unwrapped(vector: Vector) -> None:
    unwrapped = unwrap(octets(vector, "protection_key"), text(vector, "block"))
    assert unwrapped.key == octets(vector, "key")
    options = unwrapped.header.optional_blocks
    if vector["optional_blocks"] is not None:
        assert [[option.identifier, option.data] for option in options] == vector["optional_blocks"]
    else:
        assert [option.identifier for option in options] == vector["optional_block_identifiers"]


@pytest.mark.parametrize("vector", vectors("key_block"), ids=source)
def test_published_blocks_are_made_again(vector: Vector) -> None:
    """With the sample's own random padding, which only deciphering shows, the same characters come out."""
    protection_key, block = octets(vector, "protection_key"), text(vector, "block")
    unwrapped = unwrap(protection_key, block)
    padding = padding_of(vector, len(unwrapped.key))
    masked = cast("int | None", vector["masked_key_bytes"])

    def random_bytes(size: int) -> bytes:
        assert size == len(padding)
        return padding

    made = wrap(
        protection_key, unwrapped.header, unwrapped.key, masked_key_bytes=masked, random_bytes=random_bytes
    )
    assert made == block


def padding_of(vector: Vector, key_bytes: int) -> bytes:
    """Bytes behind the key of a sample, by the derivation of clause 7.2 written out a second time."""
    block, protection_key = text(vector, "block"), octets(vector, "protection_key")
    size = 16 if block[0] == "D" else 8
    end = 16
    for _ in range(int(block[12:14])):
        length = int(block[end + 2 : end + 4], 16)
        end += length or int(block[end + 6 : end + 10], 16)
    secured = bytes.fromhex(block[end:])
    indicator = {("B", 16): 0, ("D", 16): 2, ("D", 32): 4}[block[0], len(protection_key)]
    form = bytes((0, 0, 0, 0, indicator)) + (8 * len(protection_key)).to_bytes(2)
    key = b"".join(
        cmac_of(block[0], protection_key, bytes((number,)) + form)
        for number in range(1, len(protection_key) // size + 1)
    )
    mac = secured[-size:]
    clear = Cipher(algorithm(block[0], key), modes.CBC(mac)).decryptor().update(secured[:-size])
    return clear[2 + key_bytes :]


def algorithm(version: str, key: bytes) -> AES | TripleDES:
    return AES(key) if version == "D" else TripleDES(key + key[:8])


def cmac_of(version: str, key: bytes, data: bytes) -> bytes:
    """CMAC of one short block (SP 800-38B clause 6.2), written out."""
    cipher = Cipher(algorithm(version, key), modes.ECB())
    size, feedback = (16, 0x87) if version == "D" else (8, 0x1B)
    subkey = int.from_bytes(cipher.encryptor().update(bytes(size)))
    for _ in range(1 if len(data) == size else 2):
        subkey = subkey << 1 ^ (feedback | 1 << 8 * size if subkey >> 8 * size - 1 else 0)
    padded = data if len(data) == size else (data + b"\x80").ljust(size, b"\x00")
    return cipher.encryptor().update((int.from_bytes(padded) ^ subkey).to_bytes(size))


@pytest.mark.parametrize("vector", vectors("check_value"), ids=source)
def test_published_check_values(vector: Vector) -> None:
    check_value = {"cmac": cmac_check_value, "legacy": legacy_check_value}[text(vector, "method")]
    assert check_value(octets(vector, "key")) == octets(vector, "check_value")


@pytest.mark.parametrize("length", [0, 8, 33])
def test_no_check_value_of_what_is_no_key(length: int) -> None:
    for check_value in (cmac_check_value, legacy_check_value):
        with pytest.raises(SecurityFault):
            check_value(bytes(length))


@given(headers(), st.sampled_from([16, 24]), st.binary(min_size=1, max_size=24))
@settings(deadline=None)
def test_a_key_comes_out_as_it_went_in(header: KeyBlockHeader, protection_bytes: int, key: bytes) -> None:
    protection_key = bytes(range(32)) if header.version == "D" else bytes(range(protection_bytes))
    unwrapped = unwrap(protection_key, wrap(protection_key, header, key))
    assert unwrapped.header == header
    assert unwrapped.key == key


def test_a_block_hides_how_long_its_key_is() -> None:
    assert len({len(wrap(PROTECTION_KEY, HEADER, bytes(range(size)))) for size in (16, 24, 32)}) == 1


def test_the_same_key_never_looks_the_same() -> None:
    assert wrap(PROTECTION_KEY, HEADER, PROTECTION_KEY) != wrap(PROTECTION_KEY, HEADER, PROTECTION_KEY)


@pytest.mark.parametrize("version", ["B", "D"])
def test_every_changed_bit_is_refused(version: str) -> None:
    header = KeyBlockHeader(
        version, "B1", "T", "X", "12", "S", (OptionalBlock("KS", "00604B120F9292800000"),)
    )
    protection_key = PROTECTION_KEY[:16]
    block = wrap(protection_key, header, PROTECTION_KEY[:16])
    for bit in range(8 * len(block)):
        changed = bytearray(block.encode())
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SecurityFault) as refusal:
            unwrap(protection_key, changed.decode("latin-1"))
        assert refusal.value.code is SecurityFaultCode.KEY_BLOCK_REFUSED


@given(st.text(PRINTABLE, max_size=200))
def test_text_that_is_no_block_is_refused(block: str) -> None:
    with pytest.raises(SecurityFault):
        unwrap(PROTECTION_KEY, block)


@given(st.text("0123456789ABCDEFKSPB", max_size=100), st.integers(0, 99))
def test_optional_blocks_out_of_bounds_are_refused(text_after: str, count: int) -> None:
    block = f"D{16 + len(text_after):04d}P0AE00N{count:02d}00{text_after}"
    with pytest.raises(SecurityFault) as refusal:
        unwrap(PROTECTION_KEY, block)
    assert refusal.value.code is SecurityFaultCode.KEY_BLOCK_REFUSED


@pytest.mark.parametrize("bits", [0, 1, 127, 8 * 31, 0xFFF8])
def test_an_authentic_block_with_an_impossible_length_is_refused(bits: int) -> None:
    key = bytes(range(16))
    with pytest.raises(SecurityFault) as refusal:
        unwrap(key, authentic_block(key, bits.to_bytes(2) + bytes(30)))
    assert refusal.value.code is SecurityFaultCode.KEY_BLOCK_REFUSED
    assert unwrap(key, authentic_block(key, (128).to_bytes(2) + bytes(30))).key == bytes(16)


def authentic_block(protection_key: bytes, clear: bytes) -> str:
    """A block of version D without optional blocks around any clear key data."""
    header = f"D{16 + 2 * (len(clear) + 16):04d}M6AG00N0000"
    keys = [cmac_of("D", protection_key, bytes((1, 0, use, 0, 0, 2, 0, 128))) for use in (0, 1)]
    context = CMAC(AES(keys[1]))
    context.update(header.encode() + clear)
    mac = context.finalize()
    enciphered = Cipher(AES(keys[0]), modes.CBC(mac)).encryptor().update(clear)
    return header + (enciphered + mac).hex().upper()


def test_lower_case_is_not_the_same_block() -> None:
    block = wrap(PROTECTION_KEY, HEADER, PROTECTION_KEY)
    with pytest.raises(SecurityFault):
        unwrap(PROTECTION_KEY, block[:-32] + block[-32:].lower())


@pytest.mark.parametrize("length", [1, 17, 31])
def test_another_protection_key_opens_nothing(length: int) -> None:
    block = wrap(PROTECTION_KEY, HEADER, PROTECTION_KEY)
    with pytest.raises(SecurityFault) as refusal:
        unwrap(bytes(32), block)
    assert refusal.value.code is SecurityFaultCode.KEY_BLOCK_REFUSED
    with pytest.raises(SecurityFault) as refusal:
        unwrap(bytes(length), block)
    assert refusal.value.code is SecurityFaultCode.BAD_KEY


@pytest.mark.parametrize(
    ("protection_bytes", "version", "algorithm_code", "key_bytes"),
    [
        (16, "D", "A", 32),
        (24, "B", "A", 16),
        (32, "B", "T", 16),
        (8, "D", "A", 16),
        (32, "D", "A", 0),
        (32, "E", "A", 16),
    ],
)
def test_a_key_is_not_wrapped_under_a_weaker_one(
    protection_bytes: int, version: str, algorithm_code: str, key_bytes: int
) -> None:
    header = KeyBlockHeader(version, "M6", algorithm_code, "G")
    with pytest.raises(SecurityFault) as refusal:
        wrap(bytes(protection_bytes), header, bytes(key_bytes))
    assert refusal.value.code is SecurityFaultCode.BAD_KEY


@pytest.mark.parametrize(
    "header",
    [
        KeyBlockHeader("D", "M", "A", "G"),
        KeyBlockHeader("D", "M6", "A", "G", key_version="1"),
        KeyBlockHeader("D", "M6", "A", "é"),
        KeyBlockHeader("D", "M6", "A", "G", optional_blocks=(OptionalBlock("PB", "0000"),)),
        KeyBlockHeader("D", "M6", "A", "G", optional_blocks=(OptionalBlock("K", ""),)),
        KeyBlockHeader("D", "M6", "A", "G", optional_blocks=(OptionalBlock("KS", "\n"),)),
        KeyBlockHeader("D", "M6", "A", "G", optional_blocks=(OptionalBlock("CT", "A" * 9990),)),
        KeyBlockHeader("D", "M6", "A", "G", optional_blocks=(OptionalBlock("KS", ""),) * 100),
    ],
)
def test_a_header_that_is_none_is_refused(header: KeyBlockHeader) -> None:
    with pytest.raises(SecurityFault) as refusal:
        wrap(PROTECTION_KEY, header, PROTECTION_KEY)
    assert refusal.value.code is SecurityFaultCode.BAD_KEY_BLOCK


def test_nothing_that_may_be_logged_shows_a_key() -> None:
    unwrapped = unwrap(PROTECTION_KEY, wrap(PROTECTION_KEY, HEADER, PROTECTION_KEY))
    assert PROTECTION_KEY.hex() not in repr(unwrapped)
    assert repr(PROTECTION_KEY)[2:20] not in repr(unwrapped)
