"""The club's default rules, evaluated: what they always granted."""

import pytest

from switch.rules.compiler import load_rules
from switch.rules.evaluator import evaluate
from tests.switch.rules.tables import Counters, facts

DEFAULT = load_rules(None)


@pytest.mark.parametrize(
    ("amount", "points", "credit"),
    [
        (2_500_000, 250, 50_000),
        (9_999, 0, 199),
        (10_000, 1, 200),
        (49, 0, 0),
        (1_000_000_000, 100_000, 20_000_000),
        # The daily limits of a member.
        (999_999_999_999, 100_000, 50_000_000),
    ],
)
def test_default_rules_earn(amount: int, points: int, credit: int) -> None:
    grants = evaluate(DEFAULT, facts(amount), Counters()).grants
    wanted = [("EARN-01", 91, points), ("EARN-02", 92, credit)]
    assert [(grant.rule_id, grant.purse, grant.granted) for grant in grants] == [
        row for row in wanted if row[2]
    ]


@pytest.mark.parametrize(("amount", "points"), [(1, 1), (1000, 1), (1001, 2), (100_500, 101)])
def test_default_rules_tender(amount: int, points: int) -> None:
    for purse, units in ((91, points), (92, amount)):
        request = facts(amount)._replace(trigger="burn_request", tender_purse=purse)
        outcome = evaluate(DEFAULT, request, Counters())
        assert outcome.tender is not None
        assert (outcome.tender.rule_id, outcome.tender.granted, outcome.net_amount) == ("BURN-04", units, 0)
        # What is paid from a purse earns nothing.
        assert outcome.grants == ()
