"""What a rule set would cost: an estimate per rule for 1,000 transactions of a given mix.

The model: a mix is a list of sample sales, each with a weight. Every sample is evaluated by the real
evaluator as if it were its member's first, so that caps over time don't bite and budgets are full: the
estimate is an upper one. The worst case is what the rule gives at most for one sample when it stands alone
and its conditions are left aside. A purse costs what the programme owes for it (`Purse.value`), a discount
what it is.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Annotated, Final, NamedTuple

from pydantic import Field, StrictBool, StrictInt, ValidationError

from switch.rules.compiler import RuleFaults
from switch.rules.compiler.dates import moment_s
from switch.rules.compiler.documents import read_text
from switch.rules.compiler.faults import schema_faults
from switch.rules.conditions import ALWAYS
from switch.rules.evaluator import Evaluator
from switch.rules.facts import (
    LINES_MAX,
    NUMBER_NAMES,
    TEXT_NAMES,
    Facts,
    Line,
    NumberDimension,
    Subject,
    TextDimension,
)
from switch.rules.outcome import CounterKey, Outcome
from switch.rules.purses import BALANCE_MAX
from switch.rules.schema.rule import TriggerName
from switch.rules.schema.values import AmountOrZero, FactText, Moment, Name, Part, PurseName
from switch.rules.table import ALWAYS_FROM_S, FOREVER_UNTIL_S, CalcMode, Kind, Phase, RuleTable, TableRule

TRANSACTIONS: Final = 1_000
_REQUEST: Final = "burn_request"
# Whose sale a sample is means nothing; only that there is somebody.
_SUBJECT: Final = Subject(1, 1, 0, 1, 1, 1, 1)


class SampleLine(Part):
    """One basket line of a sample."""

    sku: str = ""
    category: str = ""
    labels: tuple[FactText, ...] = ()
    quantity: Annotated[StrictInt, Field(ge=1)] = 1
    amount: AmountOrZero


class SampleSale(Part):
    """One kind of sale: how often it happens (`weight`, against the others) and what it is.

    `facts` are texts and numbers by their names in conditions. `at` is the time the rules look at, now where
    it is left out. `reward` names a rule that the member asks for.
    """

    weight: Annotated[StrictInt, Field(ge=1, le=1_000_000)] = 1
    trigger: TriggerName = "purchase"
    amount: AmountOrZero
    at: Moment | None = None
    facts: dict[str, StrictInt | FactText] = Field({})
    segments: tuple[Name, ...] = ()
    agreements: tuple[Name, ...] = ()
    balances: dict[PurseName, StrictInt] = Field({})
    metrics: dict[str, StrictInt] = Field({})
    lines: Annotated[tuple[SampleLine, ...], Field(max_length=LINES_MAX)] = ()
    reward: str = ""
    has_pin: StrictBool = False


class Mix(Part):
    """Sample sales that stand for all."""

    sales: Annotated[tuple[SampleSale, ...], Field(min_length=1, max_length=10_000)]


# Amounts as they fall in a club of everyday shops, in rial; nothing is known of members and baskets.
DEFAULT_MIX: Final = Mix(
    sales=tuple(
        SampleSale(weight=weight, amount=amount)
        for weight, amount in (
            (10, 150_000),
            (20, 400_000),
            (25, 900_000),
            (20, 2_000_000),
            (15, 4_500_000),
            (8, 12_000_000),
            (2, 50_000_000),
        )
    )
)


class RuleCost(NamedTuple):
    """What one rule gives of one purse (0: discounts, in rial) in 1,000 transactions, and at most in one.

    `sales` are those in which it gave anything. `sales_to_empty_budget` is after how many transactions of the
    mix the rule alone has used up its budget; None without a budget or where it gives nothing.
    """

    rule_id: str
    purse: int
    sales: int
    units: int
    rial: int
    worst_units: int
    worst_rial: int
    budget: str
    budget_amount: int
    sales_to_empty_budget: int | None


class _NothingCounted:
    """Counters of a member who never bought before."""

    def value(self, key: CounterKey) -> int:
        """Always nothing."""
        return 0


def parse_mix(text: str, source: str) -> Mix:
    """A mix written as TOML or JSON (`[[sales]]`). Raises RuleFaults."""
    written = read_text(text, source)
    try:
        return Mix.model_validate(written)
    except ValidationError as error:
        raise RuleFaults(source, schema_faults(error, written)) from None


def estimate(table: RuleTable, mix: Mix, now_s: int) -> tuple[RuleCost, ...]:
    """Costs of all rules that give something, in table order.

    Raises RuleFaults where the mix names something that the table doesn't have.
    """
    samples = _samples(table, mix, now_s)
    whole = sum(weight for weight, _ in samples)
    sales, units, rial = _sums(table, samples)
    worst = _worst(table, [facts for _, facts in samples])
    costs = []
    for rule in table.rules:
        purses = sorted({key[1] for key in (*units, *worst) if key[0] == rule.rule_id})
        for purse in purses:
            key = (rule.rule_id, purse)
            most = worst.get(key, 0)
            budget, budget_amount, sales_to_empty = _exposure(table, rule, (units[key], rial[key]), whole)
            costs.append(
                RuleCost(
                    rule.rule_id,
                    purse,
                    sales[key] * TRANSACTIONS // whole,
                    units[key] * TRANSACTIONS // whole,
                    rial[key] * TRANSACTIONS // whole,
                    most,
                    _rial(table, purse, most),
                    budget,
                    budget_amount,
                    sales_to_empty,
                )
            )
    return tuple(costs)


def estimated_rial(table: RuleTable, mix: Mix, now_s: int) -> int:
    """The sum of `RuleCost.rial` over all rules, without a look at each alone, which takes long of very many.

    Raises RuleFaults where the mix names something that the table doesn't have.
    """
    samples = _samples(table, mix, now_s)
    whole = sum(weight for weight, _ in samples)
    return sum(rial * TRANSACTIONS // whole for rial in _sums(table, samples).rial.values())


class _Sums(NamedTuple):
    """By rule and purse, each sale with its weight."""

    sales: defaultdict[tuple[str, int], int]
    units: defaultdict[tuple[str, int], int]
    rial: defaultdict[tuple[str, int], int]


def _samples(table: RuleTable, mix: Mix, now_s: int) -> list[tuple[int, Facts]]:
    return [(sale.weight, _facts(table, sale, now_s)) for sale in mix.sales]


def _sums(table: RuleTable, samples: list[tuple[int, Facts]]) -> _Sums:
    sums = _Sums(defaultdict(int), defaultdict(int), defaultdict(int))
    evaluator = Evaluator(table)
    for weight, facts in samples:
        for key, granted in _given(evaluator.evaluate(facts, _NothingCounted())).items():
            sums.sales[key] += weight
            sums.units[key] += weight * granted
            sums.rial[key] += weight * _rial(table, key[1], granted)
    return sums


def _exposure(
    table: RuleTable, rule: TableRule, used: tuple[int, int], whole: int
) -> tuple[str, int, int | None]:
    if rule.budget is None:
        return "", 0, None
    budget = table.budgets[rule.budget]
    by_all = used[1] if budget.in_rial else used[0]
    return budget.budget_id, budget.amount, -(-budget.amount * whole // by_all) if by_all else None


def _given(outcome: Outcome) -> dict[tuple[str, int], int]:
    """What each rule gave, by purse; costs and tenders are taken, not given."""
    given: defaultdict[tuple[str, int], int] = defaultdict(int)
    for grant in (*outcome.discounts, *outcome.grants):
        if grant.granted:
            given[grant.rule_id, grant.purse] += grant.granted
    return given


def _rial(table: RuleTable, purse: int, units: int) -> int:
    return units if purse == 0 else table.purses[purse].value(units)


def _worst(table: RuleTable, samples: list[Facts]) -> dict[tuple[str, int], int]:
    worst: dict[tuple[str, int], int] = {}
    for rule in table.rules:
        if rule.kind not in (Kind.DISCOUNT, Kind.EARN, Kind.GIFT) or rule.phase == Phase.MULTIPLIER:
            continue
        alone = Evaluator(_alone(table, rule))
        trigger = "purchase" if _REQUEST in rule.triggers else rule.triggers[0]
        for facts in samples:
            asked = facts._replace(trigger=trigger, reward=rule.rule_id, balances=_Plenty())
            for key, granted in _given(alone.evaluate(asked, _NothingCounted())).items():
                worst[key] = max(worst.get(key, 0), granted)
    # A multiplier multiplies what all base rules give at most.
    base: defaultdict[int, int] = defaultdict(int)
    for rule in table.rules:
        if rule.kind == Kind.EARN and rule.phase == Phase.BASE:
            for purse in {effect.purse for effect in rule.effects}:
                base[purse] += worst.get((rule.rule_id, purse), 0)
    for rule in table.rules:
        for effect in rule.effects:
            if effect.mode == CalcMode.MULTIPLIER:
                most = -(-base[effect.purse] * (effect.give - effect.per) // effect.per)
                most = min(most, effect.maximum or most)
                key = (rule.rule_id, effect.purse)
                worst[key] = worst.get(key, 0) + most
    return worst


class _Plenty(Mapping[int, int]):
    """Balances that suffice for every cost."""

    def __getitem__(self, purse: int) -> int:
        return BALANCE_MAX

    def __iter__(self) -> Iterator[int]:
        return iter(())

    def __len__(self) -> int:
        return 0


def _alone(table: RuleTable, rule: TableRule) -> RuleTable:
    free = rule._replace(
        valid_from_s=ALWAYS_FROM_S,
        valid_until_s=FOREVER_UNTIL_S,
        windows=(),
        blackout=(),
        condition=ALWAYS,
        agreements=0,
        statuses=(),
        group=0,
        excludes=(),
        requires=(),
    )
    # The first group is the one that sums.
    return RuleTable(
        table.programme, table.groups[:1], table.budgets, table.limits, table.counters, (free,), table.packed
    )


def _facts(table: RuleTable, sale: SampleSale, now_s: int) -> Facts:
    programme = table.programme
    texts = [""] * len(TextDimension)
    numbers: list[int | None] = [None] * len(NumberDimension)
    numbers[NumberDimension.AMOUNT] = sale.amount
    unknown = []
    for name, value in sale.facts.items():
        if name in TEXT_NAMES and isinstance(value, str):
            texts[TEXT_NAMES[name]] = value
        elif name in NUMBER_NAMES and isinstance(value, int):
            numbers[NUMBER_NAMES[name]] = value
        else:
            unknown.append(f"there is no fact {name} with such a value")
    codes = {purse.name: purse.code for purse in programme.purses}
    unknown += [f"there is no purse {name}" for name in sale.balances if name not in codes]
    masks = []
    for what, wanted, declared in (
        ("segment", sale.segments, dict(programme.segments)),
        ("agreement", sale.agreements, dict(programme.agreements)),
    ):
        unknown += [f"there is no {what} {name}" for name in wanted if name not in declared]
        masks.append(sum({1 << declared[name] for name in wanted if name in declared}))
    try:
        at_s = now_s if sale.at is None else moment_s(sale.at, programme.time_zone, is_end=False)
    except ValueError as error:
        unknown.append(str(error))
        at_s = now_s
    if unknown:
        raise RuleFaults("mix", unknown)
    return Facts(
        trigger=sale.trigger,
        at_s=at_s,
        texts=tuple(texts),
        numbers=tuple(numbers),
        sets=(masks[0], masks[1]),
        balances={codes[name]: balance for name, balance in sale.balances.items()},
        metrics=sale.metrics,
        lines=tuple(
            Line(line.sku, line.category, line.labels, line.quantity, line.amount) for line in sale.lines
        ),
        subject=_SUBJECT,
        uplines=(),
        has_pin=sale.has_pin,
        reward=sale.reward,
        tender_purse=0,
        tender_amount=None,
        tender_units=None,
    )
