"""A club in memory: sales are decided one after the other, and each sees what those before it left.

It is no ledger: there are no returns, and nobody else moves points. Balances, counters of caps and budgets,
and the days since the last purchase go from sale to sale.
"""

from collections.abc import Callable
from typing import NamedTuple
from zoneinfo import ZoneInfo

from switch.rule_trials.facts import facts_of
from switch.rule_trials.sale import Sale
from switch.rule_trials.wallets import Wallets
from switch.rules.evaluator import evaluate
from switch.rules.facts import Facts
from switch.rules.outcome import CounterKey, CounterView, Grant, Outcome, Party, Refusal
from switch.rules.table import RuleTable

_DAY_S = 86_400
# Response code of ISO 8583: not sufficient funds.
NO_FUNDS_CODE = "51"
_HOLDERS = (Party.MEMBER, Party.HOUSEHOLD)


class Counters:
    """Exact counters, as the switch keeps them."""

    def __init__(self) -> None:
        self._values: dict[CounterKey, int] = {}

    def value(self, key: CounterKey) -> int:
        """Present value, 0 for one never counted."""
        return self._values.get(key, 0)

    def add(self, outcome: Outcome) -> None:
        """Count what a decision counts."""
        for move in outcome.counter_moves:
            self._values[move.key] = self._values.get(move.key, 0) + move.delta


class Decision(NamedTuple):
    """A sale, what the rules saw of it, and what they decided."""

    sale: Sale
    facts: Facts
    outcome: Outcome


class Club:
    """Plays sales through one rule table. A sale without a time is at `now_s`, UTC seconds."""

    def __init__(self, table: RuleTable, now_s: int) -> None:
        self.table = table
        self.counters = Counters()
        self._zone = ZoneInfo(table.programme.time_zone)
        self._now_s = now_s
        self._wallets = Wallets()
        self._last_purchase_s: dict[int, int] = {}

    def facts(self, sale: Sale) -> Facts:
        """What the rules would see of a sale that comes next. Balances that it names are taken over."""
        at_s = sale.at_s(self._zone, self._now_s)
        codes = {purse.name: purse.code for purse in self.table.programme.purses}
        for name, amount in sale.balances.items():
            if name in codes:
                self._wallets.set(sale.member, codes[name], amount)
        balances = {code: self._balance(sale, code, at_s) for code in self.table.purses}
        return facts_of(
            self.table,
            sale,
            at_s,
            balances=balances,
            tier=sale.tier or self._tier(balances),
            days_since_last=self._days_since_last(sale, at_s),
        )

    def decide(
        self,
        sale: Sale,
        by: Callable[[RuleTable, Facts, CounterView], Outcome] = evaluate,
    ) -> Decision:
        """Decide a sale and keep what it leaves."""
        facts = self.facts(sale)
        outcome = self._funded(by(self.table, facts, self.counters), sale, facts)
        if outcome.refusal is None:
            self._keep(sale, facts, outcome)
        return Decision(sale, facts, outcome)

    def _keep(self, sale: Sale, facts: Facts, outcome: Outcome) -> None:
        self.counters.add(outcome)
        for spending in _spendings(outcome):
            own = self._wallets.balance(sale.member, spending.purse, facts.at_s)
            self._wallets.spend(sale.member, spending.purse, spending.granted, facts.at_s)
            if spending.granted > own and sale.household:
                self._wallets.spend(-sale.household, spending.purse, spending.granted - own, facts.at_s)
        for grant in outcome.grants:
            if grant.party in _HOLDERS:
                owner = grant.number if grant.party == Party.MEMBER else -grant.number
                self._wallets.earn(
                    owner, grant.purse, grant.granted, grant.available_from_s, grant.expires_at_s
                )
        if sale.trigger == "purchase":
            self._last_purchase_s[sale.member] = facts.at_s

    def _funded(self, outcome: Outcome, sale: Sale, facts: Facts) -> Outcome:
        """The outcome, or the ledger's refusal where the balance doesn't suffice."""
        for spending in _spendings(outcome):
            purse = self.table.purses[spending.purse]
            if spending.granted > self._balance(sale, purse.code, facts.at_s) + purse.overdraft_max:
                refusal = Refusal(spending.rule_id, spending.version, NO_FUNDS_CODE, "", "")
                amount = outcome.amount
                return Outcome(refusal, amount, 0, 0, amount, (), (), None, (), (), ())
        return outcome

    def _balance(self, sale: Sale, purse: int, at_s: int) -> int:
        own = self._wallets.balance(sale.member, purse, at_s)
        # Households stand beside members, below zero.
        return own + (self._wallets.balance(-sale.household, purse, at_s) if sale.household else 0)

    def _tier(self, balances: dict[int, int]) -> str:
        programme = self.table.programme
        if not programme.tier_purse:
            return ""
        balance = balances[programme.tier_purse]
        return next((tier.name for tier in reversed(programme.tiers) if tier.from_balance <= balance), "")

    def _days_since_last(self, sale: Sale, at_s: int) -> int | None:
        if sale.days_since_last is not None:
            return sale.days_since_last
        last_s = self._last_purchase_s.get(sale.member)
        return None if last_s is None else (at_s - last_s) // _DAY_S


def _spendings(outcome: Outcome) -> tuple[Grant, ...]:
    return (*outcome.costs, outcome.tender) if outcome.tender else outcome.costs
