"""Many sales through one rule set or two: what it gives and costs, who wins or loses by a change."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from switch.rule_trials.club import Club, Decision
from switch.rule_trials.expectation import surprises
from switch.rule_trials.facts import check_names
from switch.rule_trials.sale import Sale
from switch.rules.outcome import EffectType, Grant, GrantReason, Outcome, Party
from switch.rules.table import RuleTable

SURPRISES_MAX = 50
_CUT_SHORT = (GrantReason.RULE_CAP, GrantReason.LIMIT, GrantReason.BUDGET, GrantReason.OVER_BUDGET)
_DEBTS = (Party.MEMBER, Party.HOUSEHOLD, Party.GIFT_CARD)
MEMBERS_SHOWN = 5


@dataclass
class RuleTotal:
    """What one rule came to. `given` and `taken` are units by purse; rial are minor units.

    `times` counts sales in which it gave or took something, `refused` those it refused, `cut_short` grants
    that a cap, limit or budget made smaller or, for a budget, unfunded.
    """

    times: int = 0
    refused: int = 0
    given: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)
    discount_rial: int = 0
    liability_rial: int = 0
    cut_short: int = 0
    funded_rial: Counter[str] = field(default_factory=Counter)


@dataclass
class Totals:
    """What a rule set came to. `liability_rial` is what the points given would cost, less those taken."""

    sales: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    amount_rial: int = 0
    discount_rial: int = 0
    tendered_rial: int = 0
    net_rial: int = 0
    liability_rial: int = 0
    cut_short: int = 0
    given: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)
    rules: dict[str, RuleTotal] = field(default_factory=dict)

    @property
    def cost_rial(self) -> int:
        """Discounts and liability together."""
        return self.discount_rial + self.liability_rial

    @property
    def cost_per_1000_sales_rial(self) -> int:
        """The cost of a thousand such sales, rounded to the nearest."""
        return (self.cost_rial * 1000 + self.sales // 2) // self.sales if self.sales else 0


class Side:
    """One rule set with its own club, its totals, and what each member got from it, in rial."""

    def __init__(self, table: RuleTable, now_s: int) -> None:
        self.table = table
        self.totals = Totals(rules={rule.rule_id: RuleTotal() for rule in table.rules})
        self.member_rial: defaultdict[int, int] = defaultdict(int)
        self._club = Club(table, now_s)

    def play(self, sale: Sale) -> Decision:
        """Decide one sale and count it."""
        decision = self._club.decide(sale)
        outcome, totals = decision.outcome, self.totals
        totals.sales += 1
        self.member_rial[sale.member] += 0
        if outcome.refusal is not None:
            totals.refused[outcome.refusal.response_code] += 1
            if outcome.refusal.rule_id:
                totals.rules[outcome.refusal.rule_id].refused += 1
            return decision
        totals.amount_rial += outcome.amount
        totals.discount_rial += outcome.discount
        totals.tendered_rial += outcome.tendered
        totals.net_rial += outcome.net_amount
        self.member_rial[sale.member] += outcome.discount
        for grant in _all_grants(outcome):
            self._count(grant)
        for rule_id in {grant.rule_id for grant in _all_grants(outcome) if grant.granted}:
            totals.rules[rule_id].times += 1
        return decision

    def _count(self, grant: Grant) -> None:
        totals, rule = self.totals, self.totals.rules[grant.rule_id]
        if grant.reason in _CUT_SHORT:
            rule.cut_short += 1
            totals.cut_short += 1
        if grant.type == EffectType.DISCOUNT:
            rule.discount_rial += grant.granted
            for part in grant.funding:
                rule.funded_rial[part.party.name.lower()] += part.amount
            return
        purse = self.table.purses[grant.purse]
        rial = purse.value(grant.granted)
        if grant.type in (EffectType.COST, EffectType.TENDER):
            rule.taken[purse.name] += grant.granted
            totals.taken[purse.name] += grant.granted
            rule.liability_rial -= rial
            totals.liability_rial -= rial
            # Points that pay the bill are worth what they pay: a member neither wins nor loses by that.
            self.member_rial[grant.number] -= rial if grant.type == EffectType.COST else 0
            return
        rule.given[purse.name] += grant.granted
        totals.given[purse.name] += grant.granted
        for part in grant.funding:
            rule.funded_rial[part.party.name.lower()] += purse.value(part.amount)
        if grant.party in _DEBTS:
            rule.liability_rial += rial
            totals.liability_rial += rial
        if grant.party == Party.MEMBER:
            self.member_rial[grant.number] += rial


@dataclass(frozen=True)
class Change:
    """How a rule set differs from another for members, in rial. Winners get more by the first one."""

    winners: int
    losers: int
    unchanged: int
    won_rial: int
    lost_rial: int
    most: tuple[tuple[int, int], ...]
    least: tuple[tuple[int, int], ...]


class Simulation:
    """Plays the same sales through one rule set and, where there is one, another beside it."""

    def __init__(self, table: RuleTable, against: RuleTable | None, now_s: int) -> None:
        self.side = Side(table, now_s)
        self.other = Side(against, now_s) if against is not None else None
        self.expected = 0
        self.surprises: list[str] = []
        self.surprised = 0

    def play(self, sale: Sale) -> None:
        """One sale. Raises NameFault where it names what no rule set declares."""
        sides = [self.side] if self.other is None else [self.side, self.other]
        check_names(sale, [side.table for side in sides])
        decision = self.side.play(sale)
        if self.other is not None:
            self.other.play(sale)
        if sale.expect is not None:
            self.expected += 1
            found = surprises(self.side.table, decision)
            self.surprised += bool(found)
            room = SURPRISES_MAX - len(self.surprises)
            note = f" ({sale.note})" if sale.note else ""
            self.surprises += [f"sale {self.side.totals.sales}{note}: {line}" for line in found[:room]]

    def change(self) -> Change | None:
        """Who wins and who loses by the first rule set against the other; None without another."""
        if self.other is None:
            return None
        first, second = self.side.member_rial, self.other.member_rial
        gains = {member: first.get(member, 0) - second.get(member, 0) for member in first.keys() | second}
        ordered = sorted(gains.items(), key=lambda item: (-item[1], item[0]))
        won, lost = [gain for gain in gains.values() if gain > 0], [g for g in gains.values() if g < 0]
        return Change(
            winners=len(won),
            losers=len(lost),
            unchanged=len(gains) - len(won) - len(lost),
            won_rial=sum(won),
            lost_rial=-sum(lost),
            most=tuple(each for each in ordered[:MEMBERS_SHOWN] if each[1] > 0),
            least=tuple(each for each in reversed(ordered[-MEMBERS_SHOWN:]) if each[1] < 0),
        )


def _all_grants(outcome: Outcome) -> tuple[Grant, ...]:
    taken = (*outcome.costs, outcome.tender) if outcome.tender else outcome.costs
    return (*outcome.discounts, *taken, *outcome.grants)
