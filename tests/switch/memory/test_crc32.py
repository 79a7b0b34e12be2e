"""The compiled CRC-32 against zlib's."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.memory.crc32 import crc32


def test_the_check_value() -> None:
    # Of "123456789", as catalogues of CRCs name the algorithms by it.
    assert crc32(b"123456789") == 0xCBF43926


@pytest.mark.parametrize("size", [*range(130), 1000, 4096, 65535])
def test_every_size(size: int) -> None:
    data = bytes(place * 7 + 3 & 0xFF for place in range(size))
    assert crc32(data) == zlib.crc32(data)


@given(st.binary(max_size=400), st.integers(0, 0xFFFF_FFFF))
def test_any_bytes_behind_any_others(data: bytes, before: int) -> None:
    assert crc32(data, before) == zlib.crc32(data, before)
