"""A batch's content cut into entries, by the compiled core where it was built and by the plain loop."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.journal import format as journal_format
from switch.journal.format import RawEntry, pack_entry, split_plainly

SPLITS = {"plain": split_plainly, "in use": journal_format.split}

entries = st.lists(st.tuples(st.integers(0, 255), st.integers(0, 255), st.binary(max_size=90)), max_size=6)


@pytest.mark.parametrize("name", SPLITS)
@given(entries, st.integers(1, 2**63))
def test_what_was_packed_comes_back(name: str, packed: list[tuple[int, int, bytes]], first: int) -> None:
    content = b"".join(pack_entry(*entry) for entry in packed)
    expected = [RawEntry(first + index, *entry) for index, entry in enumerate(packed)]
    found = SPLITS[name](content, len(packed), first, RawEntry)
    assert found == expected
    assert all(type(entry) is RawEntry for entry in found or ())
    assert SPLITS[name](content, len(packed) + 1, first, RawEntry) is None
    assert SPLITS[name](content + b"x", len(packed), first, RawEntry) is None


@pytest.mark.parametrize("name", SPLITS)
@given(entries.filter(len), st.data())
def test_a_changed_bit_is_noticed(
    name: str, packed: list[tuple[int, int, bytes]], data: st.DataObject
) -> None:
    content = bytearray(b"".join(pack_entry(*entry) for entry in packed))
    place = data.draw(st.integers(0, len(content) * 8 - 1))
    content[place // 8] ^= 1 << place % 8
    assert SPLITS[name](bytes(content), len(packed), 1, RawEntry) is None


@given(st.binary(max_size=120), st.integers(0, 5))
def test_any_bytes_are_judged_alike(content: bytes, count: int) -> None:
    assert journal_format.split(content, count, 7, RawEntry) == split_plainly(content, count, 7, RawEntry)
