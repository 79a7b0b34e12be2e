"""Sealed streams: what is read is what was written, or nothing is."""

import io
import os
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_api.core.clock import utc_now
from host_api.core.encryption.envelope import SealFault, SealFaultReason
from host_api.core.encryption.master_keyring import MasterKeyring
from host_api.core.encryption.programme_keys import KeyPurpose, ProgrammeKeys, new_key
from host_api.core.encryption.sealed_stream import CHUNK_BYTES, StreamCipher, StreamReader

HEADER = 37
NAME = b"what it is called"


def _cipher() -> StreamCipher:
    masters = MasterKeyring.new()
    keys = ProgrammeKeys(masters, utc_now)
    keys.install(
        new_key(masters, programme, KeyPurpose.FIELD, 1, active_from=utc_now()) for programme in (1, 2)
    )
    return StreamCipher(keys)


CIPHER = _cipher()


def _sealed(content: bytes, pieces: Iterator[int] | None = None) -> bytes:
    output = io.BytesIO()
    writer = CIPHER.writer(1, "files", output.write)
    rest = content
    while rest and pieces is not None:
        size = next(pieces)
        writer.write(rest[:size])
        rest = rest[size:]
    writer.write(rest)
    writer.finish(NAME)
    return output.getvalue()


def _open(sealed: bytes, programme: int = 1, place: str = "files", name: bytes = NAME) -> StreamReader:
    return CIPHER.reader(programme, place, name, io.BytesIO(sealed))


def _read(sealed: bytes) -> bytes:
    return io.BufferedReader(_open(sealed)).read()


@pytest.mark.parametrize(
    "size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 3 * CHUNK_BYTES + 7]
)
def test_contents_of_every_length_come_back(size: int) -> None:
    content = os.urandom(size)
    sealed = _sealed(content)
    assert _open(sealed).size == size
    assert _read(sealed) == content
    assert content[:32] not in sealed or size < 16


@given(st.lists(st.integers(1, 100_000), min_size=1, max_size=4), st.data())
def test_any_pieces_in_and_any_places_out(sizes: list[int], data: st.DataObject) -> None:
    content = bytes(number % 251 for number in range(sum(sizes)))
    sealed = _sealed(content, iter([*sizes, 1]))
    reader = _open(sealed)
    for _ in range(4):
        at = data.draw(st.integers(0, len(content)))
        reader.seek(at)
        assert reader.read(50) == content[at : at + 50][: max(0, CHUNK_BYTES - at % CHUNK_BYTES)]


def _cut(sealed: bytes) -> bytes:
    return sealed[: HEADER + CHUNK_BYTES + 16]


def _swapped(sealed: bytes) -> bytes:
    size = CHUNK_BYTES + 16
    first, second = sealed[HEADER : HEADER + size], sealed[HEADER + size : HEADER + 2 * size]
    return sealed[:HEADER] + second + first + sealed[HEADER + 2 * size :]


def _doubled(sealed: bytes) -> bytes:
    size = CHUNK_BYTES + 16
    return sealed[: HEADER + size] + sealed[HEADER:]


def _flipped(sealed: bytes, at: int) -> bytes:
    return sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]


@pytest.mark.parametrize("change", [_cut, _swapped, _doubled], ids=lambda change: change.__name__)
def test_chunks_can_not_be_taken_out_moved_or_doubled(change: "object") -> None:
    assert callable(change)
    sealed = _sealed(os.urandom(2 * CHUNK_BYTES + 9))
    with pytest.raises(SealFault) as fault:
        _read(change(sealed))
    assert fault.value.reason is SealFaultReason.DAMAGED


def test_no_byte_can_be_changed_and_no_length() -> None:
    sealed = _sealed(os.urandom(300))
    for at in range(5, len(sealed)):
        with pytest.raises(SealFault):
            _read(_flipped(sealed, at))
    for length in range(len(sealed)):
        with pytest.raises(SealFault):
            _read(sealed[:length])
    with pytest.raises(SealFault):
        _read(sealed + b"\0")


def test_a_stream_opens_at_its_place_and_under_its_name_only() -> None:
    sealed = _sealed(b"content")
    for where in ({"programme": 2}, {"place": "filet"}, {"name": b"another"}):
        with pytest.raises(SealFault) as fault:
            _open(sealed, **where)
        assert fault.value.reason is SealFaultReason.DAMAGED
    for at, reason in ((0, SealFaultReason.VERSION), (4, SealFaultReason.KEY)):
        with pytest.raises(SealFault) as fault:
            _read(_flipped(sealed, at))
        assert fault.value.reason is reason


def test_equal_contents_look_different() -> None:
    assert _sealed(b"content") != _sealed(b"content")
