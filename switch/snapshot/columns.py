"""Columns of numbers and texts as bytes: what the sections of an image are made of.

A number alone has eight bytes. A column is the size of its numbers (1, 2, 4 or 8 bytes, the smallest that all
fit into) and the numbers; how many there are stands before it. Everything is little-endian. Texts are a
column of sizes and their UTF-8. Words, of which many are the same, are each text once, sorted, and a column
of places among these; sets (of bits) are the same with 32 bytes each, big-endian.
"""

import sys
from array import array
from collections.abc import Iterable, Sequence

from switch.ledger.record_columns import Sets, Words, pieces
from switch.ledger.records import SET_BYTES

_NUMBER_BYTES = 8
# Types of arrays by the size of their items.
_UNSIGNED = {1: "B", 2: "H", 4: "I", 8: "Q"}
_SIGNED = {1: "b", 2: "h", 4: "i", 8: "q"}
_SWAPS = sys.byteorder == "big"


class ColumnFault(ValueError):  # noqa: N818  (a fault is the field's word)
    """Bytes aren't such columns."""


class ColumnWriter:
    """Puts columns one behind the other."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def parts(self) -> Sequence[bytes]:
        """All bytes, in pieces."""
        return self._parts

    def number(self, number: int) -> None:
        """One number of at most 64 bits."""
        self._parts.append(number.to_bytes(_NUMBER_BYTES, "little"))

    def numbers(self, numbers: Iterable[int]) -> None:
        """A column of numbers from 0 on. Raises OverflowError for one of more than 64 bits."""
        column = array("Q", numbers)
        greatest = max(column, default=0)
        self._column(column, next(size for size in _UNSIGNED if greatest >> 8 * size == 0), _UNSIGNED)

    def amounts(self, amounts: Iterable[int]) -> None:
        """A column of numbers with signs. Raises OverflowError for one that doesn't fit into 64 bits."""
        column = array("q", amounts)
        greatest = max(max(column, default=0), -1 - min(column, default=0))
        self._column(column, next(size for size in _SIGNED if greatest >> 8 * size - 1 == 0), _SIGNED)

    def raw(self, data: bytes | bytearray) -> None:
        """Bytes as they are; the reader knows how many."""
        self._parts.append(bytes(data))

    def texts(self, texts: Iterable[str]) -> None:
        """A column of texts."""
        self.blobs([text.encode() for text in texts])

    def blobs(self, blobs: Sequence[bytes]) -> None:
        """A column of bytes of different sizes."""
        self.joined([len(blob) for blob in blobs], b"".join(blobs))

    def joined(self, sizes: Sequence[int], joined: bytes | bytearray) -> None:
        """The same, already one behind the other."""
        self.numbers(sizes)
        self.raw(joined)

    def words(self, words: Sequence[str]) -> None:
        """A column of texts of which many are the same."""
        texts = sorted(set(words))
        places = {text: place for place, text in enumerate(texts)}
        self.number(len(texts))
        self.texts(texts)
        self.numbers(map(places.__getitem__, words))

    def sets(self, sets: Sequence[int]) -> None:
        """A column of sets of bits."""
        contents = sorted(set(sets))
        places = {bits: place for place, bits in enumerate(contents)}
        self.number(len(contents))
        self.raw(b"".join([bits.to_bytes(SET_BYTES, "big") for bits in contents]))
        self.numbers(map(places.__getitem__, sets))

    def _column(self, column: "array[int]", size: int, types: dict[int, str]) -> None:
        packed = array(types[size], column)
        if _SWAPS:
            packed.byteswap()
        self._parts += (bytes((size,)), packed.tobytes())


class ColumnReader:
    """Takes columns off bytes again. What it asks of them raises ColumnFault."""

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._offset = 0

    def end(self) -> None:
        """Nothing may be left."""
        if self._offset != len(self._data):
            raise ColumnFault("bytes are left over")

    def number(self) -> int:
        """One number."""
        return int.from_bytes(self._take(_NUMBER_BYTES), "little")

    def count(self) -> int:
        """A number of rows: each has a byte at least."""
        count = self.number()
        if count > len(self._data) - self._offset:
            raise ColumnFault("more rows than bytes")
        return count

    def numbers(self, count: int) -> "array[int]":
        """A column of numbers from 0 on; its items may be smaller than eight bytes."""
        return self._column(count, _UNSIGNED)

    def amounts(self, count: int) -> "array[int]":
        """A column of numbers with signs."""
        return self._column(count, _SIGNED)

    def raw(self, size: int) -> bytes:
        """Bytes as they are."""
        return bytes(self._take(size))

    def texts(self, count: int) -> list[str]:
        """A column of texts. Raises UnicodeDecodeError, which is a ValueError."""
        return [blob.decode() for blob in self.blobs(count)]

    def blobs(self, count: int) -> list[bytes]:
        """A column of bytes of different sizes."""
        sizes, joined = self.joined(count)
        return pieces(joined, sizes)

    def joined(self, count: int) -> tuple["array[int]", bytes]:
        """Sizes, and all bytes one behind the other."""
        sizes = self.numbers(count)
        return sizes, self.raw(sum(sizes))

    def words(self, count: int) -> Words:
        """A column of texts of which many are the same; whether all places are there is not looked at."""
        texts = self.texts(self.count())
        return Words(texts, self.numbers(count))

    def sets(self, count: int) -> Sets:
        """A column of sets of bits, likewise."""
        contents = self.raw(self.count() * SET_BYTES)
        return Sets(contents, self.numbers(count))

    def _take(self, size: int) -> memoryview:
        end = self._offset + size
        if end > len(self._data):
            raise ColumnFault("a column is cut off")
        taken = self._data[self._offset : end]
        self._offset = end
        return taken

    def _column(self, count: int, types: dict[int, str]) -> "array[int]":
        size = self._take(1)[0]
        if size not in types:
            raise ColumnFault("a column has numbers of an unknown size")
        column = array(types[size])
        column.frombytes(self._take(count * size))
        if _SWAPS:
            column.byteswap()
        return column
