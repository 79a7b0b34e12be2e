"""What is journaled before anybody is served: other rules, and the end of a day that ran out meanwhile."""

import logging
import time
from pathlib import Path

from switch.gate.exchange import Exchange
from switch.journal.entries import RuleTableEntry
from switch.journal.writer import Journal
from switch.ledger.state import State
from switch.rules.table import RuleTable

_LOG = logging.getLogger("switch")


def adopt_rules(
    rules: RuleTable, path: Path | None, state: State, exchange: Exchange, journal: Journal
) -> None:
    """Journal the configured rules where they aren't the ones in force.

    What a host has published stays in force: a restart is no order to go back.

    Parameters:
        path: of the file that `rules` are from, None for bundled ones.
    """
    in_force = state.tables.newest
    if rules.packed == in_force.table.packed:
        return
    if in_force.is_published:
        if path is not None:
            _LOG.warning("the rule file is not in force: a host published rule table %d", in_force.version)
        return
    now_ms = time.time_ns() // 1_000_000
    version = state.rule_table_version + 1
    exchange.journal(RuleTableEntry(now_ms, version, rules.packed))
    journal.commit(exchange.take_staged(), now_ms)
    _LOG.info("rule table %d in force, %d rules", version, len(rules.rules))


def end_old_day(exchange: Exchange, journal: Journal) -> None:
    """End a business day that ran out while the switch was down."""
    now_ms = time.time_ns() // 1_000_000
    exchange.cut_over(now_ms)
    staged = exchange.take_staged()
    if staged:
        journal.commit(staged, now_ms)
