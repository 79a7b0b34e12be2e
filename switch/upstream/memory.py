"""What went out before: a repeat must not go out again, a reversal must find its original. Bounded."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping

from switch.upstream.saf_types import Change, Forget, Forwarded, Remember, Undo, Undone

LocalKey = tuple[str, int]


class Memory:
    """Forwarded requests by their identity here, as in the queue file. The journal has what came of it."""

    def __init__(self, rows: Iterable[Forwarded], floors: Mapping[str, int], rows_max: int) -> None:
        self._rows: OrderedDict[LocalKey, Forwarded] = OrderedDict(
            ((row.local_terminal_id, row.local_key), row) for row in rows
        )
        self._floors = dict(floors)
        self._rows_max = rows_max

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: LocalKey) -> bool:
        return key in self._rows

    def row(self, key: LocalKey) -> Forwarded | None:
        """A request that went out, or may have."""
        return self._rows.get(key)

    def is_forgotten(self, key: LocalKey) -> bool:
        """Whether a request that isn't known may once have been."""
        return key[1] <= self._floors.get(key[0], -1)

    def remember(self, row: Forwarded) -> list[Change]:
        """Keep a request, at the cost of the oldest where there are too many."""
        self._rows[row.local_terminal_id, row.local_key] = row
        changes: list[Change] = [Remember(row)]
        while len(self._rows) > self._rows_max:
            (terminal_id, key), oldest = self._rows.popitem(last=False)
            floor = self._floors[terminal_id] = max(key, self._floors.get(terminal_id, -1))
            changes.append(Forget(oldest, floor))
        return changes

    def undo(self, key: LocalKey, undone: Undone) -> list[Change]:
        """A request was taken back; whoever did so first stays noted."""
        row = self._rows.get(key)
        if row is None or row.undone is not Undone.NO:
            return []
        self._rows[key] = row._replace(undone=undone)
        return [Undo(*key, undone)]
