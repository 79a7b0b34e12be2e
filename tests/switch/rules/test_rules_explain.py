"""Explanations: one trace for each rule, naming the test that failed with what was wanted and found."""

import pytest

from switch.rules.caps import CapOf as Of
from switch.rules.caps import CapPer as Per
from switch.rules.caps import Limit
from switch.rules.conditions import (
    ALWAYS,
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
from switch.rules.evaluator import Trace, Verdict, evaluate, explain
from switch.rules.facts import Facts, ItemDimension, NumberDimension, SetDimension, TextDimension
from switch.rules.outcome import EffectType, Party
from switch.rules.table import (
    BasisOf,
    Budget,
    CounterOf,
    DeclaredCounter,
    ExpiryModel,
    Funder,
    Kind,
    OnEmpty,
    StackGroup,
    StackMode,
    TableRule,
    TimeWindow,
)
from tests.switch.rules.tables import (
    BASE_GROUP,
    COST,
    CREDIT,
    DENY,
    DISCOUNT,
    EFFECT,
    LIFETIME,
    NEVER,
    NOON_S,
    POINTS,
    RULE,
    TENDER,
    Counters,
    basis,
    between,
    cap,
    counter_test,
    facts,
    fixed,
    line,
    multiplier,
    one_of,
    sku,
    table,
)

NONE = Counters()
AMOUNT = NumberDimension.AMOUNT
TIER = TextDimension.TIER
DAY = NOON_S // 86_400


def why(rule: TableRule, request: Facts | None = None) -> tuple[Verdict, str]:
    """Verdict and English words on a rule in a table of its own."""
    visits = DeclaredCounter("visits", "counter:visits", CounterOf.VISITS, "", Per.MEMBER, LIFETIME, ALWAYS)
    outcome, (trace,) = explain(table(rule, counters=(visits,)), request or facts(), NONE)
    assert outcome == evaluate(table(rule, counters=(visits,)), request or facts(), NONE)
    assert (trace.rule_id, trace.version) == (rule.rule_id, rule.version)
    assert trace.detail_fa
    return trace.verdict, trace.detail_en


GIFT = RULE._replace(kind=Kind.GIFT)
OFF = RULE._replace(kind=Kind.DISCOUNT, effects=(DISCOUNT._replace(give=10),))
GATE = RULE._replace(kind=Kind.GATE, effects=(DENY,))
EXPIRED = EFFECT._replace(expiry=NEVER._replace(model=ExpiryModel.FIXED, until_s=5))


@pytest.mark.parametrize(
    ("rule", "verdict", "detail"),
    [
        (RULE, Verdict.GRANTED, "100 points (in full)"),
        (OFF, Verdict.GRANTED, "1000 discount (in full)"),
        (RULE._replace(triggers=("visit",)), Verdict.NOT_TRIGGERED, "Trigger is purchase; wanted visit"),
        (
            GIFT._replace(triggers=("burn_request",)),
            Verdict.NOT_TRIGGERED,
            "The request doesn't ask for this rule or its purse",
        ),
        (
            RULE._replace(valid_from_s=NOON_S + 9),
            Verdict.NOT_VALID,
            f"Valid from second {NOON_S + 9} on; it is {NOON_S}",
        ),
        (
            RULE._replace(valid_until_s=NOON_S),
            Verdict.NOT_VALID,
            f"Valid until second {NOON_S}; it is {NOON_S}",
        ),
        (
            RULE._replace(windows=(TimeWindow(0b11, 960, 1080),)),
            Verdict.OUT_OF_WINDOW,
            "It is Tue 12:00; wanted Sat Sun 16:00-18:00",
        ),
        (RULE._replace(blackout=((DAY, DAY),)), Verdict.OUT_OF_WINDOW, "The rule rests on 20260505"),
        (RULE._replace(agreements=6), Verdict.AGREEMENT, "Agreement of bit 1, 2 is missing"),
        (
            RULE._replace(statuses=("active",)),
            Verdict.MEMBER_STATUS,
            "Member status is unknown; wanted active",
        ),
        (RULE._replace(requires=("R-9",)), Verdict.REQUIRES, "Requires R-9, which doesn't apply"),
        (
            GIFT._replace(effects=(fixed(1), COST._replace(give=50, purse=CREDIT))),
            Verdict.BALANCE,
            "Balance of credit is 0; it costs 50",
        ),
        (GATE, Verdict.REFUSED, "Refused the request with code 57"),
        (GATE._replace(caps=(cap(Of.USES, 1),)), Verdict.PASSED, "The gate let the request pass"),
        (RULE._replace(caps=(cap(Of.USES, 0),)), Verdict.CAP, "The cap of uses is 0; 0 counted before"),
        (RULE._replace(caps=(cap(Of.UNITS, 30),)), Verdict.CLIPPED, "30 points (the rule's cap)"),
        (RULE._replace(caps=(cap(Of.UNITS, 0),)), Verdict.CAP, "0 points (the rule's cap)"),
        (RULE._replace(basis=basis(BasisOf.LINES)), Verdict.NOTHING, "The basis is 0"),
        (RULE._replace(effects=(multiplier(2),)), Verdict.NOTHING, "A basis of 10000 comes to 0"),
        (
            RULE._replace(effects=(EFFECT._replace(minimum=101),)),
            Verdict.NOTHING,
            "Comes to 100; the minimum is 101",
        ),
        (RULE._replace(effects=(EXPIRED,)), Verdict.NOTHING, "What it gives has expired already"),
        (RULE._replace(kind=Kind.CONVERT, triggers=("purchase",)), Verdict.NOT_REACHED, "Not looked at: "),
    ],
)
def test_verdicts(rule: TableRule, verdict: Verdict, detail: str) -> None:
    """Each reason why a rule gives nothing, less or everything."""
    found, words = why(rule)
    assert found == verdict
    assert words == detail or (verdict == Verdict.NOT_REACHED and words.startswith(detail))


HEAVY = NumberTest(NumberSource.METRIC, 0, "weight", Operator.BETWEEN, 5, 5)
RICH = NumberTest(NumberSource.BALANCE, POINTS, "", Operator.BETWEEN, 1, 9)


@pytest.mark.parametrize(
    ("condition", "detail"),
    [
        (one_of(TIER, "gold", "platinum"), "tier is silver; wanted one of gold, platinum"),
        (one_of(TIER, "silver", operator=Operator.NOT_IN), "tier is silver; wanted none of silver"),
        (TextTest(TextDimension.CITY, Operator.EXISTS, ()), "city is unknown; wanted known"),
        (between(AMOUNT, 20_000), "amount is 10000; wanted at least 20000"),
        (between(AMOUNT, None, 5), "amount is 10000; wanted at most 5"),
        (
            NumberTest(NumberSource.FACT, 0, "", Operator.NOT_EQUAL, 10_000, None),
            "amount is 10000; wanted other than 10000",
        ),
        (
            NumberTest(NumberSource.FACT, 5, "", Operator.EXISTS, None, None),
            "days_since_last is unknown; wanted known",
        ),
        (HEAVY, "metric.weight is unknown; wanted 5"),
        (RICH, "balance.91 is 0; wanted 1 to 9"),
        (counter_test(0, 4), "counter.visits is 0; wanted at least 4"),
        (SetTest(SetDimension.SEGMENT, Operator.HAS_ANY, 1), "segment is far; wanted one of vip"),
        (
            SetTest(SetDimension.SEGMENT, Operator.HAS_ALL, 1 | 1 << 255),
            "segment is far; wanted all of vip, far",
        ),
        (SetTest(SetDimension.AGREEMENT, Operator.EXISTS, 0), "agreement is none; wanted known"),
        (sku("salt"), "item.sku is tea; wanted a line of salt"),
        (
            ItemTest(ItemDimension.CATEGORY, Operator.ALL_LINES, ("home",)),
            "item.category is food; wanted all lines of home",
        ),
        (
            ItemTest(ItemDimension.LABEL, Operator.ANY_LINE, ("promo",)),
            "item.label is none; wanted a line of promo",
        ),
        # The first part that fails; of alternatives all; what must not hold.
        (
            All(
                (
                    one_of(TIER, "silver"),
                    All((between(AMOUNT, 1), between(AMOUNT, 30_000))),
                    one_of(TIER, "x"),
                )
            ),
            "amount is 10000; wanted at least 30000",
        ),
        (
            AnyOf((one_of(TIER, "gold"), All((between(AMOUNT, 1), between(AMOUNT, 30_000))))),
            "None holds: [tier is silver; wanted one of gold | amount is 10000; wanted at least 30000]",
        ),
        (Not(one_of(TIER, "silver")), "Must not hold: [tier is silver; wanted one of silver]"),
        (
            Not(AnyOf((one_of(TIER, "silver"), Not(All((between(AMOUNT, 1), sku("tea"))))))),
            "Must not hold: [tier is silver; wanted one of silver or "
            "Must not hold: [amount is 10000; wanted at least 1 and item.sku is tea; wanted a line of tea]]",
        ),
    ],
)
def test_conditions(condition: Condition, detail: str) -> None:
    """The test that failed in words."""
    request = facts(tier="silver")._replace(sets=(1 << 255, 0), lines=(line("tea", 5, 1, "food"),))
    assert why(RULE._replace(condition=condition), request) == (Verdict.CONDITION, detail)


def test_words_in_persian() -> None:
    """The same in the club's first language."""
    _, (trace,) = explain(table(RULE._replace(condition=one_of(TIER, "gold"))), facts(tier="silver"), NONE)
    assert trace.detail_fa == "سطح silver است؛ باید یکی از gold باشد"


def test_every_rule_has_a_trace_in_table_order() -> None:
    """What rules do to each other, and to a budget and a limit."""
    budget = Budget("B", "budget:B", 40, False, OnEmpty.STOP, (Funder(Party.PROGRAMME, 0, 1000),))
    one = RULE._replace(group=1)
    rules = table(
        RULE._replace(rule_id="A", priority=900, excludes=("B",)),
        RULE._replace(rule_id="B", version=3),
        one._replace(rule_id="C", effects=(fixed(5),)),
        one._replace(rule_id="D", effects=(fixed(9),)),
        RULE._replace(rule_id="E", budget=0),
        RULE._replace(rule_id="F", effects=(fixed(7, CREDIT), fixed(8)), stop_after=True),
        RULE._replace(rule_id="G"),
        groups=(BASE_GROUP, StackGroup("one", StackMode.BEST_FOR_MEMBER)),
        budgets=(budget,),
        limits=(Limit(CREDIT, cap(Of.UNITS, 3)),),
    )
    outcome, traces = explain(rules, facts(), NONE)
    assert outcome == evaluate(rules, facts(), NONE)
    assert [
        (trace.rule_id, trace.version, trace.verdict, trace.desired, trace.granted) for trace in traces
    ] == [
        ("A", 1, Verdict.GRANTED, 100, 100),
        ("B", 3, Verdict.EXCLUDED, 0, 0),
        ("C", 1, Verdict.STACK, 0, 0),
        ("D", 1, Verdict.GRANTED, 9, 9),
        ("E", 1, Verdict.CLIPPED, 100, 40),
        ("F", 1, Verdict.CLIPPED, 15, 11),
        ("G", 1, Verdict.STOPPED, 0, 0),
    ]
    assert [trace.detail_en for trace in traces] == [
        "100 points (in full)",
        "Excluded by A",
        "D counts in its group",
        "9 points (in full)",
        "40 points (the budget is used up)",
        "3 credit (the purse's limit); 8 points (in full)",
        "F lets no further rule follow",
    ]


def test_tender() -> None:
    """The rule that paid, the one not looked at; and a refusal, after which nothing is."""
    burn = RULE._replace(kind=Kind.BURN, triggers=("burn_request",), effects=(TENDER._replace(maximum=150),))
    rules = table(burn._replace(rule_id="B-1"), burn._replace(rule_id="B-2"), RULE._replace(rule_id="E-1"))
    request = facts()._replace(tender_purse=POINTS)
    _, paid = explain(rules, request, NONE)
    assert [(trace.verdict, trace.granted) for trace in paid] == [
        (Verdict.GRANTED, 100),
        (Verdict.NOT_REACHED, 0),
        (Verdict.NOTHING, 0),
    ]
    refused = explain(rules, facts(20_000)._replace(tender_purse=POINTS), NONE)[1]
    assert [trace.verdict for trace in refused] == [Verdict.REFUSED, Verdict.NOT_REACHED, Verdict.NOT_REACHED]
    assert refused[0].detail_en == "Refused the request with code 61"


def test_a_conversion() -> None:
    """What was given into the other purse."""
    rule = RULE._replace(kind=Kind.CONVERT, triggers=("conversion",))
    effect = EFFECT._replace(type=EffectType.CONVERT, target=CREDIT, give=1, per=10)
    request = facts(None)._replace(
        trigger="conversion", tender_purse=POINTS, tender_units=40, reward=str(CREDIT)
    )
    _, (trace,) = explain(table(rule._replace(effects=(effect,))), request, NONE)
    assert trace == Trace("R-1", 1, Verdict.GRANTED, "4 credit (کامل)", "4 credit (in full)", 4, 4)
    _, (trace,) = explain(table(rule._replace(effects=(effect,))), request._replace(tender_units=9), NONE)
    assert (trace.verdict, trace.detail_en) == (Verdict.REFUSED, "Refused the request with code 13")
