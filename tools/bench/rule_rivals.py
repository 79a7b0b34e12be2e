"""The sample rules in the forms of rule-engine, business-rules and json-logic-qubit.

Each is used as its documentation shows: rules are parsed or built once, then every rule is asked about a
request, for none of them has an index. A request is a mapping from names to values, made before the clock
starts. What comes back are the ids of the rules that hold, in order.
"""

from collections.abc import Callable, Mapping

import rule_engine
from business_rules.engine import check_conditions_recursively
from business_rules.variables import (
    BaseVariables,
    numeric_rule_variable,
    select_multiple_rule_variable,
    select_rule_variable,
)
from json_logic import jsonLogic

from tools.bench.rule_workload import SampleRule

Request = Mapping[str, object]
Matcher = Callable[[Request], list[str]]


def rule_engine_matcher(rules: list[SampleRule]) -> Matcher:
    """rule-engine: an expression for each rule, parsed once; in the form that is the fastest there."""
    parsed = [(rule.rule_id, rule_engine.Rule(_expression(rule))) for rule in rules]

    def match(request: Request) -> list[str]:
        return [rule_id for rule_id, rule in parsed if rule.matches(request)]

    return match


def business_rules_matcher(rules: list[SampleRule]) -> Matcher:
    """business-rules: conditions as data, variables as methods."""
    conditions = [(rule.rule_id, _conditions(rule)) for rule in rules]

    def match(request: Request) -> list[str]:
        variables = _Variables(request)
        return [rule_id for rule_id, tree in conditions if check_conditions_recursively(tree, variables)]

    return match


def json_logic_matcher(rules: list[SampleRule]) -> Matcher:
    """json-logic-qubit: one expression of nested operations for each rule."""
    logic = [(rule.rule_id, _logic(rule)) for rule in rules]

    def match(request: Request) -> list[str]:
        return [rule_id for rule_id, tree in logic if jsonLogic(tree, request)]

    return match


MATCHERS: Mapping[str, Callable[[list[SampleRule]], Matcher]] = {
    "rule-engine": rule_engine_matcher,
    "business-rules": business_rules_matcher,
    "json-logic": json_logic_matcher,
}


class _Variables(BaseVariables):  # type: ignore[misc]  # the library has no types
    def __init__(self, request: Request) -> None:
        self._request = request

    @select_multiple_rule_variable()  # type: ignore[untyped-decorator]
    def merchant(self) -> list[object]:
        return [self._request["merchant"]]

    @select_multiple_rule_variable()  # type: ignore[untyped-decorator]
    def card_type(self) -> list[object]:
        return [self._request["card_type"]]

    @select_multiple_rule_variable()  # type: ignore[untyped-decorator]
    def tier(self) -> list[object]:
        return [self._request["tier"]]

    @select_rule_variable()  # type: ignore[untyped-decorator]
    def segments(self) -> object:
        return self._request["segments"]

    @select_multiple_rule_variable()  # type: ignore[untyped-decorator]
    def weekday(self) -> list[object]:
        return [self._request["weekday"]]

    @numeric_rule_variable  # type: ignore[untyped-decorator]
    def amount(self) -> object:
        return self._request["amount"]


def _lists(rule: SampleRule) -> list[tuple[str, tuple[str, ...]]]:
    """The parts that ask whether a text is one of several, cheapest to fail first."""
    parts = (
        ("merchant", rule.merchants),
        ("card_type", rule.card_types),
        ("tier", rule.tiers),
        ("weekday", rule.weekdays),
    )
    return [(name, values) for name, values in parts if values]


def _expression(rule: SampleRule) -> str:
    parts = [
        "(" + " or ".join(f'{name} == "{value}"' for value in values) + ")" for name, values in _lists(rule)
    ]
    parts += [f"amount >= {rule.amount_from}", f"amount < {rule.amount_until}"]
    if rule.segment:
        parts.append(f'"{rule.segment}" in segments')
    return " and ".join(parts)


def _conditions(rule: SampleRule) -> dict[str, object]:
    parts: list[dict[str, object]] = [
        {"name": name, "operator": "shares_at_least_one_element_with", "value": list(values)}
        for name, values in _lists(rule)
    ]
    if rule.segment:
        parts.append({"name": "segments", "operator": "contains", "value": rule.segment})
    parts += [
        {"name": "amount", "operator": "greater_than_or_equal_to", "value": rule.amount_from},
        {"name": "amount", "operator": "less_than", "value": rule.amount_until},
    ]
    return {"all": parts}


def _logic(rule: SampleRule) -> dict[str, object]:
    parts: list[dict[str, object]] = [{"in": [{"var": name}, list(values)]} for name, values in _lists(rule)]
    if rule.segment:
        parts.append({"in": [rule.segment, {"var": "segments"}]})
    parts += [
        {">=": [{"var": "amount"}, rule.amount_from]},
        {"<": [{"var": "amount"}, rule.amount_until]},
    ]
    return {"and": parts}
