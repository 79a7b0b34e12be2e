"""Caps, limits, budgets, who pays, and what is counted. All amounts are worked out by hand."""

import pytest

from switch.rules.caps import Cap, CapOf, CapPer, CapWindow, Limit, WindowKind
from switch.rules.conditions import ALWAYS
from switch.rules.counting import budget_key
from switch.rules.evaluator import evaluate
from switch.rules.facts import NumberDimension
from switch.rules.outcome import CounterKey, CounterMove, Funding, Grant, GrantReason, Outcome, Party
from switch.rules.table import (
    BasisOf,
    Budget,
    CounterOf,
    DeclaredCounter,
    Effect,
    Funder,
    Kind,
    Level,
    OnEmpty,
    StackGroup,
    StackMode,
    TableRule,
)
from tests.switch.rules.tables import (
    BASE_GROUP,
    CREDIT,
    DAY,
    DENY,
    DISCOUNT,
    EFFECT,
    LIFETIME,
    NOON_S,
    POINTS,
    RULE,
    SUBJECT,
    VOUCHERS,
    Counters,
    at,
    basis,
    between,
    cap,
    facts,
    fixed,
    granted,
    key,
    line,
    table,
)

NONE = Counters()
GRANTED, RULE_CAP, LIMIT, BUDGET, BELOW, OVER, BILL = GrantReason
UNITS, USES, AMOUNT, LIABILITY = CapOf


def only(outcome: Outcome) -> Grant:
    """The one grant of an outcome."""
    (grant,) = outcome.grants
    return grant


@pytest.mark.parametrize(
    ("rule_cap", "before", "amounts"),
    [
        # A rule gives 1 % of 10,000: desired, granted, basis; None where it is skipped.
        (cap(USES, 3), 2, (100, 100, 10_000)),
        (cap(USES, 3), 3, None),
        (cap(AMOUNT, 15_000), 5_000, (100, 100, 10_000)),
        (cap(AMOUNT, 15_000), 5_001, (99, 99, 9_999)),
        (cap(AMOUNT, 15_000), 14_999, None),  # one rial comes to 0
        (cap(AMOUNT, 15_000), 15_000, None),
        (cap(AMOUNT, 15_000, clips=False), 5_000, (100, 100, 10_000)),
        (cap(AMOUNT, 15_000, clips=False), 5_001, None),
        (cap(UNITS, 150), 50, (100, 100, 10_000)),
        (cap(UNITS, 150), 51, (100, 99, 10_000)),
        (cap(UNITS, 150), 150, (100, 0, 10_000)),
        (cap(UNITS, 150), 200, (100, 0, 10_000)),
        (cap(UNITS, 150, clips=False), 51, (100, 0, 10_000)),
        # A point is worth 1,000 rial: 99,999 are enough for 99.
        (cap(LIABILITY, 150_000), 50_000, (100, 100, 10_000)),
        (cap(LIABILITY, 150_000), 50_001, (100, 99, 10_000)),
        (cap(LIABILITY, 150_000), 149_001, (100, 0, 10_000)),
        (cap(LIABILITY, 150_000, clips=False), 50_001, (100, 0, 10_000)),
        # Within one transaction, whatever was counted before.
        (cap(UNITS, 30, CapPer.TRANSACTION), 0, (100, 30, 10_000)),
        (cap(AMOUNT, 9_000, CapPer.TRANSACTION), 0, (90, 90, 9_000)),
    ],
)
def test_rule_caps(rule_cap: Cap, before: int, amounts: tuple[int, int, int] | None) -> None:
    """Each kind of cap on both sides of its edge."""
    counters = Counters({key(rule_cap.counter): before})
    outcome = evaluate(table(RULE._replace(caps=(rule_cap,))), facts(), counters)
    if amounts is None:
        assert (outcome.grants, outcome.counter_moves) == ((), ())
        return
    grant = only(outcome)
    assert (grant.desired, grant.granted, grant.basis) == amounts
    assert grant.reason == (RULE_CAP if grant.granted < grant.desired else GRANTED)
    counted = {USES: 1, AMOUNT: grant.basis, UNITS: grant.granted, LIABILITY: grant.granted * 1_000}[
        rule_cap.of
    ]
    moves = [(move.key, move.delta, move.restore, move.is_use) for move in outcome.counter_moves]
    if rule_cap.per == CapPer.TRANSACTION or counted == 0:
        assert moves == []
    else:
        assert moves == [(key(rule_cap.counter), counted, True, rule_cap.of == USES)]


def test_effects_share_the_caps_of_their_rule() -> None:
    """50 are left: 30, then 20 of 30, then nothing; uses and amount count once."""
    caps = (cap(UNITS, 50), cap(USES, 9), cap(AMOUNT, 99_999))
    rule = RULE._replace(effects=(fixed(30), fixed(30, CREDIT), fixed(30)), caps=caps)
    outcome = evaluate(table(rule), facts(), NONE)
    assert [(grant.granted, grant.reason) for grant in outcome.grants] == [
        (30, GRANTED),
        (20, RULE_CAP),
        (0, RULE_CAP),
    ]
    assert outcome.grants[2].funding == ()
    assert [(move.key.counter, move.delta) for move in outcome.counter_moves] == [
        ("cap/AMOUNT", 10_000),
        ("cap/UNITS", 50),
        ("cap/USES", 1),
    ]


def test_a_cap_per_transaction_holds_over_effects() -> None:
    """And is forgotten afterwards."""
    rule = RULE._replace(effects=(fixed(30), fixed(30)), caps=(cap(UNITS, 40, CapPer.TRANSACTION),))
    outcome = evaluate(table(rule), facts(), NONE)
    assert [grant.granted for grant in outcome.grants] == [30, 10]
    assert outcome.counter_moves == ()


def test_what_was_cut_to_nothing_counts_no_use() -> None:
    """A rule that gave nothing has not been used, and its gift costs nothing."""
    rule = RULE._replace(caps=(cap(UNITS, 0), cap(USES, 9), cap(AMOUNT, 99_999)), member_text_en="Thanks")
    outcome = evaluate(table(rule), facts(), NONE)
    assert [(grant.granted, grant.reason) for grant in outcome.grants] == [(0, RULE_CAP)]
    assert (outcome.counter_moves, outcome.texts) == ((), ())


def test_losers_of_a_group_count_nothing() -> None:
    """Only the winner's use counts."""
    rules = [
        RULE._replace(rule_id=name, group=1, caps=(Cap(name, USES, CapPer.MEMBER, LIFETIME, 9, True),))
        for name in "AB"
    ]
    outcome = evaluate(table(*rules, groups=(BASE_GROUP, StackGroup("one", StackMode.FIRST))), facts(), NONE)
    assert outcome.counter_moves == (CounterMove(key("A"), 1, True, True),)


@pytest.mark.parametrize(
    ("time", "before", "granted_units"),
    [("2026-05-05T23:59", 80, 20), ("2026-05-06T00:00", 80, 100)],
)
def test_a_cap_of_a_day_ends_at_local_midnight(time: str, before: int, granted_units: int) -> None:
    """80 of 100 were given on 5 May."""
    rules = table(RULE._replace(caps=(cap(UNITS, 100, window=DAY),)))
    day = at("2026-05-05T00:00", "UTC") // 86_400
    counters = Counters({CounterKey("cap/UNITS", 2 << 56 | 7, day, day + 46): before})
    assert only(evaluate(rules, facts(at_s=at(time)), counters)).granted == granted_units


def test_a_rolling_cap_adds_the_days() -> None:
    """30 a day on each of the last 3 days before; of 3 days only two of these count: 40 of 100 are left."""
    rules = table(RULE._replace(caps=(cap(UNITS, 100, window=CapWindow(WindowKind.ROLLING, 3)),)))
    today = NOON_S // 86_400
    keys = [CounterKey("cap/UNITS", 2 << 56 | 7, day, day + 48) for day in range(today - 3, today + 1)]
    outcome = evaluate(rules, facts(), Counters(dict.fromkeys(keys[:3], 30)))
    assert only(outcome).granted == 40
    assert outcome.counter_moves == (CounterMove(keys[3], 40, True, False),)


def limit(
    of: CapOf, most: int, purse: int = POINTS, *, clips: bool = True, per: CapPer = CapPer.MEMBER
) -> Limit:
    """A limit of a purse."""
    return Limit(purse, Cap(f"limit:{of.name}", of, per, LIFETIME, most, clips))


@pytest.mark.parametrize(
    ("limits", "effects", "expected"),
    [
        ((limit(UNITS, 50),), (fixed(30), fixed(30), fixed(5)), [(30, GRANTED), (20, LIMIT), (0, LIMIT)]),
        (
            (limit(UNITS, 50, clips=False),),
            (fixed(30), fixed(30), fixed(5)),
            [(30, GRANTED), (0, LIMIT), (5, GRANTED)],
        ),
        ((limit(LIABILITY, 45_500),), (fixed(30), fixed(30)), [(30, GRANTED), (15, LIMIT)]),
        ((limit(UNITS, 50, CREDIT),), (fixed(60), fixed(60, CREDIT)), [(60, GRANTED), (50, LIMIT)]),
        # Both bounds; the last that cut is the reason.
        ((limit(UNITS, 50), limit(LIABILITY, 40_000)), (fixed(60),), [(40, LIMIT)]),
        # Merchants and charities are no holders of the purse; households and introducers are.
        ((limit(UNITS, 50),), (fixed(60)._replace(to=Party.MERCHANT),), [(60, GRANTED)]),
        ((limit(UNITS, 50),), (fixed(60)._replace(to=Party.CHARITY, to_number=3),), [(60, GRANTED)]),
        ((limit(UNITS, 50),), (fixed(60)._replace(to=Party.HOUSEHOLD),), [(50, LIMIT)]),
        (
            (limit(UNITS, 50),),
            (fixed(30), fixed(1)._replace(levels=(Level(15, 0), Level(15, 0)))),
            [(30, GRANTED), (15, GRANTED), (5, LIMIT)],
        ),
        ((limit(UNITS, 50, per=CapPer.TRANSACTION),), (fixed(30), fixed(30)), [(30, GRANTED), (20, LIMIT)]),
    ],
)
def test_limits(
    limits: tuple[Limit, ...], effects: tuple[Effect, ...], expected: list[tuple[int, GrantReason]]
) -> None:
    """Over all rules of a purse; each effect is a rule of its own. The subject is that of the request."""
    rules = [RULE._replace(rule_id=f"R-{index}", effects=(effect,)) for index, effect in enumerate(effects)]
    request = facts()._replace(uplines=(21, 22), subject=SUBJECT._replace(household=8))
    outcome = evaluate(table(*rules, limits=limits), request, NONE)
    assert [(grant.granted, grant.reason) for grant in outcome.grants] == expected


def test_rule_cap_then_limit_then_budget() -> None:
    """100 wanted: the cap leaves 80, the limit 60, the budget 50. All count what was granted."""
    budget = Budget("B", "budget:B", 50, False, OnEmpty.STOP, (Funder(Party.PROGRAMME, 1, 1000),))
    rule = RULE._replace(caps=(cap(UNITS, 80),), budget=0)
    outcome = evaluate(table(rule, budgets=(budget,), limits=(limit(UNITS, 60),)), facts(), NONE)
    assert (only(outcome).granted, only(outcome).reason) == (50, BUDGET)
    assert [(move.key.counter, move.delta) for move in outcome.counter_moves] == [
        ("budget:B", 50),
        ("cap/UNITS", 50),
        ("limit:UNITS", 50),
    ]


SHOP_AND_CLUB = (Funder(Party.MERCHANT, 0, 600), Funder(Party.PROGRAMME, 0, 400))
THREE = (Funder(Party.PARTNER, 3, 333), Funder(Party.MERCHANT, 0, 333), Funder(Party.PROGRAMME, 0, 334))


@pytest.mark.parametrize(
    ("funders", "units", "funding"),
    [
        (SHOP_AND_CLUB, 100, [(Party.MERCHANT, 5, 60), (Party.PROGRAMME, 1, 40)]),
        # 60.6 and 40.4: the odd point is the first funder's.
        (SHOP_AND_CLUB, 101, [(Party.MERCHANT, 5, 61), (Party.PROGRAMME, 1, 40)]),
        (SHOP_AND_CLUB, 1, [(Party.MERCHANT, 5, 1)]),
        (SHOP_AND_CLUB, 2, [(Party.MERCHANT, 5, 2)]),
        # 33.3, 33.3 and 33.4: two are left over.
        (THREE, 100, [(Party.PARTNER, 3, 34), (Party.MERCHANT, 5, 33), (Party.PROGRAMME, 1, 33)]),
        (THREE, 2, [(Party.PARTNER, 3, 2)]),
        ((Funder(Party.PARTNER, 3, 0), Funder(Party.PROGRAMME, 0, 1000)), 7, [(Party.PROGRAMME, 1, 7)]),
    ],
)
def test_funding(funders: tuple[Funder, ...], units: int, funding: list[tuple[Party, int, int]]) -> None:
    """Shares are rounded down, the remainder is the first funder's, nothing of 0 is named."""
    budget = Budget("B", "budget:B", 1_000, False, OnEmpty.STOP, funders)
    outcome = evaluate(
        table(RULE._replace(effects=(fixed(units),), budget=0), budgets=(budget,)), facts(), NONE
    )
    assert list(only(outcome).funding) == [Funding(*part) for part in funding]


@pytest.mark.parametrize(
    ("on_empty", "in_rial", "before", "expected"),
    [
        # 100 points, worth 100,000 rial; the budget is 150,000 rial or 150 points.
        (OnEmpty.STOP, False, 50, (100, GRANTED, 100, 100)),
        (OnEmpty.STOP, False, 51, (99, BUDGET, 99, 99)),
        (OnEmpty.STOP, False, 150, (0, BUDGET, 0, 0)),
        (OnEmpty.STOP, False, 170, (0, BUDGET, 0, 0)),
        (OnEmpty.STOP, True, 50_000, (100, GRANTED, 100, 100_000)),
        (OnEmpty.STOP, True, 50_001, (99, BUDGET, 99, 99_000)),
        (OnEmpty.CONTINUE_UNFUNDED, False, 51, (100, OVER, 99, 99)),
        (OnEmpty.CONTINUE_UNFUNDED, False, 200, (100, OVER, 0, 0)),
        (OnEmpty.CONTINUE_UNFUNDED, True, 50_001, (100, OVER, 99, 99_000)),
        (OnEmpty.NOTIFY, False, 51, (100, OVER, 100, 100)),
        (OnEmpty.NOTIFY, True, 50_001, (100, OVER, 100, 100_000)),
    ],
)
def test_budgets(
    on_empty: OnEmpty, in_rial: bool, before: int, expected: tuple[int, GrantReason, int, int]
) -> None:
    """Granted and why, what the merchant pays for (the programme pays the rest), what is counted."""
    shop = (Funder(Party.MERCHANT, 0, 1000),)
    budget = Budget("B", "budget:B", 150_000 if in_rial else 150, in_rial, on_empty, shop)
    counters = Counters({budget_key("budget:B"): before})
    outcome = evaluate(table(RULE._replace(budget=0), budgets=(budget,)), facts(), counters)
    grant = only(outcome)
    units, reason, funded, counted = expected
    assert (grant.granted, grant.reason) == (units, reason)
    shares = [(Party.MERCHANT, 5, funded), (Party.PROGRAMME, 1, units - funded)]
    assert list(grant.funding) == [share for share in shares if share[2]]
    assert [move.delta for move in outcome.counter_moves] == ([counted] if counted else [])


def test_rules_and_discounts_share_a_budget() -> None:
    """Of 1,500 rial a discount takes 1,000. A voucher is worth 7/3 rial: 214 are 499 1/3, counted as 500."""
    budget = Budget("B", "budget:B", 1_500, True, OnEmpty.STOP, SHOP_AND_CLUB)
    rules = table(
        RULE._replace(rule_id="D", kind=Kind.DISCOUNT, effects=(DISCOUNT._replace(give=10),), budget=0),
        RULE._replace(rule_id="E", effects=(fixed(300, VOUCHERS),), budget=0, restore_budget=False),
        budgets=(budget,),
    )
    outcome = evaluate(rules, facts(), NONE)
    assert (outcome.discount, granted(outcome)) == (1_000, [("E", 214)])
    # One moves back with a return, the other doesn't.
    assert outcome.counter_moves == (
        CounterMove(budget_key("budget:B"), 500, False, False),
        CounterMove(budget_key("budget:B"), 1_000, True, False),
    )
    shares = Funding(Party.MERCHANT, 5, 600), Funding(Party.PROGRAMME, 1, 400)
    assert outcome.discounts[0].funding == shares


def test_the_bill_takes_from_the_unfunded_part_of_a_discount_first() -> None:
    """15,000 off 10,000, of which the budget has 8,000: the merchant pays 8,000 and the programme 2,000."""
    shop = (Funder(Party.MERCHANT, 0, 1000),)
    budget = Budget("B", "budget:B", 8_000, False, OnEmpty.CONTINUE_UNFUNDED, shop)
    rule = RULE._replace(kind=Kind.DISCOUNT, effects=(DISCOUNT._replace(give=150),), budget=0)
    outcome = evaluate(table(rule, budgets=(budget,)), facts(), NONE)
    (grant,) = outcome.discounts
    assert (grant.granted, grant.reason) == (10_000, BILL)
    assert grant.funding == (Funding(Party.MERCHANT, 5, 8_000), Funding(Party.PROGRAMME, 1, 2_000))
    assert outcome.counter_moves == (CounterMove(budget_key("budget:B"), 8_000, True, False),)


@pytest.mark.parametrize(
    ("of", "amounts"),
    [
        (cap(UNITS, 1_200), [1_000, 200]),
        (cap(LIABILITY, 1_200), [1_000, 200]),  # a discount's rial are its units
        (cap(UNITS, 1_200, clips=False), [1_000, 0]),
    ],
)
def test_caps_of_a_discount(of: Cap, amounts: list[int]) -> None:
    """They count minor units."""
    effects = (DISCOUNT._replace(give=10), DISCOUNT._replace(give=5))
    outcome = evaluate(table(RULE._replace(kind=Kind.DISCOUNT, effects=effects, caps=(of,))), facts(), NONE)
    assert [grant.granted for grant in outcome.discounts] == amounts


def declared(of: CounterOf, per: CapPer = CapPer.MEMBER) -> DeclaredCounter:
    """A counter for life."""
    return DeclaredCounter(of.name, of.name, of, "miles", per, LIFETIME, ALWAYS)


def test_declared_counters() -> None:
    """Each purchase moves those whose condition holds; a net amount of 10,000 here."""
    small = declared(CounterOf.VISITS)._replace(
        counter="small", condition=between(NumberDimension.NET_AMOUNT, 0, 9_999)
    )
    counters = (
        declared(CounterOf.VISITS),
        declared(CounterOf.AMOUNT, CapPer.MERCHANT),
        declared(CounterOf.QUANTITY, CapPer.GLOBAL),
        declared(CounterOf.METRIC),
        small,
        declared(CounterOf.AMOUNT, CapPer.TRANSACTION)._replace(counter="none"),
    )
    request = facts()._replace(lines=(line("tea", 1, 2), line("rice", 1, 3)), metrics={"miles": 40})
    assert evaluate(table(counters=counters), request, NONE).counter_moves == (
        CounterMove(key("AMOUNT", CapPer.MERCHANT, 5), 10_000, True, False),
        CounterMove(key("METRIC"), 40, True, False),
        CounterMove(key("QUANTITY", CapPer.GLOBAL, 0), 5, True, False),
        CounterMove(key("VISITS"), 1, True, True),
    )
    nothing = evaluate(table(counters=counters[1:4]), facts(0), NONE)
    assert nothing.counter_moves == ()
    assert evaluate(table(counters=counters), request._replace(trigger="visit"), NONE).counter_moves == ()
    refused = evaluate(
        table(RULE._replace(kind=Kind.GATE, effects=(DENY,)), counters=counters), request, NONE
    )
    assert refused.counter_moves == ()


def test_moves_are_sorted_and_merged() -> None:
    """Two rules of one limit: one move; by counter, subject, window."""
    rules: list[TableRule] = [RULE._replace(rule_id=name, basis=basis(BasisOf.VISITS)) for name in "BA"]
    rules = [rule._replace(effects=(EFFECT._replace(give=5, per=1),)) for rule in rules]
    caps = {"A": ("z", CapPer.CARD, 70), "B": ("a", CapPer.MEMBER, 7)}
    rules = [
        rule._replace(caps=(Cap(caps[rule.rule_id][0], UNITS, caps[rule.rule_id][1], LIFETIME, 99, True),))
        for rule in rules
    ]
    outcome = evaluate(table(*rules, limits=(limit(UNITS, 99),)), facts(), NONE)
    assert [(move.key, move.delta) for move in outcome.counter_moves] == [
        (key("a"), 5),
        (key("limit:UNITS"), 10),
        (key("z", CapPer.CARD, 70), 5),
    ]
