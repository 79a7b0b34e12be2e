"""The rule tables that were last in force."""

from collections.abc import Iterable
from typing import NamedTuple

from switch.rules.packing import unpack
from switch.rules.table import Calendar, Programme, RuleTable

# An offline sale is decided by the table of its own time, as far back as this.
TABLES_KEPT = 8

# What holds before any rule table was journaled: no purse and no rule.
NO_TABLE = RuleTable(
    Programme(
        name="",
        time_zone="UTC",
        calendar=Calendar.GREGORIAN,
        purses=(),
        segments=(),
        agreements=(),
        tier_purse=0,
        tiers=(),
        return_days=0,
        hold_minutes=0,
    ),
    (),
    (),
    (),
    (),
    (),
    b"",
)


class TableInForce(NamedTuple):
    """A table, its number, and since when it holds (UTC milliseconds).

    `is_published`: a host put it in force, or an operator who went back to it; else it came from the rule
    file, by a start of the switch or an operator's reload.
    """

    version: int
    at_ms: int
    table: RuleTable
    is_published: bool = False


class Tables:
    """The newest tables, oldest first. Before the first there is one without rules, of version 0.

    `newest` is the table in force.
    """

    def __init__(self) -> None:
        self.newest = TableInForce(0, 0, NO_TABLE)
        self._kept: tuple[TableInForce, ...] = (self.newest,)
        self._ready: RuleTable | None = None

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def kept(self) -> tuple[TableInForce, ...]:
        """All that are still known, oldest first."""
        return self._kept

    def at(self, moment_ms: int) -> TableInForce:
        """The table that was in force then; the oldest known one for earlier moments."""
        for found in reversed(self._kept):
            if found.at_ms <= moment_ms:
                return found
        return self._kept[0]

    def since(self, moment_ms: int) -> tuple[TableInForce, ...]:
        """The tables that were in force then or later, as far as they are known, oldest first."""
        oldest = self._kept.index(self.at(moment_ms))
        return self._kept[oldest:]

    def of_version(self, version: int) -> TableInForce | None:
        """A table by its number, None where it is no longer or not yet known."""
        return next((found for found in self._kept if found.version == version), None)

    def keep_ready(self, table: RuleTable) -> None:
        """Have this very object taken when its bytes come into force next: evaluators are kept by table."""
        self._ready = table

    def of_bytes(self, packed: bytes) -> RuleTable:
        """The table of journaled bytes: one that is known or ready, else unpacked. Raises RuleTableFault."""
        if self._ready is not None and self._ready.packed == packed:
            return self._ready
        found = next((kept.table for kept in self._kept if kept.table.packed == packed), None)
        return unpack(packed) if found is None else found

    def add(self, version: int, at_ms: int, packed: bytes) -> None:
        """Put a table in force. ValueError where its number doesn't follow the last one, RuleTableFault for
        bytes that are none."""
        if version != self.newest.version + 1:
            raise ValueError(f"rule table {version} can't follow {self.newest.version}")
        before = self._kept if self.newest.version else ()
        self.newest = TableInForce(version, at_ms, self.of_bytes(packed))
        self._kept = (*before, self.newest)[-TABLES_KEPT:]
        self._ready = None

    def note_published(self) -> None:
        """The newest table was put in force by a host or to stay: a restart is no order to go back."""
        self.newest = self.newest._replace(is_published=True)
        self._kept = (*self._kept[:-1], self.newest)

    def restore(self, kept: Iterable[TableInForce]) -> None:
        """Take over the tables that are known, oldest first; there is one at least."""
        self._kept = tuple(kept)
        self.newest = self._kept[-1]
