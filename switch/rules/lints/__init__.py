"""Lints: what is well formed and yet probably not meant.

Codes: contradiction, expired, unbounded, pending_after_expiry, no_basis, missing_text (one rule);
unreachable, overlap, too_many_pairs (several); earn_loop, cheap_cost (value that goes round); unused_segment,
unused_agreement, unused_budget, unused_counter, unused_group.
"""

from switch.rules.lints.book import Book
from switch.rules.lints.findings import Lint, Severity
from switch.rules.lints.loops import lint_loops
from switch.rules.lints.pairs import lint_pairs
from switch.rules.lints.single import lint_alone
from switch.rules.lints.unused import lint_unused
from switch.rules.packing import collector_paused
from switch.rules.schema.document import RuleSet

__all__ = ["Lint", "Severity", "lint"]


def lint(document: RuleSet, now_s: int) -> list[Lint]:
    """Lints of a document at a time (UTC seconds), by rule in the order written.

    Single rules are looked at unless they are ended or archived, several together where they are active or
    scheduled. Raises RuleFaults for a document that can't be compiled.
    """
    with collector_paused():
        book = Book(document)
        found = [lint for rule in book.edited for lint in lint_alone(book, rule, now_s)]
        found += [*lint_pairs(book), *lint_loops(book), *lint_unused(book)]
    place = {rule_id: index for index, rule_id in enumerate(book.written)}
    return sorted(found, key=lambda lint: place.get(lint.rule_id, len(place)))
