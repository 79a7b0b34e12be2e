"""The rule tables that were last in force."""

from collections.abc import Iterable
from typing import NamedTuple

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
    """A table, its number, and since when it holds (UTC milliseconds)."""

    version: int
    at_ms: int
    table: RuleTable


class Tables:
    """The newest tables, oldest first. Before the first there is one without rules, of version 0.

    `newest` is the table in force.
    """

    def __init__(self) -> None:
        self.newest = TableInForce(0, 0, NO_TABLE)
        self._kept: tuple[TableInForce, ...] = (self.newest,)

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

    def of_version(self, version: int) -> TableInForce | None:
        """A table by its number, None where it is no longer or not yet known."""
        return next((found for found in self._kept if found.version == version), None)

    def add(self, version: int, at_ms: int, table: RuleTable) -> None:
        """Put a table in force. ValueError where its number doesn't follow the last one."""
        if version != self.newest.version + 1:
            raise ValueError(f"rule table {version} can't follow {self.newest.version}")
        before = self._kept if self.newest.version else ()
        self.newest = TableInForce(version, at_ms, table)
        self._kept = (*before, self.newest)[-TABLES_KEPT:]

    def restore(self, kept: Iterable[TableInForce]) -> None:
        """Take over the tables that are known, oldest first; there is one at least."""
        self._kept = tuple(kept)
