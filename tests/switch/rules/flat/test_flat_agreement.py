"""The flat evaluator against the plain one, its definition: random rules, worked examples, many rules."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from switch.rule_trials.club import Club
from switch.rules.compiler import compile_document, compile_rules
from switch.rules.facts import Facts
from switch.rules.outcome import CounterView, Outcome
from switch.rules.schema.document import RuleSet
from switch.rules.table import RuleTable
from tests.amounts import many
from tests.switch.rules.flat.evaluators import Both
from tests.switch.rules.sample_names import Json
from tests.switch.rules.sample_requests import Counters, Scene, cases
from tools.bench.rule_workload import rule_document, sample_requests, sample_rules
from tools.bench.rules import facts_of
from tools.rules.source import rules_of, sales_of

_EXAMPLES = Path(__file__).parents[4] / "docs/examples/rules"
_SALES = sorted(_EXAMPLES.glob("*.sales.toml"))
# A whole rule document is large by nature.
_LARGE = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]


def _compare(both: Both, document: Json, scene: Scene) -> None:
    pair = both.evaluators(compile_document(RuleSet.model_validate(document)))
    counters = Counters(scene.noise)
    for asked in scene.requests:
        for facts in (asked, asked._replace(trigger="purchase", reward="")):
            outcome = pair.evaluate(facts, counters)
            counters.add(outcome.counter_moves)


@pytest.mark.parametrize(
    ("case", "examples"),
    [
        pytest.param(cases(requests_max=8), 100, id="few rules"),
        pytest.param(cases(copies=40), 40, id="many rules"),
        pytest.param(cases(rules_max=4, copies=63), 20, id="rules of several words"),
    ],
)
def test_random_rules_decide_alike(case: st.SearchStrategy[tuple[Json, Scene]], examples: int) -> None:
    both = Both()

    @settings(max_examples=many(examples), deadline=None, suppress_health_check=_LARGE)
    @given(case)
    def compared(drawn: tuple[Json, Scene]) -> None:
        _compare(both, *drawn)

    compared()
    assert both.purchases >= many(examples)
    assert both.share > 0.99


@pytest.mark.parametrize("path", _SALES, ids=lambda path: path.name.partition(".")[0])
def test_worked_examples_decide_alike(path: Path) -> None:
    both = Both()
    club = Club(rules_of(str(path).replace(".sales.toml", ".toml")).table, now_s=0)
    pair = both.evaluators(club.table)

    def decided(_table: RuleTable, facts: Facts, counters: CounterView) -> Outcome:
        return pair.evaluate(facts, counters)

    for sale in sales_of(str(path)):
        club.decide(sale, by=decided)
    assert both.native == both.purchases


@pytest.mark.parametrize("size", [10, 1_000])
def test_a_club_of_many_rules_decides_alike(size: int) -> None:
    both, document = Both(), rule_document(sample_rules(size))
    pair = both.evaluators(compile_rules(document, "benchmark"))
    for facts in facts_of(sample_requests(size, 300), document):
        pair.evaluate(facts, Counters())
    assert both.native == both.purchases == 300
