"""A simulation as one JSON object."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict

from switch.rule_trials.simulation import Simulation, Totals
from switch.rules.table import RuleTable


def simulation_document(simulation: Simulation, name: str, other_name: str) -> dict[str, object]:
    """The simulation as one JSON object."""
    found: dict[str, object] = {
        "rules": _side_document(simulation.side.table, simulation.side.totals, name),
    }
    change = simulation.change()
    if simulation.other is not None and change is not None:
        found["against"] = _side_document(simulation.other.table, simulation.other.totals, other_name)
        found["members"] = {
            **asdict(change),
            "most": [{"member": member, "rial": rial} for member, rial in change.most],
            "least": [{"member": member, "rial": rial} for member, rial in change.least],
        }
    found["expectations"] = {
        "sales": simulation.expected,
        "missed": simulation.surprised,
        "faults": simulation.surprises,
    }
    return found


def _side_document(table: RuleTable, totals: Totals, name: str) -> dict[str, object]:
    return {
        "source": name,
        "digest": table.digest,
        "cost_rial": totals.cost_rial,
        "cost_per_1000_sales_rial": totals.cost_per_1000_sales_rial,
        **_plain(vars(totals)),
        "rules": {rule_id: _plain(vars(rule)) for rule_id, rule in sorted(totals.rules.items())},
    }


def _plain(figures: Mapping[str, object]) -> dict[str, object]:
    return {name: dict(value) if isinstance(value, Counter) else value for name, value in figures.items()}
