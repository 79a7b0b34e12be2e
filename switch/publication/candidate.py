"""A candidate table beside the one in force: what it would have decided for one of so many purchases.

Nothing of it reaches a member, the ledger or the journal. It is decided on the facts, balances and counters
as they stand, so its own caps and budgets count what the table in force counted.
"""

import logging
from collections import Counter, deque
from pathlib import Path
from typing import NamedTuple

from protocol.dialect import ResponseCode, TransactionType
from switch.authoriser.decide import decide
from switch.authoriser.request import Financial, Request, Step
from switch.journal.entries import TransactionEntry
from switch.ledger.state import State
from switch.rules.compiler import load_rules
from switch.rules.evaluator import evaluator_of
from switch.rules.table import RuleTable

_LOG = logging.getLogger("switch.publication")

# Of so many rules the last differences are kept, of each so many.
RULES_KEPT = 256
DIFFERENCES_KEPT = 8

# Units by purse; "" is a discount, in minor units.
Units = dict[str, int]


class Difference(NamedTuple):
    """What a rule gave in a purchase, and what it would give; `rrn` is the purchase's.

    Where the response codes differ there is one of the rule "" too.
    """

    at_ms: int
    rrn: str
    response_codes: tuple[str, str]
    units: tuple[Units, Units]


class Candidate:
    """Looks at one of `one_of` purchases. In the thread of the exchange."""

    def __init__(self, table: RuleTable, one_of: int) -> None:
        self.table = table
        self.one_of = one_of
        self.evaluated = 0
        self.different = 0
        self.failed = 0
        self.differences: Counter[str] = Counter()
        self.last: dict[str, deque[Difference]] = {}
        # Purchases until the next one that is looked at.
        self.left = one_of - 1
        evaluator_of(table)

    def passed(self, count: int) -> None:
        """So many purchases, at most `left`, were decided without it."""
        self.left -= count

    def look(self, state: State, request: Request, entry: object, now_ms: int) -> None:
        """See a request and its entry, which isn't applied yet. Whatever goes wrong here stays here."""
        if not isinstance(request, Financial) or request.step is not Step.FINANCIAL:
            return
        if not isinstance(entry, TransactionEntry) or not request.processing_code.startswith(
            TransactionType.PURCHASE
        ):
            return
        if self.left:
            self.left -= 1
            return
        self.left = self.one_of - 1
        try:
            found = decide(state, self.table, request, now_ms).entry
        except Exception:  # the candidate's fault is nobody's refusal
            self.failed += 1
            _LOG.exception("the candidate rules could not decide")
            return
        self.evaluated += 1
        if isinstance(found, TransactionEntry):
            self._compare(state, entry, found)

    def _compare(self, state: State, entry: TransactionEntry, other: TransactionEntry) -> None:
        then, otherwise = self._units(entry, state.rule_table), self._units(other, self.table)
        codes = (entry.response_code, other.response_code)
        rules = {rule for rule in then.keys() | otherwise if then.get(rule) != otherwise.get(rule)}
        if codes[0] != codes[1]:
            rules.add("")
        if not rules:
            return
        self.different += 1
        for rule in sorted(rules):
            self._keep(
                rule,
                Difference(
                    entry.at_ms,
                    f"{state.position + 1:012d}",
                    codes,
                    (then.get(rule, {}), otherwise.get(rule, {})),
                ),
            )

    def _keep(self, rule: str, difference: Difference) -> None:
        last = self.last.get(rule)
        if last is None:
            if len(self.last) >= RULES_KEPT:
                return
            last = self.last[rule] = deque(maxlen=DIFFERENCES_KEPT)
        self.differences[rule] += 1
        last.append(difference)

    @staticmethod
    def _units(entry: TransactionEntry, table: RuleTable) -> dict[str, Units]:
        """What each rule came to; nothing where the purchase is declined."""
        found: dict[str, Units] = {}
        if entry.response_code != ResponseCode.APPROVED:
            return found
        for grant in entry.grants:
            if grant.granted:
                purse = table.purses.get(grant.purse)
                name = "" if purse is None else purse.name
                units = found.setdefault(grant.rule_id, {})
                units[name] = units.get(name, 0) + grant.granted
        return found


def candidate_of(rules_file: Path | None, one_of: int) -> Candidate | None:
    """The rules of a file as a candidate, made ready; None without a file. Raises RuleFaults."""
    return None if rules_file is None else Candidate(load_rules(rules_file), one_of)
