"""What the flat evaluator leaves to the plain one, and what it remembers."""

import pytest

from switch.rules.caps import CapOf, CapWindow, WindowKind
from switch.rules.caps import CapPer as Per
from switch.rules.conditions import ALWAYS, All, Condition, ItemTest, Not, Operator, SetTest
from switch.rules.facts import Facts, ItemDimension, NumberDimension, SetDimension, TextDimension
from switch.rules.flat.evaluator import FlatEvaluator
from switch.rules.flat.repeating import Repeating
from switch.rules.outcome import CounterKey, Party
from switch.rules.table import (
    BasisOf,
    Budget,
    CounterOf,
    DeclaredCounter,
    Funder,
    Kind,
    OnEmpty,
    TableRule,
    TimeWindow,
)
from tests.switch.rules.flat.evaluators import Both
from tests.switch.rules.sample_requests import Counters
from tests.switch.rules.tables import (
    COST,
    CREDIT,
    DAY,
    DENY,
    DISCOUNT,
    LIFETIME,
    NOON_S,
    POINTS,
    RATE,
    RULE,
    TENDER,
    at,
    basis,
    between,
    cap,
    counter_test,
    facts,
    fixed,
    line,
    one_of,
    table,
)

NONE = Counters()
HUGE = 1 << 60
DAY_S = 86_400


class Broken:
    """Counters that can't be read."""

    def value(self, key: CounterKey) -> int:
        """Never anything."""
        raise OSError("counters are gone")


class Full:
    """Counters that have counted more than anybody can."""

    def value(self, key: CounterKey) -> int:
        """More than 63 bits."""
        return 1 << 80


def _at(rule_id: str, merchant: str, **parts: object) -> TableRule:
    """A rule for one merchant."""
    placed = RULE._replace(rule_id=rule_id, condition=one_of(TextDimension.MERCHANT, merchant))
    return placed._replace(**parts)  # type: ignore[arg-type]  # each test names fields of TableRule


@pytest.mark.parametrize(
    "asked",
    [
        facts()._replace(trigger="visit"),
        facts()._replace(reward="R-1"),
        facts(amount=HUGE),
        facts(amount=-1),
        facts(amount=1 << 70),
        facts()._replace(sets=(1 << 256, 0)),
        facts()._replace(metrics={f"m{number}": 1 for number in range(17)}),
        facts()._replace(uplines=tuple(range(1, 12))),
        facts()._replace(balances={100: 1}),
        facts()._replace(lines=(line("tea", 1),) * 65),
        facts()._replace(lines=(line("tea", 1, 1, "", *"abcdefghi"),)),
        facts()._replace(lines=(line("tea", -1),)),
    ],
)
def test_other_requests_are_not_its_own(asked: Facts) -> None:
    assert FlatEvaluator(table(RULE)).evaluate(asked, NONE) is None


def test_a_rule_that_it_cannot_do_matters_only_where_it_matches() -> None:
    evaluator = FlatEvaluator(table(_at("A", "M1"), _at("B", "M2", effects=(fixed(HUGE),))))
    ours = evaluator.evaluate(facts(merchant="M1"), NONE)
    assert ours is not None
    assert [grant.rule_id for grant in ours.grants] == ["A"]
    assert evaluator.evaluate(facts(merchant="M2"), NONE) is None


def test_amounts_that_do_not_fit_are_left_to_the_plain_evaluator() -> None:
    evaluator = FlatEvaluator(table(RULE._replace(effects=(RATE._replace(give=10**12, per=1),))))
    assert evaluator.evaluate(facts(1_000), NONE) is not None
    assert evaluator.evaluate(facts(10**9), NONE) is None
    bounded = FlatEvaluator(table(RULE._replace(effects=(RATE._replace(give=10**12, per=1, maximum=7),))))
    outcome = bounded.evaluate(facts(10**9), NONE)
    assert outcome is not None
    assert [grant.granted for grant in outcome.grants] == [7]


def test_counters_that_do_not_fit_are_left_to_the_plain_evaluator() -> None:
    evaluator = FlatEvaluator(table(RULE._replace(caps=(cap(CapOf.UNITS, 50),))))
    assert evaluator.evaluate(facts(), Full()) is None


def test_what_counters_raise_is_raised() -> None:
    evaluator = FlatEvaluator(table(RULE._replace(caps=(cap(CapOf.UNITS, 50),))))
    with pytest.raises(OSError, match="counters are gone"):
        evaluator.evaluate(facts(), Broken())
    assert evaluator.evaluate(facts(), NONE) is not None


def test_a_counter_name_of_two_kinds_is_left_to_the_plain_evaluator() -> None:
    both_ways = (cap(CapOf.UNITS, 50), cap(CapOf.UNITS, 50, Per.CARD))
    evaluator = FlatEvaluator(table(_at("A", "M1", caps=both_ways[:1]), _at("B", "M2", caps=both_ways[1:])))
    assert evaluator.evaluate(facts(merchant="M1"), NONE) is not None
    assert evaluator.evaluate(facts(merchant="M2"), NONE) is None


def test_nine_payers_of_one_grant_are_left_to_the_plain_evaluator() -> None:
    funders = (Funder(Party.PROGRAMME, 0, 300), *[Funder(Party.PARTNER, each, 100) for each in range(1, 8)])
    budget = Budget("B", "budget/B", 60, False, OnEmpty.CONTINUE_UNFUNDED, funders)
    evaluator = FlatEvaluator(table(RULE._replace(budget=0), budgets=(budget,)))
    assert evaluator.evaluate(facts(10_000), NONE) is None
    both = Both()
    both.evaluators(table(RULE._replace(budget=0), budgets=(budget,))).evaluate(facts(6_000), NONE)
    assert both.native == 1


def test_more_grants_than_an_outcome_holds_are_left_to_the_plain_evaluator() -> None:
    def evaluator(count: int) -> FlatEvaluator:
        return FlatEvaluator(table(*[RULE._replace(rule_id=f"R-{number:03}") for number in range(count)]))

    outcome = evaluator(250).evaluate(facts(), NONE)
    assert outcome is not None
    assert len(outcome.grants) == 250
    assert evaluator(251).evaluate(facts(), NONE) is None


def test_days_and_hours_that_are_no_longer_remembered_are_worked_out_again() -> None:
    both, counters = Both(), Counters()
    rolling = cap(CapOf.UNITS, 500, window=CapWindow(WindowKind.ROLLING, 30))
    visits = DeclaredCounter("visits", "counter/visits", CounterOf.VISITS, "", Per.MEMBER, DAY, ALWAYS)
    pair = both.evaluators(
        table(
            RULE._replace(caps=(rolling, cap(CapOf.USES, 2, window=DAY))),
            RULE._replace(rule_id="R-2", condition=counter_test(0, 2)),
            counters=(visits,),
        )
    )
    for step in range(400):
        at_s = NOON_S + step * 37 % 200 * DAY_S + step % 5 * 3600
        outcome = pair.evaluate(facts(at_s=at_s), counters)
        counters.add(outcome.counter_moves)
    assert both.native == 400


def test_plans_that_are_forgotten_are_made_again() -> None:
    """There are more than 8,192. Later merchants have more rules: their plans take the room of others."""
    both = Both()
    rules = [
        RULE._replace(rule_id=f"{copy}-{number:03}", condition=one_of(dimension, f"{number}"))
        for number in range(97)
        for dimension in (TextDimension.MERCHANT, TextDimension.CITY)
        for copy in range(1 if dimension == TextDimension.CITY or number < 84 else 6)
    ]
    rules = [rule._replace(rule_id=f"{rule.rule_id}-{place}") for place, rule in enumerate(rules)]
    pair = both.evaluators(table(*rules))
    for merchant in (*range(97), *reversed(range(97))):
        for city in range(97):
            pair.evaluate(facts(merchant=f"{merchant}", city=f"{city}"), NONE)
    assert both.native == 2 * 97 * 97


def test_every_way_to_a_rule_leads_to_it() -> None:
    """More rules than a text leads to quickly: by article, by segments, by agreement and by plan."""
    both = Both()
    tests: list[Condition] = [
        ItemTest(ItemDimension.SKU, Operator.ANY_LINE, ("tea",)),
        ItemTest(ItemDimension.LABEL, Operator.ALL_LINES, ("promo", "fresh")),
        SetTest(SetDimension.SEGMENT, Operator.HAS_ALL, 1 | 1 << 255),
        SetTest(SetDimension.AGREEMENT, Operator.HAS_ANY, 0b110),
        one_of(TextDimension.TIER, "gold", "silver"),
        Not(one_of(TextDimension.TIER, "gold", operator=Operator.NOT_IN)),
    ]
    pair = both.evaluators(
        table(
            *[
                RULE._replace(rule_id=f"R-{number:03}", condition=tests[number % len(tests)])
                for number in range(40 * len(tests))
            ]
        )
    )
    granted = set()
    for tier in ("", "gold", "lead"):
        for sets in ((0, 0), (1, 2), (1 | 1 << 255, 4)):
            for lines in ((), (line("tea", 5, 1, "", "promo"),), (line("tea", 5), line("rice", 5))):
                asked = facts(tier=tier)._replace(sets=sets, lines=lines)
                granted.add(len(pair.evaluate(asked, NONE).grants))
    assert both.native == both.purchases
    assert {0, 40, 200} <= granted


def test_every_amount_finds_its_rules_in_a_long_plan() -> None:
    both = Both()
    bounds = [
        between(NumberDimension.AMOUNT, 10 * number or None, 10 * number + 25 if number % 7 else None)
        for number in range(100)
    ]
    pair = both.evaluators(
        table(
            *[RULE._replace(rule_id=f"R-{number:03}", condition=bound) for number, bound in enumerate(bounds)]
        )
    )
    for amount in (None, *range(1_100)):
        pair.evaluate(facts(amount), NONE)
    assert both.native == 1_101


def test_every_minute_about_the_edges_of_hours() -> None:
    both = Both()
    hours = (TimeWindow(0b0000101, 1_320, 125), TimeWindow(0b1000000, 610, 1_440), TimeWindow(0b10, 0, 0))
    pair = both.evaluators(
        table(*[RULE._replace(rule_id=f"R-{number}", windows=hours[number:]) for number in range(3)])
    )
    edges = {minute for _, *edges in hours for minute in edges}
    for day in range(8):
        for minute in sorted(edges):
            for aside_s in (-1, 0, 59, 60):
                at_s = at("2026-05-02T00:00") + day * DAY_S + minute * 60 + aside_s
                pair.evaluate(facts(at_s=at_s), NONE)
    assert both.native == both.purchases


@pytest.mark.parametrize("amount", [5_900, 6_000, 6_100, 6_200])
def test_what_a_budget_does_not_fund_the_programme_pays(amount: int) -> None:
    both = Both()
    funders = (Funder(Party.MERCHANT, 0, 333), Funder(Party.PARTNER, 8, 667))
    budget = Budget("B", "budget/B", 60, False, OnEmpty.CONTINUE_UNFUNDED, funders)
    pair = both.evaluators(table(RULE._replace(budget=0), budgets=(budget,)))
    (grant,) = pair.evaluate(facts(amount), NONE).grants
    assert sum(part.amount for part in grant.funding) == grant.granted == amount // 100
    assert both.native == 1


def test_a_basket_of_all_lines_is_selected_whole() -> None:
    both = Both()
    lines = tuple(line(f"a{number}", number) for number in range(64))
    pair = both.evaluators(table(RULE._replace(basis=basis(BasisOf.LINES))))
    (grant,) = pair.evaluate(facts()._replace(lines=lines), NONE).grants
    assert (grant.lines, grant.basis, both.native) == ((1 << 64) - 1, sum(range(64)), 1)


def test_gates_discounts_costs_and_tender_stand_in_their_order() -> None:
    both = Both()
    tender = RULE._replace(
        rule_id="T", kind=Kind.BURN, triggers=("burn_request",), effects=(TENDER,), member_text_en="paid"
    )
    discount = RULE._replace(
        rule_id="D", kind=Kind.DISCOUNT, effects=(DISCOUNT, COST._replace(give=3)), member_text_en="off"
    )
    gift = RULE._replace(rule_id="G", kind=Kind.GIFT, effects=(fixed(2), COST._replace(give=4)))
    gate = RULE._replace(
        rule_id="A", kind=Kind.GATE, effects=(DENY,), caps=(cap(CapOf.USES, 1, window=LIFETIME),)
    )
    pair = both.evaluators(table(tender, discount, gift, gate))
    asked = facts()._replace(balances={POINTS: 100}, tender_purse=POINTS, tender_amount=500)
    outcome = pair.evaluate(asked, NONE)
    assert [cost.granted for cost in outcome.costs] == [3, 4]
    assert (outcome.discount, outcome.tendered, outcome.net_amount) == (100, 500, 9400)
    assert outcome.texts == (("", "off"), ("", "paid"))
    counted = Counters()
    counted.add(outcome.counter_moves)
    refused = pair.evaluate(asked, counted).refusal
    assert refused is not None
    assert (refused.rule_id, refused.text_en) == ("A", "no")
    assert both.native == 2


@pytest.mark.parametrize(
    "condition",
    [
        All(()),
        SetTest(SetDimension.SEGMENT, Operator.HAS_ANY, 1),
        ItemTest(ItemDimension.SKU, Operator.ANY_LINE, ("tea",)),
    ],
)
def test_a_gate_of_redeeming_looks_at_what_is_paid_from_any_purse(condition: Condition) -> None:
    both = Both()
    tender = RULE._replace(rule_id="T", kind=Kind.BURN, triggers=("burn_request",), effects=(TENDER,))
    gate = RULE._replace(
        rule_id="A", kind=Kind.GATE, triggers=("burn_request",), effects=(DENY,), condition=condition
    )
    pair = both.evaluators(table(tender, gate))
    asked = facts()._replace(balances={POINTS: 100}, sets=(1, 0), lines=(line("tea", 10_000),))
    for purse, amount, refusing in ((0, None, None), (POINTS, 500, "A"), (CREDIT, 500, "A")):
        refusal = pair.evaluate(asked._replace(tender_purse=purse, tender_amount=amount), NONE).refusal
        assert (refusal and refusal.rule_id) == refusing
    other = asked._replace(tender_purse=POINTS, tender_amount=500, sets=(0, 0), lines=())
    assert (pair.evaluate(other, NONE).refusal is None) == (condition != All(()))
    assert both.native == 4


@pytest.mark.parametrize("amount", [None, 10_000, 9_900, 9_999, 500])
def test_the_step_of_a_tender_does_not_bind_who_pays_all(amount: int | None) -> None:
    both = Both()
    tender = TENDER._replace(step=7)
    rule = RULE._replace(kind=Kind.BURN, triggers=("burn_request",), effects=(tender,))
    pair = both.evaluators(table(rule))
    outcome = pair.evaluate(facts()._replace(tender_purse=POINTS, tender_amount=amount), NONE)
    assert (outcome.refusal is None) == (amount in (None, 10_000))
    assert both.native == 1


def test_texts_of_requests_are_not_kept() -> None:
    evaluator = FlatEvaluator(table(_at("A", "M1")))
    unknown = evaluator.evaluate(facts(merchant="nobody has this name"), NONE)
    assert unknown is not None
    assert unknown.grants == ()


def test_repeating_decides_what_it_was_given() -> None:
    evaluator = FlatEvaluator(table(_at("A", "M1"), _at("B", "M2", effects=(fixed(HUGE),))))
    repeating = Repeating(evaluator, [facts(merchant="M1"), facts(merchant="M3")])
    assert repeating.decide(5) == 3
    assert repeating.decide(1) == 0
    with pytest.raises(ValueError, match="isn't one for the flat evaluator"):
        Repeating(evaluator, [facts(amount=1 << 70)])
    with pytest.raises(ValueError, match="isn't one for the flat evaluator"):
        Repeating(evaluator, [facts(merchant="M2")]).decide(1)
    with pytest.raises(ValueError, match="must be a request"):
        Repeating(evaluator, [])


def test_times_before_the_epoch_of_the_local_clock() -> None:
    both = Both()
    pair = both.evaluators(
        table(RULE._replace(caps=(cap(CapOf.USES, 1, window=DAY),)), time_zone="America/Havana")
    )
    for at_s in (0, 3600 * 5, at("1970-01-02T00:00")):
        pair.evaluate(facts(at_s=at_s), NONE)
    assert both.native == 3
