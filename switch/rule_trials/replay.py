"""What other rules would have made of the purchases of a journal.

The journal is replayed entry by entry. Before a purchase is applied it is decided again: by the table of its
time, which must come to what the journal says, and by the other one, on the facts and balances as they stood
and with counters of its own. Returns, transfers and the like stay as they were.
"""

from typing import NamedTuple

from switch.authoriser.facts import local_day_at
from switch.journal.entries import RuleTableEntry, TransactionEntry, unpack
from switch.journal.format import RawEntry
from switch.ledger.state import State
from switch.rule_trials.own_counters import OwnCounters
from switch.rule_trials.replay_sums import ReplaySums
from switch.rule_trials.retrial import CardTokens, Case, cases_of, decided, is_purchase, is_same
from switch.rules.table import RuleTable
from switch.snapshot.making import NO_HOST

_APPROVED = "00"
_REVERSAL = "0400"


class Span(NamedTuple):
    """Local days, as days since 1970-01-01, both included; and the one member to be told of, 0 for all."""

    first_day: int = 0
    last_day: int = 1 << 40
    member: int = 0


class Replay:
    """One walk through a journal with another table, from its beginning or behind a snapshot's state."""

    def __init__(self, table: RuleTable, span: Span, begun: State | None = None) -> None:
        self.table = table
        self.sums = ReplaySums(table, span.member)
        self.is_over = False
        self._span = span
        self._state = State(NO_HOST) if begun is None else begun
        self._tokens = CardTokens()
        self._tokens.know(self._state)
        for kept in self._state.tables.kept:
            self.sums.know(kept.table)
        self._counters = OwnCounters(self._state.counters)
        self._day = 0

    @property
    def position(self) -> int:
        """Of the last entry."""
        return self._state.position

    def take(self, raw: RawEntry) -> None:
        """The next entry. Raises EntryFault, and ValueError for one that doesn't follow."""
        entry = unpack(raw.kind, raw.version, raw.body)
        if isinstance(entry, TransactionEntry):
            self._judge(raw.position, entry)
        self._tokens.note(entry)
        self._state.apply(raw, entry)
        if isinstance(entry, RuleTableEntry):
            self.sums.know(self._state.rule_table)
        day = self._state.counters.day
        if day > self._day:
            self._day = day
            self._counters.drop(day)

    def _judge(self, position: int, entry: TransactionEntry) -> None:
        if entry.mti == _REVERSAL:
            if entry.response_code == _APPROVED and entry.reverses:
                self._counters.reverse(entry.reverses)
            return
        if not is_purchase(entry):
            return
        day = local_day_at(self.table, entry.looked_at_s)
        self.is_over = day.ordinal > self._span.last_day
        if not self._span.first_day <= day.ordinal <= self._span.last_day:
            return
        case = self._case(entry)
        if case is None:
            self.sums.leave_out(entry)
            return
        version = self._state.rule_table_version + 1
        other = decided(self._state, case, version, self.table, self._counters)
        self._counters.note(position, entry.counter_moves, other.counter_moves)
        member = self._state.members.get(entry.member_number or 0)
        self.sums.add(position, day, "" if member is None else member.group, entry, other)

    def _case(self, entry: TransactionEntry) -> Case | None:
        """The request that the table of its time decides as the journal says."""
        then = self._state.tables.of_version(entry.rule_table_version)
        if then is None:
            return None
        for case in cases_of(self._state, entry, self._tokens):
            found = decided(self._state, case, then.version, then.table, self._state.counters)
            if is_same(found, entry):
                return case
        return None
