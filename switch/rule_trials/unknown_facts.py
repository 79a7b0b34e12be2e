"""What a rule table looks at that no journal keeps."""

from collections.abc import Iterator
from typing import NamedTuple

from switch.rules.caps import CapPer
from switch.rules.conditions import Condition, NumberSource, NumberTest, TextTest
from switch.rules.evaluator.matching import tests_of
from switch.rules.facts import TextDimension
from switch.rules.outcome import EffectType
from switch.rules.table import BasisOf, CounterOf, RuleTable, TableRule

_TEXTS = {
    TextDimension.CHANNEL: "channel",
    TextDimension.OPERATOR: "operator",
    TextDimension.ENTRY_MODE: "entry mode",
    TextDimension.CODE: "code",
}


class Unknown(NamedTuple):
    """A rule, or a declared counter, and the fact that it looks at."""

    rule_id: str
    fact: str


def unknown_facts(table: RuleTable) -> tuple[Unknown, ...]:
    """Everything for which a journal can't say what these rules would decide, in table order."""
    found = [Unknown(rule.rule_id, fact) for rule in table.rules for fact in _of_rule(rule)]
    for counter in table.counters:
        facts = list(_of_condition(counter.condition))
        if counter.of == CounterOf.METRIC:
            facts.append("metric")
        if counter.per == CapPer.OPERATOR:
            facts.append("operator")
        found += [Unknown(f"counter {counter.counter_id}", fact) for fact in facts]
    return tuple(dict.fromkeys(found))


def _of_rule(rule: TableRule) -> Iterator[str]:
    yield from _of_condition(rule.condition)
    if rule.basis.of == BasisOf.METRIC:
        yield "metric"
    if any(effect.type == EffectType.REQUIRE_PIN for effect in rule.effects):
        yield "PIN"
    if any(cap.per == CapPer.OPERATOR for cap in rule.caps):
        yield "operator"


def _of_condition(condition: Condition) -> Iterator[str]:
    for test in tests_of(condition):
        if isinstance(test, TextTest) and test.dimension in _TEXTS:
            yield _TEXTS[test.dimension]
        elif isinstance(test, NumberTest) and test.source == NumberSource.METRIC:
            yield "metric"
