"""Conversion of one purse into another: rate, bounds, caps."""

import pytest

from switch.rules.caps import CapOf
from switch.rules.evaluator import evaluate
from switch.rules.outcome import (
    EffectType,
    Funding,
    Party,
)
from switch.rules.table import Effect, Kind, Rounding
from tests.switch.rules.tables import (
    CONVERT,
    CREDIT,
    POINTS,
    RULE,
    SUBJECT,
    Counters,
    cap,
    facts,
    table,
)

NONE = Counters()
EXCHANGE = RULE._replace(rule_id="X-1", kind=Kind.CONVERT, triggers=("conversion",))
TEN_FOR_SEVEN = CONVERT._replace(give=7, per=10)


@pytest.mark.parametrize(
    ("effect", "units", "expected"),
    [
        (TEN_FOR_SEVEN, 20, 14),
        (TEN_FOR_SEVEN, 19, 13),
        (TEN_FOR_SEVEN._replace(rounding=Rounding.HALF_UP), 15, 11),
        (TEN_FOR_SEVEN._replace(rounding=Rounding.CEIL), 11, 8),
        (TEN_FOR_SEVEN, 1, "13"),
        (TEN_FOR_SEVEN, 0, "13"),
        (TEN_FOR_SEVEN, None, "13"),
        (TEN_FOR_SEVEN._replace(step=10), 15, "13"),
        (TEN_FOR_SEVEN._replace(minimum=20), 19, "61"),
        (TEN_FOR_SEVEN._replace(maximum=20), 21, "61"),
        (TEN_FOR_SEVEN._replace(target=93), 20, "57"),
        (TEN_FOR_SEVEN._replace(purse=CREDIT), 20, "57"),
    ],
)
def test_conversion(effect: Effect, units: int | None, expected: int | str) -> None:
    """Points into credit."""
    request = facts(None)._replace(
        trigger="conversion", tender_purse=POINTS, tender_units=units, reward=str(CREDIT)
    )
    rules = table(EXCHANGE._replace(effects=(effect,)), RULE._replace(triggers=("conversion",)))
    outcome = evaluate(rules, request, NONE)
    if isinstance(expected, str):
        assert outcome.refusal is not None
        assert outcome.refusal.response_code == expected
        assert outcome.refusal.rule_id == ("" if expected == "57" else "X-1")
        return
    (cost,), (grant,) = outcome.costs, outcome.grants
    assert (cost.type, cost.purse, cost.granted, cost.funding) == (EffectType.COST, POINTS, units, ())
    assert (grant.type, grant.purse, grant.granted) == (EffectType.CONVERT, CREDIT, expected)
    assert grant.funding == (Funding(Party.PROGRAMME, 1, expected),)
    assert (cost.number, grant.number) == (SUBJECT.member, SUBJECT.member)


@pytest.mark.parametrize(
    ("of", "limit", "code"), [(CapOf.USES, 1, "65"), (CapOf.UNITS, 39, "61"), (CapOf.UNITS, 40, None)]
)
def test_caps_of_a_conversion(of: CapOf, limit: int, code: str | None) -> None:
    """The second of two conversions of 20 points."""
    rules = table(EXCHANGE._replace(effects=(TEN_FOR_SEVEN,), caps=(cap(of, limit),)))
    request = facts(None)._replace(trigger="conversion", tender_purse=POINTS, tender_units=20, reward="92")
    first = evaluate(rules, request, NONE)
    counters = Counters({move.key: move.delta for move in first.counter_moves})
    second = evaluate(rules, request, counters)
    assert (second.refusal and second.refusal.response_code) == code
