"""How much of a sale, or of an adjustment that took units, has come back."""

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import NamedTuple

Parts = Iterable[tuple[int, int]]


class Returned(NamedTuple):
    """What returns have taken of a sale so far, in minor units (of an adjustment, in units): in all, and
    by the index of its lines where they named lines. `settled` is what they settled of each of its parts.
    `is_undone`: the sale was reversed, nothing of it can come back."""

    amount: int
    line_amounts: tuple[int, ...]
    settled: tuple[int, ...] = ()
    is_undone: bool = False

    def line(self, index: int) -> int:
        """What has come back of one line."""
        return self.line_amounts[index] if index < len(self.line_amounts) else 0

    def part(self, index: int) -> int:
        """What was settled of one part."""
        return self.settled[index] if index < len(self.settled) else 0

    def plus(self, amount: int, line_returns: Parts, part_returns: Parts = ()) -> "Returned":
        """With a further return; with negative amounts, without one again."""
        return Returned(
            self.amount + amount,
            _added(self.line_amounts, line_returns),
            _added(self.settled, part_returns),
            self.is_undone,
        )


NOT_RETURNED = Returned(0, ())


class Returns(Mapping[int, Returned]):
    """What came back of sales by their positions, put by the day on which the sale was journaled.

    Old days are dropped whole. `floor` is the first position of those that are still known: what came back of
    an earlier sale nobody can tell, so nothing may any more.
    """

    __slots__ = ("_days", "_first_positions", "_groups")

    def __init__(self) -> None:
        self._days = [0]
        self._first_positions = [0]
        self._groups: list[dict[int, Returned]] = [{}]

    def __getitem__(self, position: int) -> Returned:
        return self._group(position)[position]

    def __iter__(self) -> Iterator[int]:
        for group in self._groups:
            yield from group

    def __len__(self) -> int:
        return sum(map(len, self._groups))

    @property
    def floor(self) -> int:
        """First position whose returns are known."""
        return self._first_positions[0]

    def advance(self, day: int, position: int, kept_days: int) -> None:
        """Take note that entries from `position` on are of `day` (days since the epoch), which is later than
        any before, and drop what is of a day more than `kept_days` ago."""
        self._days.append(day)
        self._first_positions.append(position)
        self._groups.append({})
        count = bisect_left(self._days, day - kept_days)
        del self._days[:count], self._first_positions[:count], self._groups[:count]

    def add(self, position: int, amount: int, line_returns: Parts, part_returns: Parts) -> None:
        """Note a further return of a sale; with negative amounts, that it was taken back."""
        group = self._group(position)
        returned = group.get(position, NOT_RETURNED).plus(amount, line_returns, part_returns)
        if returned == NOT_RETURNED:
            group.pop(position, None)
        else:
            group[position] = returned

    def undo(self, position: int) -> None:
        """Note that a sale was reversed."""
        group = self._group(position)
        group[position] = group.get(position, NOT_RETURNED)._replace(is_undone=True)

    def days(self) -> Iterator[tuple[int, int, Mapping[int, Returned]]]:
        """Days that are known, oldest first: day, first position, and what came back by position."""
        return zip(self._days, self._first_positions, self._groups, strict=True)

    def restore(self, days: Iterable[tuple[int, int, dict[int, Returned]]]) -> None:
        """Take over all days."""
        for column in (self._days, self._first_positions, self._groups):
            column.clear()
        for day, first_position, group in days:
            self._days.append(day)
            self._first_positions.append(first_position)
            self._groups.append(group)

    def digest(self) -> bytes:
        """Hash over everything that decides later returns."""
        found = hashlib.sha256()
        for day, first_position, group in zip(self._days, self._first_positions, self._groups, strict=True):
            found.update(b"%d:%d;" % (day, first_position))
            for position, returned in sorted(group.items()):
                found.update(f"{position}={tuple(returned)!r};".encode())
        return found.digest()

    def _group(self, position: int) -> dict[int, Returned]:
        """The sales of a position's day; nothing that stays where that was dropped."""
        index = bisect_right(self._first_positions, position) - 1
        return {} if index < 0 else self._groups[index]


def _added(before: tuple[int, ...], added: Parts) -> tuple[int, ...]:
    """Sums by index, without zeros at the end: equal returns are equal tuples."""
    by_index: dict[int, int] = {}
    for index, amount in added:
        by_index[index] = by_index.get(index, 0) + amount
    now = [by_index.get(index, 0) for index in range(max(by_index, default=-1) + 1)]
    sums = [old + new for old, new in zip_longest(before, now, fillvalue=0)]
    while sums and not sums[-1]:
        sums.pop()
    return tuple(sums)
