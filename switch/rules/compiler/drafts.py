"""One rule at a time against a document that may not be finished: its faults, and its full form."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pydantic import ValidationError

from switch.rules.compiler.conditions import ConditionCompiler
from switch.rules.compiler.documents import readable_head
from switch.rules.compiler.faults import FaultSink, schema_faults
from switch.rules.compiler.names import Names
from switch.rules.compiler.programme import compiled_shared
from switch.rules.compiler.rules import RuleCompiler
from switch.rules.schema.document import FORMAT_VERSION, Head, SimpleRule
from switch.rules.schema.rule import Rule
from switch.rules.simple import Expander, SimpleFault

_SET_LABEL = "rule set"


class CheckedRule(NamedTuple):
    """Faults, each with the path in the rule, and the full rule where it can be read."""

    faults: tuple[str, ...]
    rule: Rule | None


class DraftChecker:
    """For the rules of one document. `head` is everything but its rules, as far as it is written; sections of
    it that are at fault themselves are not held against the rules.

    Parameters:
        rule_ids: of all its rules, which others may name.
    """

    def __init__(self, head: Mapping[str, object], rule_ids: Iterable[str]) -> None:
        self._head, unjudged = readable_head(head)
        self._names = Names(self._head, rule_ids, unjudged)
        self._conditions = ConditionCompiler(self._names)
        self._compiler = RuleCompiler(self._names, self._conditions)
        self._expander = Expander(self._head)
        self._written_head = head

    def head_faults(self) -> tuple[str, ...]:
        """What is wrong with the head alone."""
        lines: list[str] = []
        try:
            Head.model_validate({"format": FORMAT_VERSION, **self._written_head})
        except ValidationError as error:
            lines += [fault.removeprefix(f"{_SET_LABEL}: ") for fault in schema_faults(error, {})]
        found: list[str] = []
        compiled_shared(self._names, self._conditions, FaultSink(found, _SET_LABEL))
        return tuple(lines + [line.removeprefix(f"{_SET_LABEL}: ") for line in found])

    def rule(self, written: Mapping[str, object]) -> CheckedRule:
        """A rule in full."""
        try:
            rule = Rule.model_validate(written)
        except ValidationError as error:
            return CheckedRule(_told(error), None)
        return self._compiled(rule)

    def simple(self, written: Mapping[str, object]) -> CheckedRule:
        """A rule in one line."""
        try:
            simple = SimpleRule.model_validate(written)
            rule = self._expander.rule(simple)
        except SimpleFault as fault:
            return CheckedRule((f"text: {fault}",), None)
        except ValidationError as error:
            return CheckedRule(_told(error), None)
        return self._compiled(rule)

    def _compiled(self, rule: Rule) -> CheckedRule:
        lines: list[str] = []
        self._compiler.compiled(rule, FaultSink(lines, rule.rule_id))
        return CheckedRule(tuple(line.removeprefix(f"{rule.rule_id}: ") for line in lines), rule)


def _told(error: ValidationError) -> tuple[str, ...]:
    return tuple(fault.removeprefix(f"{_SET_LABEL}: ") for fault in schema_faults(error, {}))
