"""What one rule table has that another one has not, in names."""

from typing import NamedTuple

from switch.rules.table import RuleTable, TableRule


class TableDifference(NamedTuple):
    """Rules by their id, and which other parts of the tables aren't the same."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: int
    parts: tuple[str, ...]


def table_difference(before: RuleTable, after: RuleTable) -> TableDifference:
    """What `after` changes."""
    old, new = _rules(before), _rules(after)
    parts = [
        name for name, value in before.programme._asdict().items() if value != getattr(after.programme, name)
    ]
    parts += [
        name
        for name in ("groups", "budgets", "limits", "counters")
        if getattr(before, name) != getattr(after, name)
    ]
    both = old.keys() & new.keys()
    changed = tuple(sorted(rule_id for rule_id in both if old[rule_id] != new[rule_id]))
    return TableDifference(
        added=tuple(sorted(new.keys() - old)),
        removed=tuple(sorted(old.keys() - new)),
        changed=changed,
        unchanged=len(both) - len(changed),
        parts=tuple(parts),
    )


def _rules(table: RuleTable) -> dict[str, tuple[object, ...]]:
    """By id; what a rule says of groups and budgets by their content, as their places may change."""
    return {rule.rule_id: _content(rule, table) for rule in table.rules}


def _content(rule: TableRule, table: RuleTable) -> tuple[object, ...]:
    budget = None if rule.budget is None else table.budgets[rule.budget]
    group = table.groups[rule.group] if rule.group < len(table.groups) else None
    return (*rule._replace(budget=None, group=0), budget, group)
