"""What /status tells of the state, besides counters and metrics."""

from switch.gate.server import Gate
from switch.journal.writer import Journal
from switch.ledger.state import State
from switch.rules.local_time import iso_date
from switch.upstream.link import Upstream


def status_of(
    state: State, journal: Journal, gate: Gate, upstream: Upstream | None
) -> dict[str, int | str | bool]:
    """By plain names; those of a partner's switch begin with `upstream_`."""
    partner = {} if upstream is None else upstream.status()
    return {
        "engine": state.stores.engine.value,
        "links": len(gate.links),
        "business_date": iso_date(state.business.open_day.day),
        "position": state.position,
        "durable_position": journal.last_position,
        "rule_table_version": state.rule_table_version,
        "rule_table_digest": state.rule_table.digest,
        "cards": len(state.cards),
        "members": len(state.members),
        "terminals": len(state.terminals),
        "accounts": len(state.accounts),
        **{f"upstream_{name}": value for name, value in partner.items()},
    }
