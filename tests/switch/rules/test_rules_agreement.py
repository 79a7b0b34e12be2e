"""The compiled evaluator against the reference, and what holds for every rule document."""

import json
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from importlib.resources import files
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from switch.rules.caps import Cap, CapOf, CapPer, WindowKind
from switch.rules.compiler import compile_document, compile_rules, parse_rules
from switch.rules.evaluator import evaluate, explain
from switch.rules.facts import Facts
from switch.rules.outcome import EffectType, Outcome, Party
from switch.rules.packing import unpack
from switch.rules.reference import decide_by_reading
from switch.rules.schema.document import RuleSet
from switch.rules.table import OnEmpty, RuleTable
from tests.amounts import many
from tests.switch.rules.sample_names import Json
from tests.switch.rules.sample_requests import Counters, Scene, cases, scenes

_BUNDLED: Json = tomllib.loads(files("switch.rules").joinpath("default_rules.toml").read_text("utf-8"))
_ONE_LINE_RULES: Json = {
    "format": 2,
    "programme": "vafa",
    "simple": [
        {"rule_id": "S-1", "text": "100 points per 1,000,000 rial at M1/1, M1/2"},
        {"rule_id": "S-2", "text": "10 points per visit, once per day"},
        {"rule_id": "S-3", "text": "20% off once above 2,000,000 rial"},
        {"rule_id": "S-4", "text": "۱۰٪ تخفیف با ۱۰۰۰ امتیاز"},
        {"rule_id": "S-5", "text": "هر ۱۰۰ هزار تومان ۱۰۰ امتیاز"},
    ],
}
_SEEDS = st.integers(0, 2**32 - 1)
_HELD_BY_LOTS = (Party.MEMBER, Party.HOUSEHOLD, Party.GIFT_CARD)


def _examples(count: int) -> settings:
    # A whole rule document is large by nature.
    large = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    return settings(max_examples=many(count), deadline=None, suppress_health_check=large)


def _compiled(document: Json) -> RuleTable:
    return compile_document(RuleSet.model_validate(document))


def _rules_of(document: Json) -> list[Json]:
    rules = document["rules"]
    assert isinstance(rules, list)
    return rules


def _outcomes(table: RuleTable, scene: Scene, counters: Counters) -> Iterator[tuple[Facts, Outcome]]:
    """The outcomes of a scene, each counted before the next request comes."""
    for facts in scene.requests:
        outcome = evaluate(table, facts, counters)
        counters.add(outcome.counter_moves)
        yield facts, outcome


def _agree(written: RuleSet, scene: Scene) -> None:
    table = compile_document(written)
    counters = Counters(scene.noise)
    for facts in scene.requests:
        outcome = evaluate(table, facts, counters)
        assert outcome == decide_by_reading(written, facts, counters)
        assert outcome == explain(table, facts, counters)[0]
        counters.add(outcome.counter_moves)


# Agreement


@_examples(100)
@given(cases())
def test_few_rules_decide_as_they_read(case: tuple[Json, Scene]) -> None:
    document, scene = case
    _agree(RuleSet.model_validate(document), scene)


@_examples(30)
@given(cases(copies=40))
def test_many_rules_decide_as_they_read(case: tuple[Json, Scene]) -> None:
    document, scene = case
    _agree(RuleSet.model_validate(document), scene)


@_examples(30)
@given(scenes(_BUNDLED))
def test_the_bundled_rules_decide_as_they_read(scene: Scene) -> None:
    _agree(RuleSet.model_validate(_BUNDLED), scene)


@_examples(30)
@given(scenes(_ONE_LINE_RULES))
def test_one_line_rules_decide_as_they_are_written_out(scene: Scene) -> None:
    _agree(parse_rules(json.dumps(_ONE_LINE_RULES), "sample"), scene)


@_examples(30)
@given(cases())
def test_packed_rules_decide_alike(case: tuple[Json, Scene]) -> None:
    document, scene = case
    table = compile_rules(json.dumps(document), "sample")
    unpacked = unpack(table.packed)
    assert (unpacked.packed, unpacked.digest) == (table.packed, table.digest)
    before = list(_outcomes(table, scene, Counters(scene.noise)))
    assert list(_outcomes(unpacked, scene, Counters(scene.noise))) == before


# What holds for every outcome


@_examples(30)
@given(cases())
def test_amounts_add_up_and_nothing_is_negative(case: tuple[Json, Scene]) -> None:
    document, scene = case
    for facts, outcome in _outcomes(_compiled(document), scene, Counters(scene.noise)):
        assert outcome.amount == (facts.numbers[0] or 0)
        assert outcome.amount == outcome.discount + outcome.tendered + outcome.net_amount
        assert min(outcome.discount, outcome.tendered, outcome.net_amount) >= 0
        assert outcome.discount == sum(grant.granted for grant in outcome.discounts)
        spent = (*outcome.costs, *([outcome.tender] if outcome.tender else []))
        for grant in (*outcome.discounts, *outcome.grants, *spent):
            assert 0 <= grant.granted <= grant.desired
            assert grant.desired > 0
        for grant in (*outcome.discounts, *outcome.grants):
            assert sum(part.amount for part in grant.funding) == grant.granted
            assert all(part.amount > 0 for part in grant.funding)
        for grant in spent:
            assert grant.funding == ()
            assert grant.granted == grant.desired
        assert all(move.delta > 0 for move in outcome.counter_moves)
        keys = [move.key for move in outcome.counter_moves]
        assert keys == sorted(keys)
        if outcome.refusal is not None:
            assert (outcome.net_amount, outcome.discounts, outcome.grants) == (outcome.amount, (), ())
            assert outcome.counter_moves == ()


@_examples(30)
@given(cases(requests_max=8))
def test_caps_limits_and_budgets_are_never_exceeded(case: tuple[Json, Scene]) -> None:
    document, scene = case
    table = _compiled(document)
    counters = Counters()
    for _, outcome in _outcomes(table, scene, counters):
        _check_one_transaction(table, outcome)
    bounds = {budget.counter: budget.amount for budget in table.budgets if budget.on_empty != OnEmpty.NOTIFY}
    spans: dict[str, int] = {}
    for cap in _counting_caps(table):
        bounds[cap.counter] = cap.limit
        if cap.window.kind == WindowKind.ROLLING:
            spans[cap.counter] = cap.window.days
    counted: defaultdict[tuple[str, int], dict[int, int]] = defaultdict(dict)
    for key, value in counters.moves.items():
        counted[key.counter, key.subject][key.window] = value
    for (counter, _), by_window in counted.items():
        if counter in bounds:
            for window in by_window:
                days = range(window - spans.get(counter, 1) + 1, window + 1)
                assert sum(by_window.get(day, 0) for day in days) <= bounds[counter]


def _counting_caps(table: RuleTable) -> list[Cap]:
    """Rule caps and limits that bind whatever is asked: a PIN opens the gate that asks for it."""
    rules = [rule for rule in table.rules if rule.effects[0].type != EffectType.REQUIRE_PIN]
    return [cap for rule in rules for cap in rule.caps] + [limit.cap for limit in table.limits]


def _check_one_transaction(table: RuleTable, outcome: Outcome) -> None:
    """Caps and limits per transaction, which no counter keeps."""
    for rule in table.rules:
        own = [grant for grant in (*outcome.discounts, *outcome.grants) if grant.rule_id == rule.rule_id]
        for cap in rule.caps:
            if cap.per == CapPer.TRANSACTION and cap.of in (CapOf.UNITS, CapOf.LIABILITY):
                amounts = [(grant.purse, grant.granted) for grant in own if grant.type != EffectType.CONVERT]
                assert _measured(table, cap, amounts) <= cap.limit
    for purse, cap in table.limits:
        if cap.per == CapPer.TRANSACTION:
            amounts = [
                (grant.purse, grant.granted)
                for grant in outcome.grants
                if grant.purse == purse and grant.party in _HELD_BY_LOTS and grant.type != EffectType.CONVERT
            ]
            assert _measured(table, cap, amounts) <= cap.limit


def _measured(table: RuleTable, cap: Cap, amounts: Sequence[tuple[int, int]]) -> int:
    if cap.of == CapOf.UNITS:
        return sum(amount for _, amount in amounts)
    return sum(table.purses[purse].value(amount) if purse else amount for purse, amount in amounts)


# What does not matter


@_examples(30)
@given(cases(), _SEEDS)
def test_the_order_of_writing_means_nothing(case: tuple[Json, Scene], seed: int) -> None:
    document, _ = case
    shuffled = list(_rules_of(document))
    Random(seed).shuffle(shuffled)
    # Equal bytes are equal tables.
    assert _compiled(document | {"rules": shuffled}).packed == _compiled(document).packed


@_examples(30)
@given(cases(), _SEEDS)
def test_priorities_mean_nothing_in_a_sum_without_shared_bounds(case: tuple[Json, Scene], seed: int) -> None:
    document, scene = case
    chance = Random(seed)
    alone = [_standing_alone(rule) for rule in _rules_of(document) if rule["kind"] in ("earn", "gift")]
    reordered = [rule | {"priority": chance.randrange(5)} for rule in alone]
    one = _outcomes(_compiled(document | {"rules": alone, "limits": []}), scene, Counters(scene.noise))
    other = _outcomes(_compiled(document | {"rules": reordered, "limits": []}), scene, Counters(scene.noise))
    for (_, before), (_, after) in zip(one, other, strict=True):
        assert sorted(map(repr, before.grants)) == sorted(map(repr, after.grants))
        assert sorted(map(repr, before.costs)) == sorted(map(repr, after.costs))
        assert before.counter_moves == after.counter_moves
        assert sorted(before.texts) == sorted(after.texts)


def _standing_alone(rule: Json) -> Json:
    stacking = rule["stacking"]
    assert isinstance(stacking, dict)
    phase = {"phase": stacking["phase"]} if "phase" in stacking else {}
    return {key: value for key, value in rule.items() if key != "budget"} | {"stacking": phase}


@_examples(30)
@given(cases(), st.integers(1, 30))
def test_rules_that_do_not_match_change_nothing(case: tuple[Json, Scene], copies: int) -> None:
    document, scene = case
    rules = _rules_of(document)
    nowhere = {"f": "channel", "op": "in", "v": ["nowhere"]}
    more = [
        rules[number % len(rules)] | {"rule_id": f"X-{number}", "when": nowhere, "priority": number % 3 * 100}
        for number in range(copies)
    ]
    before = list(_outcomes(_compiled(document), scene, Counters(scene.noise)))
    crowded = _compiled(document | {"rules": [*rules, *more]})
    assert list(_outcomes(crowded, scene, Counters(scene.noise))) == before


@_examples(30)
@given(cases(requests_max=6))
def test_what_was_asked_before_means_nothing(case: tuple[Json, Scene]) -> None:
    document, scene = case
    used = _compiled(document)
    counters = Counters(scene.noise)
    first = [evaluate(used, facts, counters) for facts in scene.requests]
    fresh = [evaluate(_compiled(document), facts, counters) for facts in reversed(scene.requests)]
    assert first == fresh[::-1]
    assert [evaluate(used, facts, counters) for facts in scene.requests] == first
