"""The worked examples: rule files compile and lint as they should, and sales come out as they say: by the
compiled evaluator, by the journaled table and by the reference."""

from pathlib import Path

import pytest

from switch.rule_trials.club import Club
from switch.rule_trials.expectation import surprises
from switch.rule_trials.facts import check_names
from switch.rules.evaluator import evaluate
from switch.rules.facts import Facts
from switch.rules.lints import lint
from switch.rules.outcome import CounterView, Outcome
from switch.rules.packing import unpack
from switch.rules.reference import decide_by_reading
from switch.rules.table import RuleTable
from tools.rules.source import rules_of, sales_of

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples" / "rules"
SALES = sorted(EXAMPLES.glob("*.sales.toml"))
RULES = sorted(set(EXAMPLES.glob("*.toml")) - set(SALES))
# 2026-11-01 12:00 in Tehran, for sales that name no time and schedules that must not be over.
NOW_S = 1_793_521_800
# Lints that an example is meant to have, by the file's name.
EXPECTED_LINTS: dict[str, list[str]] = {}

each_example = pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)


def test_each_rule_file_has_sales() -> None:
    assert {path.name.removesuffix(".sales.toml") for path in SALES} == {path.stem for path in RULES}
    assert len(RULES) >= 40


@each_example
def test_every_sale_comes_out_as_expected(path: Path) -> None:
    rules = rules_of(str(path))

    def by_reading(table: RuleTable, facts: Facts, counters: CounterView) -> Outcome:
        return decide_by_reading(rules.document, facts, counters)

    journaled = unpack(rules.table.packed)
    for table, decide in ((rules.table, evaluate), (journaled, evaluate), (rules.table, by_reading)):
        club = Club(table, NOW_S)
        for number, sale in enumerate(sales_of(str(path.with_suffix(".sales.toml"))), 1):
            check_names(sale, [table])
            assert sale.expect is not None, f"sale {number} expects nothing"
            decision = club.decide(sale, by=decide)
            assert not surprises(table, decision), f"sale {number} {sale.note}"


@each_example
def test_the_linter_finds_what_is_known(path: Path) -> None:
    found = lint(rules_of(str(path)).document, NOW_S)
    assert [f"{each.code} {each.rule_id}" for each in found] == EXPECTED_LINTS.get(path.name, [])


@each_example
def test_each_rule_is_used_by_a_sale(path: Path) -> None:
    club = Club(rules_of(str(path)).table, NOW_S)
    used: set[str] = set()
    for sale in sales_of(str(path.with_suffix(".sales.toml"))):
        outcome = club.decide(sale).outcome
        used |= {grant.rule_id for grant in (*outcome.discounts, *outcome.grants, *outcome.costs)}
        used |= {outcome.tender.rule_id} if outcome.tender else set()
        used |= {outcome.refusal.rule_id} if outcome.refusal else set()
    assert used >= {rule.rule_id for rule in club.table.rules}
