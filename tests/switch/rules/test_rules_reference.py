"""Amounts, stacking, paying with points and gates, against cases computed by hand."""

import pytest

from switch.rules.facts import Line
from switch.rules.outcome import EffectType, Funding, GrantReason, Party, Refusal
from tests.switch.rules.hand_cases import (
    HOUSEHOLD,
    amounts,
    burn,
    decide,
    only,
    percent_off,
    points,
    purchase,
    rule_of,
)
from tests.switch.rules.sample_names import Json
from tests.switch.rules.sample_requests import Counters

# Amounts


@pytest.mark.parametrize(
    ("rounding", "amount", "granted"),
    [("floor", 1499, 1), ("half_up", 1499, 1), ("half_up", 1500, 2), ("ceil", 1001, 2), ("ceil", 1000, 1)],
)
def test_a_rate_is_rounded_once(rounding: str, amount: int, granted: int) -> None:
    grant = only(decide([rule_of("E", points(1, 1000, rounding=rounding))], purchase(amount)))
    assert (grant.granted, grant.basis, grant.funding) == (
        granted,
        amount,
        (Funding(Party.PROGRAMME, 1, granted),),
    )


@pytest.mark.parametrize(
    ("amount", "granted"), [(99, []), (100, [5]), (999, [5]), (1000, [10]), (5000, [50])]
)
def test_bands_start_at_their_basis(amount: int, granted: list[int]) -> None:
    bands = [{"from": 100, "give": 5}, {"from": 1000, "give": 1, "per": 100}]
    effect: Json = {"type": "earn", "purse": "points", "calc": {"mode": "banded", "bands": bands}}
    outcome = decide([rule_of("E", effect)], purchase(amount))
    assert [grant.granted for grant in outcome.grants] == granted


def test_below_the_minimum_is_nothing_and_above_the_maximum_is_cut() -> None:
    rules = [rule_of("LOW", points(1, 1000, min=11)), rule_of("TOP", points(1, 1000, max=9))]
    assert amounts(decide(rules, purchase(10_000))) == [("TOP", 9)]


def test_discounts_and_points_are_not_earned_on() -> None:
    discount = rule_of("D", percent_off(20), kind="discount")
    asked = purchase(10_000, tender_purse=91, tender_amount=3000)
    outcome = decide([discount, burn(), rule_of("E", points(1, 10))], asked)
    assert (outcome.discount, outcome.tendered, outcome.net_amount) == (2000, 3000, 5000)
    assert outcome.tender is not None
    assert (outcome.tender.type, outcome.tender.granted, outcome.tender.basis) == (EffectType.TENDER, 3, 3000)
    assert outcome.tender.funding == ()
    assert amounts(outcome) == [("E", 500)]


def test_selected_lines_earn_on_their_share_of_the_net_amount() -> None:
    lines = (Line("tea", "food", (), 2, 3000), Line("card", "gift_card", (), 1, 7000))
    basis = {"exclude": [{"f": "item.category", "v": ["gift_card"]}]}
    discount = rule_of("D", percent_off(50), kind="discount")
    outcome = decide([discount, rule_of("E", points(1, 1), basis=basis)], purchase(10_000, lines=lines))
    grant = only(outcome)
    assert (grant.basis, grant.granted, grant.lines) == (1500, 1500, 0b01)


def test_quantity_counts_selected_units() -> None:
    lines = (Line("tea", "food", (), 2, 3000), Line("rice", "", ("promo",), 3, 7000))
    basis = {"of": "quantity", "include": [{"f": "item.label", "v": ["promo"]}]}
    grant = only(decide([rule_of("E", points(10, 1), basis=basis)], purchase(lines=lines)))
    assert (grant.granted, grant.lines) == (30, 0b10)


def test_multipliers_multiply_what_base_rules_gave_before_caps() -> None:
    double: Json = {"type": "earn", "purse": "points", "calc": {"mode": "multiplier", "give": 5, "per": 2}}
    capped = rule_of("A", points(1, 1000), caps=[{"of": "units", "per": "transaction", "limit": 4}])
    bonus = rule_of("C", points(100), stacking={"phase": "bonus"})
    outcome = decide([capped, rule_of("B", double), bonus], purchase(10_000))
    assert amounts(outcome) == [("A", 4), ("B", 15), ("C", 100)]
    assert outcome.grants[0].desired == 10
    assert outcome.grants[0].reason == GrantReason.RULE_CAP


def test_introducers_get_their_levels_and_households_share() -> None:
    levels: Json = {"type": "earn", "purse": "points", "levels": [{"give": 1, "per": 100}, {"give": 7}]}
    home = points(3, to="household")
    outcome = decide([rule_of("L", levels), rule_of("H", home)], purchase(10_000, uplines=(101,)))
    assert [(grant.party, grant.number, grant.granted) for grant in outcome.grants] == [
        (Party.HOUSEHOLD, HOUSEHOLD, 3),
        (Party.MEMBER, 101, 100),
    ]


# Stacking


@pytest.mark.parametrize(
    ("mode", "granted"),
    [
        ("sum", [("A", 5), ("B", 9), ("C", 1)]),
        ("first", [("A", 5)]),
        ("best_for_member", [("B", 9)]),
        ("best_for_owner", [("C", 1)]),
    ],
)
def test_a_group_decides_which_rules_count(mode: str, granted: list[tuple[str, int]]) -> None:
    rules = [
        rule_of(name, points(give), stacking={"group": "g"}) for name, give in (("A", 5), ("B", 9), ("C", 1))
    ]
    assert amounts(decide(rules, purchase(), groups=[{"name": "g", "mode": mode}])) == granted


def test_excludes_requires_and_stop_after_look_at_rules_kept_before() -> None:
    rules = [
        rule_of("A", points(1), priority=200, stacking={"excludes": ["B"]}),
        rule_of("B", points(2)),
        rule_of("C", points(3), stacking={"requires": ["B"]}),
        rule_of("D", points(4), stacking={"requires": ["A"], "stop_after": True}),
        rule_of("E", points(5)),
        rule_of("F", points(6), stacking={"phase": "bonus"}),
    ]
    assert amounts(decide(rules, purchase())) == [("A", 1), ("D", 4), ("F", 6)]


# Paying with points


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"tender_purse": 92}, "57"),
        ({"tender_purse": 91, "tender_amount": 0}, "13"),
        ({"tender_purse": 91, "tender_amount": 10_001}, "13"),
        ({"tender_purse": 91, "tender_units": 0}, "13"),
        ({"tender_purse": 91, "tender_units": 3}, "13"),
        ({"tender_purse": 91, "tender_units": 2}, "61"),
        ({"tender_purse": 91, "tender_amount": 9500}, "61"),
    ],
)
def test_what_a_purse_may_not_pay_is_refused(asked: dict[str, int], code: str) -> None:
    rule = burn(step=2, min=4, share_max=800)
    outcome = decide([rule], purchase(10_000, **asked))
    assert outcome.refusal is not None
    assert outcome.refusal.response_code == code
    assert (outcome.net_amount, outcome.counter_moves) == (10_000, ())


@pytest.mark.parametrize(
    ("asked", "units", "part"),
    [
        ({}, 11, 10_500),
        ({"tender_amount": 2001}, 3, 2001),
        ({"tender_units": 10}, 10, 10_000),
        ({"tender_units": 40}, 11, 10_500),
    ],
)
def test_units_and_parts_of_the_bill(asked: dict[str, int], units: int, part: int) -> None:
    tender = decide([burn()], purchase(10_500, tender_purse=91, **asked)).tender
    assert tender is not None
    assert (tender.granted, tender.basis) == (units, part)


def test_a_use_too_many_of_paying_is_refused_by_frequency() -> None:
    rule = burn() | {"caps": [{"of": "uses", "per": "member", "window": "day", "limit": 1}]}
    counters = Counters()
    facts = purchase(1000, tender_purse=91)
    first = decide([rule], facts, counters)
    counters.add(first.counter_moves)
    assert first.counter_moves[0].is_use
    assert decide([rule], facts, counters).refusal == Refusal("BURN", 1, "65", "", "")


def test_conversion() -> None:
    calc = {"mode": "rate", "give": 5, "per": 2}
    effect: Json = {"type": "convert", "purse": "points", "target": "credit", "calc": calc}
    rule = rule_of("V", effect, kind="convert", trigger="conversion")
    facts = purchase(None, trigger="conversion", tender_purse=91, tender_units=7, reward="92")
    outcome = decide([rule], facts)
    (cost,), grant = outcome.costs, only(outcome)
    assert (cost.type, cost.purse, cost.granted, cost.funding) == (EffectType.COST, 91, 7, ())
    assert (grant.type, grant.purse, grant.granted) == (EffectType.CONVERT, 92, 17)
    other = decide([rule], facts._replace(reward="93"))
    assert other.refusal == Refusal("", 0, "57", "", "")


# Gates


def test_a_gate_asks_for_the_pin_above_its_cap() -> None:
    effect: Json = {"type": "require_pin", "text": {"fa": "رمز", "en": "PIN"}}
    cap = {"of": "amount", "per": "card", "window": "day", "limit": 15_000}
    rule = rule_of("G", effect, kind="gate", caps=[cap])
    counters = Counters()
    first = decide([rule], purchase(10_000), counters)
    assert first.refusal is None
    counters.add(first.counter_moves)
    assert decide([rule], purchase(5_000), counters).refusal is None
    assert decide([rule], purchase(5_001), counters).refusal == Refusal("G", 1, "70", "رمز", "PIN")
    assert decide([rule], purchase(5_001, has_pin=True), counters).refusal is None


def test_a_gate_without_caps_denies_what_it_matches() -> None:
    when = {"f": "amount", "op": ">", "v": 100}
    rule = rule_of("G", {"type": "deny", "code": "61"}, kind="gate", when=when)
    assert decide([rule], purchase(100)).refusal is None
    assert decide([rule], purchase(101)).refusal == Refusal("G", 1, "61", "", "")
