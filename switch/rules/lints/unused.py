"""Lints about what is declared and never used."""

from collections.abc import Iterator

from switch.rules.lints.book import Book
from switch.rules.lints.findings import Lint, Severity
from switch.rules.schema.conditions import tests_of

_KINDS = {
    "segment": "بخش",
    "agreement": "توافق‌نامه",
    "budget": "بودجه",
    "counter": "شمارنده",
    "group": "گروه",
}


def lint_unused(book: Book) -> Iterator[Lint]:
    """Declared names that no rule mentions, whatever its status."""
    head = book.head
    used = _used(book)
    declared = {
        "segment": list(head.segments),
        "agreement": list(head.agreements),
        "budget": [budget.id for budget in head.budgets],
        "counter": [counter.id for counter in head.counters],
        "group": [group.name for group in head.groups],
    }
    for kind, names in declared.items():
        for name in names:
            if name not in used[kind]:
                yield Lint(
                    f"unused_{kind}",
                    Severity.HINT,
                    "",
                    f"هیچ قاعده‌ای {_KINDS[kind]} «{name}» را به کار نمی‌برد",
                    f"no rule uses the {kind} {name}",
                )


def _used(book: Book) -> dict[str, set[str]]:
    used: dict[str, set[str]] = {kind: set() for kind in _KINDS}
    used["agreement"].update(book.head.agreements_needed.earn, book.head.agreements_needed.spend)
    conditions = [counter.when for counter in book.head.counters]
    for rule in book.written.values():
        conditions.append(rule.when)
        used["agreement"].update(rule.gate.agreements)
        used["group"].add(rule.stacking.group)
        if rule.budget is not None:
            used["budget"].add(rule.budget)
    for condition in conditions:
        if condition is None:
            continue
        for test in tests_of(condition):
            if test.f in ("segment", "agreement"):
                used[test.f].update(str(value) for value in test.values)
            elif test.f.startswith("counter."):
                used["counter"].add(test.f.removeprefix("counter."))
    return used
