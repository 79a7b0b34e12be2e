"""The index finds what looking at every rule finds, and what it remembers never goes stale.

`explain` looks at every rule, without the index; it is the measure here.
"""

import random
from time import process_time

import pytest

from switch.rules.caps import CapOf
from switch.rules.conditions import (
    All,
    AnyOf,
    Condition,
    ItemTest,
    Not,
    NumberSource,
    NumberTest,
    Operator,
    SetTest,
    TextTest,
)
from switch.rules.evaluator import Evaluator, evaluate, evaluator_of, explain
from switch.rules.evaluator.postings import bits_of, positions_of
from switch.rules.facts import Facts, ItemDimension, NumberDimension, SetDimension, TextDimension
from switch.rules.outcome import CounterKey, Outcome
from switch.rules.table import BasisOf, Kind, Phase, RuleTable, TableRule, TimeWindow
from tests.switch.rules.tables import (
    CREDIT,
    DENY,
    DISCOUNT,
    NOON_S,
    POINTS,
    RULE,
    TENDER,
    Counters,
    basis,
    between,
    cap,
    facts,
    fixed,
    line,
    one_of,
    sku,
    table,
)

NONE = Counters()
TEXTS = (TextDimension.MERCHANT, TextDimension.TIER, TextDimension.CARD_TYPE)
DAY_S = 86_400


def random_test(dice: random.Random) -> Condition:
    """One test of the kinds that the index knows, or of another."""
    kind = dice.randrange(10)
    if kind <= 2:
        values = tuple(sorted(dice.sample("abcdef", dice.randrange(1, 4))))
        operator = dice.choice((Operator.IN, Operator.IN, Operator.NOT_IN, Operator.EXISTS))
        return TextTest(dice.choice(TEXTS), operator, values)
    if kind == 3:
        operator = dice.choice((Operator.HAS_ANY, Operator.HAS_ALL, Operator.EXISTS))
        return SetTest(dice.choice(list(SetDimension)), operator, dice.randrange(1, 32))
    if kind <= 5:
        bounds = sorted(dice.sample(range(0, 20_000, 500), 2))
        low, high = dice.choice(((bounds[0], None), (None, bounds[1]), (bounds[0], bounds[1])))
        name = dice.choice((NumberDimension.AMOUNT, NumberDimension.AMOUNT, NumberDimension.DAYS_SINCE_LAST))
        return between(name, low, high)
    if kind == 6:
        operator = dice.choice((Operator.ANY_LINE, Operator.ALL_LINES))
        return ItemTest(
            dice.choice(list(ItemDimension)), operator, tuple(dice.sample("uvwxyz", dice.randrange(1, 4)))
        )
    if kind == 7:
        day = dice.choice((NumberDimension.WEEKDAY, NumberDimension.DAY, NumberDimension.JALALI_DAY))
        low = dice.randrange(1, 8)
        return NumberTest(
            NumberSource.FACT, int(day), "", dice.choice((Operator.BETWEEN, Operator.NOT_EQUAL)), low, low + 9
        )
    parts = (random_test(dice), random_test(dice))
    return Not(parts[0]) if kind == 8 else dice.choice((All(parts), AnyOf(parts)))


def random_rule(dice: random.Random, number: int) -> TableRule:
    """A rule of any kind; few give much, many exclude one another."""
    condition = All(tuple(random_test(dice) for _ in range(dice.randrange(3))))
    rule = RULE._replace(rule_id=f"R-{number}", priority=dice.randrange(3), condition=condition)
    rule = rule._replace(effects=(fixed(number + 1),), phase=dice.choice(list(Phase)))
    kind = dice.randrange(12)
    if kind == 0:
        rule = rule._replace(kind=Kind.GATE, effects=(DENY,), caps=(cap(CapOf.USES, 1),))
        rule = rule._replace(triggers=dice.choice((("purchase",), ("burn_request",))))
    elif kind == 1:
        rule = rule._replace(kind=Kind.DISCOUNT, effects=(DISCOUNT,))
    elif kind == 2:
        rule = rule._replace(kind=Kind.BURN, effects=(TENDER,), triggers=("burn_request",))
    elif kind == 3:
        rule = rule._replace(triggers=dice.choice((("visit",), ("visit", "purchase"), ("burn_request",))))
    elif kind == 4:
        articles = ItemTest(dice.choice(list(ItemDimension)), Operator.ANY_LINE, (dice.choice("uvwxyz"),))
        rule = rule._replace(basis=basis(dice.choice(list(BasisOf)), include=(articles,)))
    if dice.random() < 0.1:
        rule = rule._replace(excludes=(f"R-{dice.randrange(99)}",))
    if dice.random() < 0.05:
        rule = rule._replace(requires=(f"R-{dice.randrange(99)}",))
    if dice.random() < 0.02:
        rule = rule._replace(stop_after=True)
    if dice.random() < 0.3:
        first = NOON_S - dice.randrange(10 * DAY_S)
        rule = rule._replace(valid_from_s=first, valid_until_s=first + dice.randrange(20 * DAY_S))
    if dice.random() < 0.3:
        start, end = dice.randrange(1440), dice.randrange(1, 1441)
        rule = rule._replace(windows=(TimeWindow(dice.randrange(1, 128), start, end),))
    if dice.random() < 0.1:
        rule = rule._replace(statuses=("a",), agreements=dice.randrange(4))
    return rule


def random_facts(dice: random.Random) -> Facts:
    """A request about the same few names, amounts and days."""
    request = facts(
        dice.choice((None, 0, 10_000, dice.randrange(20_000))), NOON_S + dice.randrange(7 * DAY_S)
    )
    texts = list(request.texts)
    for dimension in (*TEXTS, TextDimension.MEMBER_STATUS):
        texts[dimension] = dice.choice(("", "a", "b", "c", "d", "e", "f", "other", "another"))
    lines = tuple(
        line(
            dice.choice("uvwxyz"), dice.randrange(3_000), 1, dice.choice("uvwxyz"), *dice.sample("uvwxyz", 2)
        )
        for _ in range(dice.randrange(4))
    )
    return request._replace(
        trigger=dice.choice(("purchase", "purchase", "visit", "burn_request", "unheard of")),
        texts=tuple(texts),
        sets=(dice.randrange(32), dice.randrange(4)),
        lines=lines,
        reward=dice.choice(("", "", "R-7")),
        tender_purse=dice.choice((0, 0, POINTS, CREDIT)),
    )


class Noise:
    """Counters that stand anywhere, the same each time."""

    def value(self, key: CounterKey) -> int:
        """0 or 1."""
        return key.window % 2


@pytest.mark.parametrize(("rules", "seed"), [(5, 1), (20, 2), (60, 3), (200, 4), (600, 5)])
def test_index_and_no_index_agree(rules: int, seed: int) -> None:
    """Small tables take candidates as they are, large ones narrow them. Twice: from memory as well."""
    dice = random.Random(seed)
    rule_table = table(*(random_rule(dice, number) for number in range(rules)))
    requests = [random_facts(dice) for _ in range(150)]
    for request in requests + requests:
        assert evaluate(rule_table, request, Noise()) == explain(rule_table, request, Noise())[0]


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for very few plans the outcomes are the same."""
    for name, bound in (("PLANS_MAX", 3), ("NARROWED_MAX", 2), ("ENTRIES_MAX", 50)):
        monkeypatch.setattr(f"switch.rules.evaluator.index.{name}", bound)
    dice = random.Random(6)
    rule_table = table(*(random_rule(dice, number) for number in range(100)))
    for _ in range(200):
        request = random_facts(dice)
        assert evaluate(rule_table, request, Noise()) == explain(rule_table, request, Noise())[0]


def test_unnamed_values_share_a_plan() -> None:
    """10,000 terminals that no rule names are one to the index; an unknown one is another."""
    condition = one_of(TextDimension.TERMINAL, "T-1", operator=Operator.NOT_IN)
    evaluator = Evaluator(table(RULE._replace(condition=condition)))
    plans = evaluator._index._plans
    for number in range(2, 10_000):
        assert evaluator.evaluate(facts(terminal=f"T-{number}"), NONE).grants
    assert len(plans) == 1
    assert not evaluator.evaluate(facts(terminal=""), NONE).grants
    assert not evaluator.evaluate(facts(terminal="T-1"), NONE).grants
    assert len(plans) == 3


def test_an_evaluator_lives_as_long_as_its_table() -> None:
    """Made once for a table object."""
    one, other = table(RULE), table(RULE)
    assert evaluator_of(one) is evaluator_of(one)
    assert evaluator_of(one) is not evaluator_of(other)


@pytest.mark.parametrize("positions", [[], [0], [7, 8], [3, 64, 9_999], list(range(0, 3_000, 3)), [20_000]])
def test_sets_of_positions(positions: list[int]) -> None:
    """There and back, few and many."""
    assert bits_of(reversed(positions)) == sum(1 << position for position in positions)
    assert positions_of(bits_of(positions)) == positions


def _scoped(rules: int) -> RuleTable:
    """Three rules at each merchant."""
    return table(
        *(
            RULE._replace(rule_id=f"R-{number}", condition=one_of(TextDimension.MERCHANT, f"M{number // 3}"))
            for number in range(rules)
        )
    )


def _articles(rules: int) -> RuleTable:
    """Each rule for one article."""
    return table(
        *(
            RULE._replace(rule_id=f"R-{number}", basis=basis(BasisOf.LINES, include=(sku(f"A{number}"),)))
            for number in range(rules)
        )
    )


SCOPED = facts(merchant="M5")
BASKET = facts()._replace(lines=tuple(line(f"A{number}", 500) for number in range(3)))


@pytest.mark.parametrize(("make", "request_facts"), [(_scoped, SCOPED), (_articles, BASKET)])
def test_cost_hardly_depends_on_the_number_of_rules(make: object, request_facts: Facts) -> None:
    """Where 3 rules match, 3,000 rules take less than 6 times what 30 take; looking at each takes 100."""
    assert callable(make)
    times = []
    for rules in (30, 3_000):
        evaluator = Evaluator(make(rules))
        outcome: Outcome = evaluator.evaluate(request_facts, NONE)
        assert len(outcome.grants) == 3
        times.append(min(_seconds(evaluator, request_facts) for _ in range(7)))
    assert times[1] < 6 * times[0]


def _seconds(evaluator: Evaluator, request: Facts) -> float:
    start = process_time()
    for _ in range(200):
        evaluator.evaluate(request, NONE)
    return process_time() - start
