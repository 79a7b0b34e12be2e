"""Who pays for discounts. The ledger has no account for them: their funders follow from the journal.

A sale's entry tells which rule discounted how much, what it took from the rule's budget, and by which rule
table; that table, journaled too, tells who funds the budget and in which shares. What a budget doesn't cover,
and what has no budget, the programme pays. A return takes a discount back by the returned part of the amount,
as it gives the money back; fractions count as taken back, and the last return leaves nothing.
"""

from collections.abc import Mapping
from typing import NamedTuple

from switch.journal.entries import TransactionEntry
from switch.rules.counting import budget_key
from switch.rules.outcome import CounterKey, EffectType, Party
from switch.rules.packing.bounds import SHARE_WHOLE
from switch.rules.table import Budget, Kind, RuleTable


class Payer(NamedTuple):
    """Who pays a part; `number` is only for a partner, the merchant is the sale's own."""

    party: Party
    number: int


PROGRAMME = Payer(Party.PROGRAMME, 0)

# What each pays of a discount, or less than nothing where that is taken back; rial.
Shares = dict[Payer, int]

_RuleKey = tuple[str, int]


class Discounts:
    """Rule tables and returns as far as discounts need them, as a fold of the journal.

    `returned` is what came back of sales by their positions before the fold began.
    """

    def __init__(self, returned: Mapping[int, int]) -> None:
        self._budgets: dict[int, dict[_RuleKey, Budget]] = {}
        self._newest: dict[_RuleKey, Budget] = {}
        self._returned = dict(returned)

    def adopt(self, version: int, table: RuleTable) -> None:
        """A rule table came into force."""
        found = {
            (rule.rule_id, rule.version): table.budgets[rule.budget]
            for rule in table.rules
            if rule.kind == Kind.DISCOUNT and rule.budget is not None and table.budgets[rule.budget].funders
        }
        if found != self._newest:
            self._newest = found
        self._budgets[version] = self._newest

    def knows(self, version: int) -> bool:
        """Whether the fold began early enough for a rule table."""
        return version in self._budgets

    def of_sale(self, sale: TransactionEntry) -> Shares:
        """Who pays how much of a sale's discounts. `sale` has its grants."""
        budgets = self._budgets.get(sale.rule_table_version, {})
        covered: dict[CounterKey, int] = {}
        shares: Shares = {}
        for grant in sale.grants:
            if grant.type != EffectType.DISCOUNT or not grant.granted:
                continue
            budget = budgets.get((grant.rule_id, grant.version))
            if budget is None:
                _add(shares, PROGRAMME, grant.granted)
                continue
            key = budget_key(budget.counter)
            if key not in covered:
                covered[key] = sum(move.delta for move in sale.counter_moves if move.key == key)
            # Discounts come first of all that a budget pays for, in this order.
            funded = min(grant.granted, covered[key])
            covered[key] -= funded
            _add_funded(shares, budget, funded)
            _add(shares, PROGRAMME, grant.granted - funded)
        return shares

    def of_return(self, position: int, sale: TransactionEntry, amount: int) -> Shares:
        """What a return of so much of a sale changes: the shares go down.

        `amount` is negative where a return is reversed: they go up again. `sale` has its grants.
        """
        before = self._returned.get(position, 0)
        after = self._returned[position] = before + amount
        if not after:
            del self._returned[position]
        whole = sale.amount
        return {
            payer: share * (whole - after) // whole - share * (whole - before) // whole
            for payer, share in self.of_sale(sale).items()
        }


def _add_funded(shares: Shares, budget: Budget, funded: int) -> None:
    """Split as the rules do: what rounding leaves pays the first funder."""
    left = funded
    for funder in budget.funders[1:]:
        amount = funded * funder.share // SHARE_WHOLE
        left -= amount
        _add(shares, _payer(funder.party, funder.number), amount)
    _add(shares, _payer(budget.funders[0].party, budget.funders[0].number), left)


def _payer(party: Party, number: int) -> Payer:
    return Payer(party, number if party == Party.PARTNER else 0)


def _add(shares: Shares, payer: Payer, amount: int) -> None:
    if amount:
        shares[payer] = shares.get(payer, 0) + amount
