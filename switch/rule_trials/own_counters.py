"""Counters of a table that never decided: the real ones, and what it would have counted otherwise."""

from collections.abc import Iterable

from switch.rules.outcome import CounterKey, CounterMove, CounterView

_Delta = tuple[CounterKey, int]

# Decisions whose reversal takes back what they counted otherwise; the oldest are forgotten.
DECISIONS_KEPT = 500_000


class OwnCounters:
    """A view of `real` counters, moved as another table would have moved them."""

    def __init__(self, real: CounterView) -> None:
        self._real = real
        self._differences: dict[CounterKey, int] = {}
        self._of_decision: dict[int, tuple[_Delta, ...]] = {}

    def value(self, key: CounterKey) -> int:
        """Present value, 0 for one never counted."""
        found = self._real.value(key)
        return found + self._differences.get(key, 0) if self._differences else found

    def note(self, position: int, real: Iterable[CounterMove], own: Iterable[CounterMove]) -> None:
        """Take note of a decision: what it counted, and what it would have counted."""
        sums: dict[CounterKey, int] = {}
        for move in own:
            sums[move.key] = sums.get(move.key, 0) + move.delta
        for move in real:
            sums[move.key] = sums.get(move.key, 0) - move.delta
        moved = tuple((key, delta) for key, delta in sums.items() if delta)
        if moved:
            self._move(moved, 1)
            self._of_decision[position] = moved
            if len(self._of_decision) > DECISIONS_KEPT:
                del self._of_decision[next(iter(self._of_decision))]

    def reverse(self, position: int) -> None:
        """A decision was reversed, and the real counters with it."""
        self._move(self._of_decision.pop(position, ()), -1)

    def drop(self, day: int) -> None:
        """Let go of what can't matter any more on a day (days since the epoch)."""
        for key in [key for key in self._differences if key.drop_day <= day]:
            del self._differences[key]

    def _move(self, moved: Iterable[_Delta], sign: int) -> None:
        for key, delta in moved:
            value = self._differences.get(key, 0) + sign * delta
            if value:
                self._differences[key] = value
            else:
                self._differences.pop(key, None)
