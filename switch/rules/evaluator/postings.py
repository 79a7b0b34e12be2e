"""Which rules ask for which value of one dimension, as sets of positions.

A set of positions is an integer, one bit for each rule. Values that few rules ask for keep their positions as
they are, or 100,000 articles would take a gigabyte.
"""

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

FEW = 16

Key = TypeVar("Key", bound=Hashable)


class Postings(Generic[Key]):
    """One dimension. `free` are the rules that don't look at it; all others need one of their keys."""

    __slots__ = ("few", "free", "many")

    def __init__(self, wanted: Iterable[Iterable[Key] | None]) -> None:
        """The keys of each rule in order of position, None for a rule that is free."""
        self.free = 0
        self.few: dict[Key, tuple[int, ...]] = {}
        self.many: dict[Key, int] = {}
        free: list[int] = []
        positions: dict[Key, list[int]] = {}
        for position, keys in enumerate(wanted):
            if keys is None:
                free.append(position)
                continue
            for key in set(keys):
                positions.setdefault(key, []).append(position)
        self.free = bits_of(free)
        for key, found in positions.items():
            if len(found) <= FEW:
                self.few[key] = tuple(found)
            else:
                self.many[key] = bits_of(found)

    def __bool__(self) -> bool:
        return bool(self.few or self.many)

    def keyed(self, key: Key) -> int:
        """The rules that ask for this value."""
        few = self.few.get(key)
        return bits_of(few) if few is not None else self.many.get(key, 0)

    def passing(self, key: Key) -> int:
        """The rules that this value suits."""
        return self.free | self.keyed(key)


def bits_of(positions: Iterable[int]) -> int:
    """The set of some positions."""
    ordered = sorted(positions)
    if len(ordered) <= FEW:
        bits = 0
        for position in ordered:
            bits |= 1 << position
        return bits
    data = bytearray(ordered[-1] // 8 + 1)
    for position in ordered:
        data[position >> 3] |= 1 << (position & 7)
    return int.from_bytes(data, "little")


def positions_of(bits: int) -> list[int]:
    """The positions in a set, in order."""
    found = []
    if bits.bit_count() <= FEW:
        while bits:
            lowest = bits & -bits
            found.append(lowest.bit_length() - 1)
            bits ^= lowest
        return found
    digits = bin(bits)[:1:-1]
    place = digits.find("1")
    while place >= 0:
        found.append(place)
        place = digits.find("1", place + 1)
    return found
