"""How much of a sale has come back."""

from collections.abc import Iterable
from itertools import zip_longest
from typing import NamedTuple

Parts = Iterable[tuple[int, int]]


class Returned(NamedTuple):
    """What returns have taken of a sale so far, in minor units: in all, and by the index of its lines where
    they named lines. `settled` is what they settled of each of its parts. `is_undone`: the sale was reversed,
    nothing of it can come back."""

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
