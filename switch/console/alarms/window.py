"""The numbers of a subject within a window of time, in at most sixty parts."""

from collections import deque
from typing import Final

from switch.console.alarms.rules import Take

PARTS_MAX: Final = 60


class _Part:
    """Some seconds of a window."""

    __slots__ = ("count", "last", "last_s", "most", "number", "total")

    def __init__(self, number: int) -> None:
        self.number = number
        self.count = self.total = self.most = self.last = self.last_s = 0


class Window:
    """The last `span_s` seconds, to within one of its parts; what is older falls out."""

    def __init__(self, span_s: int) -> None:
        self._part_s = max(1, -(-span_s // PARTS_MAX))
        self._kept = -(-span_s // self._part_s)
        self._parts: deque[_Part] = deque()

    def put(self, at_s: int, value: int) -> None:
        """Add the number of a second."""
        number = at_s // self._part_s
        if not self._parts or self._parts[-1].number < number:
            self._parts.append(_Part(number))
        part = self._parts[-1]
        part.most = max(part.most, value) if part.count else value
        part.count += 1
        part.total += value
        part.last, part.last_s = value, at_s
        self.forget(at_s)

    def forget(self, at_s: int) -> None:
        """Let go what has become too old."""
        oldest = at_s // self._part_s - self._kept
        while self._parts and self._parts[0].number <= oldest:
            self._parts.popleft()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known of it."""
        return not self._parts

    @property
    def total(self) -> int:
        """All of it together."""
        return sum(part.total for part in self._parts)

    def take(self, take: Take, least: int) -> int | None:
        """What the window comes to; None where it knows too little, or a level doesn't fall.

        Parameters:
            take: anything but `per_mille`, which wants two windows.
            least: the events, or for a level the numbers, without which it knows too little.
        """
        parts = self._parts
        if take is Take.SUM:
            total = self.total
            return total if total >= least else None
        count = sum(part.count for part in parts)
        if not count or count < least:
            return None
        if take is Take.MEAN:
            return sum(part.total for part in parts) // count
        if take is Take.MAX:
            return max(part.most for part in parts)
        return _runs_out_s(parts[0], parts[-1])


def _runs_out_s(first: _Part, last: _Part) -> int | None:
    fallen = first.last - last.last
    return last.last * (last.last_s - first.last_s) // fallen if fallen > 0 else None
