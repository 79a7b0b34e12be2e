"""Exact counters of caps, limits and budgets, as the rules read them."""

import hashlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from switch.rules.outcome import CounterKey, CounterMove


class CounterColumns(NamedTuple):
    """Counters in the order of `items`, column by column; `names` are places among names."""

    drop_days: "array[int]"
    names: "array[int]"
    windows: "array[int]"
    subjects: "array[int]"
    values: "array[int]"


class CounterStore:
    """Values of all counters (a `CounterView`), put by the day from which they can't matter any more.

    Within a day they lie by name and window, and there by subject: a value costs one place in a dict. Zeros
    aren't kept.
    """

    def __init__(self) -> None:
        self.day = 0
        self._days: dict[int, dict[tuple[str, int], dict[int, int]]] = {}

    def __len__(self) -> int:
        return sum(len(subjects) for groups in self._days.values() for subjects in groups.values())

    def value(self, key: CounterKey) -> int:
        """Present value, 0 for one never counted or dropped."""
        counter, subject, window, drop_day = key
        groups = self._days.get(drop_day)
        if groups is None:
            return 0
        subjects = groups.get((counter, window))
        return 0 if subjects is None else subjects.get(subject, 0)

    def apply(self, moves: Iterable[CounterMove]) -> None:
        """Add what an entry counted; what is too old to matter is left out."""
        for (counter, subject, window, drop_day), delta, _, _ in moves:
            if drop_day <= self.day:
                continue
            groups = self._days.get(drop_day)
            if groups is None:
                groups = self._days[drop_day] = {}
            subjects = groups.get((counter, window))
            if subjects is None:
                subjects = groups[counter, window] = {}
            value = subjects.get(subject, 0) + delta
            if value:
                subjects[subject] = value
            else:
                subjects.pop(subject, None)

    def advance(self, day: int) -> None:
        """Take note of today (days since the epoch) and drop what can't matter from now on.

        Days only go forward: a clock that was set back drops nothing and brings nothing back.
        """
        if day <= self.day:
            return
        self.day = day
        for drop_day in [past for past in self._days if past <= day]:
            del self._days[drop_day]

    def items(self) -> Iterator[tuple[CounterKey, int]]:
        """All counters and their values, sorted by drop day, name, window and subject."""
        for drop_day, groups in sorted(self._days.items()):
            for (counter, window), subjects in sorted(groups.items()):
                for subject, value in sorted(subjects.items()):
                    yield CounterKey(counter, subject, window, drop_day), value

    def restore(self, day: int, names: Sequence[str], columns: "CounterColumns") -> None:
        """Take over today and all counters, into none; their names stand in `columns` by place."""
        self.day = day
        group: dict[int, int] = {}
        known = (-1, -1, 0)
        for drop_day, place, window, subject, value in zip(*columns, strict=True):
            if known != (drop_day, place, window):
                known = (drop_day, place, window)
                group = self._days.setdefault(drop_day, {}).setdefault((names[place], window), {})
            group[subject] = value

    def digest(self) -> bytes:
        """Hash over all values, independent of the order in which they came up."""
        found = hashlib.sha256(b"%d;" % self.day)
        for key, value in self.items():
            found.update(f"{key.drop_day}:{key.counter}:{key.window}:{key.subject}={value};".encode())
        return found.digest()
