"""Changes on their way into the queue file: one write at a time, the next ones gather meanwhile. No I/O."""

from typing import NamedTuple

from switch.upstream.saf_types import Change, Item

WRITE_RETRY_S = 1.0


class Write(NamedTuple):
    """Make changes durable, then tell whether that went well. Never two at once."""

    changes: tuple[Change, ...]


class After(NamedTuple):
    """What goes on once a write is durable: a request goes out, or if `is_last` is answered; an item goes."""

    ticket: int
    item: Item | None = None
    is_last: bool = True


class Staging:
    """A write that failed is tried again until it succeeds: to write the same changes twice does no harm.

    `writes` is how many are durable.
    """

    def __init__(self) -> None:
        self._changes: list[Change] = []
        self._after: list[After] = []
        self._writing: tuple[tuple[Change, ...], list[After]] | None = None
        self._retry_s = float("inf")
        self.is_failing = False
        self.writes = 0

    @property
    def is_idle(self) -> bool:
        """Whether everything is written."""
        return not self._changes and self._writing is None

    @property
    def last_write(self) -> int:
        """The number that `writes` has when everything is durable that was added so far."""
        return self.writes + (self._writing is not None) + bool(self._changes)

    @property
    def wake_s(self) -> float:
        """When to try again; infinite where nothing has failed."""
        return self._retry_s

    def add(self, changes: list[Change], after: After | None = None) -> None:
        """Have changes written, and something done then."""
        self._changes += changes
        if after is not None:
            self._after.append(after)

    def flush(self) -> list[Write]:
        """The next write, if there is something to write and none under way."""
        if not self._changes or self._writing is not None:
            return []
        self._writing = (tuple(self._changes), self._after)
        self._changes, self._after = [], []
        return [Write(self._writing[0])]

    def written(self) -> list[After]:
        """The write is durable; what was to be done then."""
        after = [] if self._writing is None else self._writing[1]
        self._writing, self.is_failing = None, False
        self.writes += 1
        return after

    def failed(self, now_s: float) -> None:
        """The write came to nothing."""
        self.is_failing = True
        self._retry_s = now_s + WRITE_RETRY_S

    def retry(self, now_s: float) -> list[Write]:
        """The failed write once more, when it is time."""
        if now_s < self._retry_s or self._writing is None:
            return []
        self._retry_s = float("inf")
        return [Write(self._writing[0])]
