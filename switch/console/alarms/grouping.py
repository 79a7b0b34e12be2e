"""Puts what people are to hear of together, so that a storm sends one message. Knows no clock."""

from typing import Final, NamedTuple

from switch.console.alarms.records import Record

TOLD_MAX: Final = 100


class Group(NamedTuple):
    """What goes into one message; `more` are those that found no room."""

    records: tuple[Record, ...]
    more: int


class Grouping:
    """The first happening waits `wait_s` for others; messages are at least `apart_s` apart. Of very many
    happenings the newest are told one by one. Clocks are monotonic, seconds."""

    def __init__(self, wait_s: float, apart_s: float) -> None:
        self._wait_s = wait_s
        self._apart_s = apart_s
        self._records: list[Record] = []
        self._more = 0
        self._due_s = 0.0
        self._not_before_s = float("-inf")

    @property
    def count(self) -> int:
        """How many wait."""
        return len(self._records) + self._more

    def put(self, record: Record, now_s: float) -> None:
        """Add a happening."""
        if not self._records:
            self._due_s = max(now_s + self._wait_s, self._not_before_s)
        elif len(self._records) == TOLD_MAX:
            del self._records[0]
            self._more += 1
        self._records.append(record)

    def waits_s(self, now_s: float) -> float | None:
        """In how many seconds a group will be due; None while nothing waits."""
        return max(0.0, self._due_s - now_s) if self._records else None

    def take(self, now_s: float, *, at_once: bool = False) -> Group | None:
        """The group that is due."""
        if not self._records or (not at_once and now_s < self._due_s):
            return None
        found = Group(tuple(self._records), self._more)
        self._records, self._more = [], 0
        self._not_before_s = now_s + self._apart_s
        return found
