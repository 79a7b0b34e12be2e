"""Gates, discounts, paying from a purse. All amounts are worked out by hand."""

import pytest

from switch.rules.caps import Cap, CapOf, CapPer
from switch.rules.evaluator import evaluate
from switch.rules.facts import Facts, NumberDimension
from switch.rules.outcome import (
    NEVER_S,
    CounterKey,
    CounterMove,
    EffectType,
    Funding,
    Grant,
    GrantReason,
    Outcome,
    Party,
    Refusal,
    ReturnPolicy,
)
from switch.rules.table import (
    Band,
    BasisOf,
    CalcMode,
    Effect,
    Kind,
    Rounding,
    StackGroup,
    StackMode,
    TableRule,
)
from tests.switch.rules.tables import (
    BASE_GROUP,
    COST,
    CREDIT,
    DAY,
    DENY,
    DISCOUNT,
    POINTS,
    RULE,
    TENDER,
    Counters,
    basis,
    between,
    cap,
    facts,
    granted,
    key,
    line,
    sku,
    table,
)

NONE = Counters()
GATE = RULE._replace(rule_id="G-1", kind=Kind.GATE, effects=(DENY,))
PIN = DENY._replace(type=EffectType.REQUIRE_PIN, response_code="70", text_fa="رمز", text_en="PIN")
USES, SPENT = cap(CapOf.USES, 3), cap(CapOf.AMOUNT, 50_000)


def refusal(rule: TableRule, request: Facts, counters: Counters = NONE) -> str:
    """The code with which a gate, followed by an earning, refuses; empty if it doesn't."""
    outcome = evaluate(table(rule, RULE._replace(rule_id="E-1")), request, counters)
    if outcome.refusal is None:
        assert granted(outcome) == [("E-1", 100)]
        return ""
    assert outcome == Outcome(outcome.refusal, 10_000, 0, 0, 10_000, (), (), None, (), (), ())
    return outcome.refusal.response_code


@pytest.mark.parametrize(
    ("caps", "counters", "code"),
    [
        ((), {}, "57"),
        ((USES,), {key("cap/USES"): 2}, ""),
        ((USES,), {key("cap/USES"): 3}, "57"),
        ((SPENT,), {key("cap/AMOUNT"): 40_000}, ""),
        ((SPENT,), {key("cap/AMOUNT"): 40_001}, "57"),
        ((USES, SPENT), {key("cap/AMOUNT"): 40_001}, "57"),
        ((cap(CapOf.AMOUNT, 9_999, CapPer.TRANSACTION),), {}, "57"),
        ((cap(CapOf.AMOUNT, 10_000, CapPer.TRANSACTION),), {}, ""),
        ((cap(CapOf.USES, 0, CapPer.TRANSACTION),), {}, "57"),
    ],
)
def test_gates(caps: tuple[Cap, ...], counters: dict[CounterKey, int], code: str) -> None:
    """Without caps a gate always triggers, with caps where one of them would be broken."""
    assert refusal(GATE._replace(caps=caps), facts(), Counters(counters)) == code


@pytest.mark.parametrize(
    ("effects", "has_pin", "code"),
    [((PIN,), False, "70"), ((PIN,), True, ""), ((PIN, DENY), True, "57"), ((DENY, PIN), False, "57")],
)
def test_gates_that_ask_for_a_pin(effects: tuple[Effect, ...], has_pin: bool, code: str) -> None:
    """The first effect that refuses decides."""
    assert refusal(GATE._replace(effects=effects), facts()._replace(has_pin=has_pin)) == code


def test_the_first_refusing_gate_answers() -> None:
    """With its code and its texts; a gate that doesn't match isn't asked."""
    rich = between(NumberDimension.AMOUNT, 20_000)
    rules = table(
        GATE._replace(condition=rich),
        GATE._replace(rule_id="G-2", version=4, effects=(PIN,)),
        GATE._replace(rule_id="G-3"),
    )
    assert evaluate(rules, facts(), NONE).refusal == Refusal("G-2", 4, "70", "رمز", "PIN")


def test_gates_that_let_pass_count() -> None:
    """One use and the amount, each gate that was kept; also where the PIN was there."""
    gate = GATE._replace(caps=(USES, SPENT))
    pin = GATE._replace(rule_id="G-2", effects=(PIN,), caps=(USES._replace(counter="pin", limit=0),))
    outcome = evaluate(table(gate, pin), facts()._replace(has_pin=True), NONE)
    assert outcome.counter_moves == (
        CounterMove(key("cap/AMOUNT"), 10_000, True, False),
        CounterMove(key("cap/USES"), 1, True, True),
        CounterMove(key("pin"), 1, True, True),
    )


OFF = RULE._replace(rule_id="D-1", kind=Kind.DISCOUNT, effects=(DISCOUNT._replace(give=10),))
TEA = (line("tea", 3_000, 2), line("rice", 7_000))


BANDED = DISCOUNT._replace(mode=CalcMode.BANDED, bands=(Band(5_000, 200, 0), Band(9_000, 5, 100)))


@pytest.mark.parametrize(
    ("effect", "amount", "discount"),
    [
        (DISCOUNT._replace(give=10), 9_999, 999),
        (DISCOUNT._replace(give=10, rounding=Rounding.HALF_UP), 9_995, 1_000),
        (DISCOUNT._replace(give=10, rounding=Rounding.HALF_UP), 9_994, 999),
        (DISCOUNT._replace(give=10, rounding=Rounding.CEIL), 9_991, 1_000),
        (DISCOUNT._replace(mode=CalcMode.FIXED, give=1_500, per=0), 9_999, 1_500),
        (DISCOUNT._replace(mode=CalcMode.FIXED, give=1_500, per=0), 1_000, 1_000),  # no more than the bill
        (DISCOUNT._replace(give=10, maximum=500), 9_999, 500),
        (DISCOUNT._replace(give=10, minimum=1_000), 9_999, 0),
        (DISCOUNT._replace(give=10, minimum=999), 9_999, 999),
        (BANDED, 4_999, 0),
        (
            DISCOUNT._replace(mode=CalcMode.BANDED, bands=(Band(5_000, 200, 0), Band(9_000, 5, 100))),
            8_999,
            200,
        ),
        (
            DISCOUNT._replace(mode=CalcMode.BANDED, bands=(Band(5_000, 200, 0), Band(9_000, 5, 100))),
            9_000,
            450,
        ),
    ],
)
def test_discounts(effect: Effect, amount: int, discount: int) -> None:
    """What is taken off the bill."""
    outcome = evaluate(table(OFF._replace(effects=(effect,))), facts(amount), NONE)
    assert (outcome.amount, outcome.discount, outcome.net_amount) == (amount, discount, amount - discount)


def test_a_discount_as_a_grant() -> None:
    """Ten per cent of the tea: 300; the programme pays."""
    rule = OFF._replace(basis=basis(BasisOf.NET_AFTER_BURN, include=(sku("tea"),)), version=3)
    rule = rule._replace(member_text_fa="تخفیف چای", member_text_en="Tea is cheaper")
    outcome = evaluate(table(rule), facts()._replace(lines=TEA), NONE)
    assert outcome.discounts == (
        Grant(
            rule_id="D-1",
            version=3,
            effect_index=0,
            type=EffectType.DISCOUNT,
            purse=0,
            party=Party.MEMBER,
            number=7,
            desired=300,
            granted=300,
            reason=GrantReason.GRANTED,
            basis=3_000,
            lines=0b01,
            available_from_s=0,
            expires_at_s=NEVER_S,
            reference="",
            on_return=ReturnPolicy.PRO_RATA,
            allow_negative=True,
            restore_budget=True,
            funding=(Funding(Party.PROGRAMME, 1, 300),),
        ),
    )
    assert outcome.texts == (("تخفیف چای", "Tea is cheaper"),)


def test_lines_above_the_bill_count_in_full_for_a_discount() -> None:
    """The tea says 30,000 on a bill of 10,000 (a deposit was paid before): 10 % are 3,000, not 1,000."""
    rule = OFF._replace(basis=basis(BasisOf.NET_AFTER_BURN, include=(sku("tea"),)))
    outcome = evaluate(table(rule), facts()._replace(lines=(line("tea", 30_000),)), NONE)
    assert outcome.discount == 3_000


def test_discounts_never_exceed_the_bill() -> None:
    """60 % and 60 %: the second gets what is left; its cap counts what it granted, its cost is due."""
    half = DISCOUNT._replace(give=60)
    cost = COST._replace(give=50)
    rules = table(
        OFF._replace(effects=(half,)),
        OFF._replace(rule_id="D-2", effects=(half, cost), caps=(cap(CapOf.UNITS, 9_000),)),
        OFF._replace(rule_id="D-3", effects=(half, cost), caps=(cap(CapOf.USES, 9),)),
    )
    outcome = evaluate(rules, facts()._replace(balances={POINTS: 50}), NONE)
    assert [(grant.desired, grant.granted, grant.reason) for grant in outcome.discounts] == [
        (6_000, 6_000, GrantReason.GRANTED),
        (6_000, 4_000, GrantReason.BILL),
        (6_000, 0, GrantReason.BILL),
    ]
    assert [(grant.rule_id, grant.purse, grant.granted) for grant in outcome.costs] == [("D-2", POINTS, 50)]
    assert outcome.counter_moves == (CounterMove(key("cap/UNITS"), 4_000, True, False),)
    assert outcome.discounts[2].funding == ()


@pytest.mark.parametrize(
    ("mode", "kept"),
    [
        (StackMode.SUM, ["D-1", "D-2", "D-3"]),
        (StackMode.BEST_FOR_MEMBER, ["D-2"]),
        (StackMode.BEST_FOR_OWNER, ["D-1"]),
        (StackMode.FIRST, ["D-1"]),
    ],
)
def test_discounts_in_a_group(mode: StackMode, kept: list[str]) -> None:
    """100, 300 and 300: a tie goes to the rule that stands earlier."""
    rules = [
        OFF._replace(rule_id=f"D-{index}", group=1, effects=(DISCOUNT._replace(give=give),))
        for index, give in ((1, 1), (2, 3), (3, 3))
    ]
    outcome = evaluate(table(*rules, groups=(BASE_GROUP, StackGroup("best", mode))), facts(), NONE)
    assert [grant.rule_id for grant in outcome.discounts] == kept


@pytest.mark.parametrize(
    ("trigger", "purse", "reward", "is_refused"),
    [
        ("purchase", 0, "", False),
        ("purchase", POINTS, "", True),
        ("purchase", 77, "", True),
        ("purchase", 0, "R-9", True),
        ("burn_request", 0, "R-9", True),
        ("visit", POINTS, "", False),
        ("conversion", POINTS, "91", False),
    ],
)
def test_a_gate_of_redeeming(trigger: str, purse: int, reward: str, is_refused: bool) -> None:
    """Whatever is paid from a purse or claimed as a reward, and nothing else."""
    gate = RULE._replace(rule_id="A", kind=Kind.GATE, triggers=("burn_request",), effects=(DENY,))
    request = facts()._replace(trigger=trigger, tender_purse=purse, reward=reward)
    refusal = evaluate(table(gate), request, NONE).refusal
    assert (refusal is not None and refusal.rule_id == "A") is is_refused


BURN = RULE._replace(rule_id="B-1", kind=Kind.BURN, triggers=("burn_request",))
# A point pays 1,000 rial: one unit for every 1,000.
POINT = TENDER._replace(give=1, per=1_000)


def tendered(effect: Effect, *, amount: int | None = None, units: int | None = None) -> tuple[int, int] | str:
    """Part of a bill of 10,000 and units that pay it, or the code of the refusal."""
    request = facts()._replace(tender_purse=POINTS, tender_amount=amount, tender_units=units)
    outcome = evaluate(table(BURN._replace(effects=(effect,)), RULE), request, NONE)
    if outcome.tender is None:
        assert outcome.refusal is not None
        assert outcome.refusal[:2] + outcome.refusal[3:] == ("B-1", 1, "", "")
        assert outcome.net_amount == 10_000
        return outcome.refusal.response_code
    assert outcome.tender.basis == outcome.tendered
    assert outcome.net_amount == 10_000 - outcome.tendered
    return outcome.tendered, outcome.tender.granted


@pytest.mark.parametrize(
    ("effect", "amount", "units", "expected"),
    [
        # All of it: 10,000 for 10 units; at 3 for 1,000 it is 30; at 1 for 3,000 it is 4, rounded up.
        (POINT, None, None, (10_000, 10)),
        (POINT._replace(give=3), None, None, (10_000, 30)),
        (POINT._replace(per=3_000), None, None, (10_000, 4)),
        # An amount of the bill.
        (POINT, 2_500, None, (2_500, 3)),
        (POINT, 10_000, None, (10_000, 10)),
        (POINT, 10_001, None, "13"),
        (POINT, 0, None, "13"),
        # Units: rounded down to what they pay; no more are taken than the bill needs.
        (POINT, None, 4, (4_000, 4)),
        (POINT._replace(give=3), None, 4, (1_333, 4)),
        (POINT, None, 10, (10_000, 10)),
        (POINT, None, 99, (10_000, 10)),
        (POINT._replace(per=3_000), None, 4, (10_000, 4)),
        (POINT, None, 0, "13"),
        (TENDER._replace(give=100, per=1), None, 99, "13"),  # less than one rial
        # In steps of 5, or to the end of the bill.
        (POINT._replace(step=5), None, 5, (5_000, 5)),
        (POINT._replace(step=5), None, 6, "13"),
        (POINT._replace(step=7), None, None, (10_000, 10)),
        (POINT._replace(step=3), 2_500, None, (2_500, 3)),
        # Bounds.
        (POINT._replace(minimum=5), None, 4, "61"),
        (POINT._replace(minimum=5), None, 5, (5_000, 5)),
        (POINT._replace(maximum=5), None, 6, "61"),
        (POINT._replace(maximum=5), None, 5, (5_000, 5)),
        (POINT._replace(share_max=500), None, 5, (5_000, 5)),
        (POINT._replace(share_max=500), 5_001, None, "61"),
        (POINT._replace(share_max=1_000), None, None, (10_000, 10)),
        # The step is looked at first.
        (POINT._replace(step=5, minimum=7), None, 6, "13"),
    ],
)
def test_tender(
    effect: Effect, amount: int | None, units: int | None, expected: tuple[int, int] | str
) -> None:
    """What a purse pays of 10,000."""
    assert tendered(effect, amount=amount, units=units) == expected


@pytest.mark.parametrize(
    ("limit", "of", "before", "code"),
    [
        (3, CapOf.USES, 2, None),
        (3, CapOf.USES, 3, "65"),
        (9_000, CapOf.AMOUNT, 5_000, None),
        (9_000, CapOf.AMOUNT, 5_001, "61"),
        (9, CapOf.UNITS, 5, None),
        (9, CapOf.UNITS, 6, "61"),
        (9_000, CapOf.LIABILITY, 5_000, None),  # 4 points are worth 4,000
        (9_000, CapOf.LIABILITY, 5_001, "61"),
    ],
)
def test_caps_of_a_tender(limit: int, of: CapOf, before: int, code: str | None) -> None:
    """They refuse, they never clip; 4 points pay 4,000."""
    rule = BURN._replace(effects=(POINT,), caps=(cap(of, limit, window=DAY, clips=True),))
    request = facts()._replace(tender_purse=POINTS, tender_units=4)
    moves = evaluate(table(rule), request, NONE).counter_moves
    delta = {CapOf.USES: 1, CapOf.AMOUNT: 4_000, CapOf.UNITS: 4, CapOf.LIABILITY: 4_000}[of]
    assert [(move.delta, move.is_use, move.restore) for move in moves] == [(delta, of == CapOf.USES, True)]
    outcome = evaluate(table(rule), request, Counters({moves[0].key: before}))
    assert (outcome.refusal and outcome.refusal.response_code) == code


def test_the_first_burn_rule_of_the_purse_pays() -> None:
    """One of credit isn't for points; after the first no other is looked at, so its exclusion counts not."""
    rules = table(
        BURN._replace(rule_id="B-0", effects=(POINT._replace(purse=CREDIT),)),
        BURN._replace(rule_id="B-1", effects=(POINT._replace(purse=CREDIT), POINT._replace(per=500))),
        BURN._replace(rule_id="B-2", effects=(POINT,), excludes=("R-1",)),
        RULE,
    )
    outcome = evaluate(rules, facts()._replace(tender_purse=POINTS, tender_units=4), NONE)
    tender = outcome.tender
    assert tender is not None
    assert (tender.rule_id, tender.effect_index, tender.type, tender.granted) == (
        "B-1",
        1,
        EffectType.TENDER,
        4,
    )
    assert (tender.granted, tender.funding, tender.available_from_s, tender.expires_at_s) == (
        4,
        (),
        0,
        NEVER_S,
    )
    assert (outcome.tendered, granted(outcome)) == (2_000, [("R-1", 80)])


def test_nobody_takes_the_purse() -> None:
    """57, unless nothing is left to pay."""
    request = facts()._replace(tender_purse=POINTS)
    assert evaluate(table(RULE), request, NONE).refusal == Refusal("", 0, "57", "", "")
    free = OFF._replace(effects=(DISCOUNT._replace(give=100),))
    assert evaluate(table(free), request, NONE)[:5] == (None, 10_000, 10_000, 0, 0)
    assert evaluate(table(RULE), facts(0)._replace(tender_purse=POINTS), NONE).refusal is None
