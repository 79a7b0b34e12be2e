"""From text to a checked document and its table."""

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, cast

from pydantic import ValidationError

from switch.rules.compiler.conditions import ConditionCompiler
from switch.rules.compiler.faults import FaultSink, RuleFaults, rule_label, schema_faults
from switch.rules.compiler.names import Names
from switch.rules.compiler.programme import Shared, compiled_shared
from switch.rules.compiler.rules import RuleCompiler
from switch.rules.packing import pack
from switch.rules.schema.document import FORMAT_VERSION, Head, RuleSet, SimpleRule
from switch.rules.schema.rule import Rule
from switch.rules.simple import Expander, SimpleFault
from switch.rules.table import RULES_MAX, RuleTable, TableRule

_SET_LABEL: Final = "rule set"
_LISTS: Final = ("rules", "simple")


class Compiled:
    """A document with all its rules in full form, its parts of the table, and every fault.

    `table_rules` are those of all `rules`, also of those whose status keeps them out of the table.
    """

    def __init__(self, head: Head, rules: tuple[Rule, ...], simple: tuple[SimpleRule, ...]) -> None:
        self.head = head
        self.rules = rules
        self.simple = simple
        self.lines: list[str] = []
        self.shared: Shared | None = None
        self.table_rules: list[TableRule] = []

    def check(self, other_ids: Sequence[str] = (), unjudged: frozenset[str] = frozenset()) -> None:
        """Compiles everything, keeping what the table takes, and tells what doesn't agree in `lines`.

        `other_ids` are those of rules at fault, which others may still name.
        """
        faults = FaultSink(self.lines, _SET_LABEL)
        ids = [rule.rule_id for rule in self.rules] + [line.rule_id for line in self.simple]
        ids += other_ids
        self._expand(faults)
        names = Names(self.head, ids, unjudged)
        if len(names.rule_ids) != len(ids):
            seen: set[str] = set()
            for rule_id in ids:
                if rule_id in seen:
                    self.lines.append(f"{rule_id}: id stands twice")
                seen.add(rule_id)
        if len(ids) > RULES_MAX:
            faults.add("rules", f"a rule set has at most {RULES_MAX} rules")
        conditions = ConditionCompiler(names)
        self.shared = compiled_shared(names, conditions, faults)
        compiler = RuleCompiler(names, conditions)
        for rule in self.rules:
            self.table_rules.append(compiler.compiled(rule, faults.part(rule.rule_id)))
        self._check_budgets()

    def document(self) -> RuleSet:
        """The document with simple rules expanded."""
        if not isinstance(self.head, RuleSet):
            raise ValueError("only a whole document was read in full")
        return self.head.model_copy(update={"rules": self.rules, "simple": self.simple})

    def table(self) -> RuleTable:
        """The table, where there are no faults."""
        if self.shared is None or self.lines:
            raise ValueError("a document with faults has no table")
        rules = in_order(
            compiled for rule, compiled in zip(self.rules, self.table_rules, strict=True) if rule.is_compiled
        )
        programme, groups, budgets, limits, counters = self.shared
        packed = pack(programme, groups, budgets, limits, counters, rules)
        return RuleTable(programme, groups, budgets, limits, counters, rules, packed)

    def _expand(self, faults: FaultSink) -> None:
        if not self.simple:
            return
        expander = Expander(self.head)
        expanded = []
        for line in self.simple:
            try:
                expanded.append(expander.rule(line))
            except SimpleFault as fault:
                faults.part(line.rule_id).add("text", str(fault))
            except ValidationError as error:
                self.lines += [
                    fault.replace(_SET_LABEL, f"{line.rule_id}: text", 1)
                    for fault in schema_faults(error, {})
                ]
        self.rules = (*self.rules, *expanded)
        self.simple = ()

    def _check_budgets(self) -> None:
        purses: dict[str, str | None] = {}
        in_units = {budget.id for budget in self.head.budgets if budget.unit == "units"}
        if not in_units:
            return
        for rule in self.rules:
            if rule.budget not in in_units:
                continue
            for effect in rule.effects:
                if effect.type == "cost":
                    continue
                purse = purses.setdefault(rule.budget, effect.purse_name)
                if purse != effect.purse_name:
                    self.lines.append(
                        f"{rule.rule_id}: budget: {rule.budget} already counts units of "
                        f"{purse or 'discounts'}; units of different purses can't be added"
                    )


def in_order(rules: Iterable[TableRule]) -> tuple[TableRule, ...]:
    """Evaluation order: the order in which rules were written or edited means nothing."""
    return tuple(sorted(rules, key=lambda rule: (-rule.priority, rule.rule_id)))


def compile_text(text: str, source: str) -> Compiled:
    """Read and check rules. Raises RuleFaults with everything that is wrong."""
    written = read_text(text, source)
    try:
        document = RuleSet.model_validate(written)
    except ValidationError as error:
        lines = schema_faults(error, written)
        raise RuleFaults(source, lines + _further_faults(written)) from None
    return checked(document, source)


def checked(document: RuleSet, source: str) -> Compiled:
    """Check a document. Raises RuleFaults with everything that is wrong."""
    compiled = Compiled(document, document.rules, document.simple)
    compiled.check()
    if compiled.lines:
        raise RuleFaults(source, compiled.lines)
    return compiled


def read_text(text: str, source: str) -> dict[str, object]:
    """TOML or JSON as plain values; a key that stands twice is refused. Raises RuleFaults."""
    text = text.removeprefix("\ufeff")
    try:
        if text.lstrip(" \t\r\n").startswith("{"):
            written: object = json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_no_number)
        else:
            written = tomllib.loads(text)
    except RecursionError:
        raise RuleFaults(source, ["nested too deeply"]) from None
    except ValueError as error:
        raise RuleFaults(source, [str(error)]) from None
    document = cast("dict[str, object]", written)
    # Editors find the schema of a JSON file by this key.
    document.pop("$schema", None)
    return document


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"key {next(key for key in keys if keys.count(key) > 1)} stands twice")
    return found


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")


def _further_faults(written: Mapping[str, object]) -> list[str]:
    """Faults of agreement in those parts of a faulty document that can be read on their own."""
    head, unjudged = readable_head(written)
    rules: list[Rule] = []
    simple: list[SimpleRule] = []
    other_ids: list[str] = []
    for section in _LISTS:
        candidates = written.get(section)
        if not isinstance(candidates, list):
            continue
        for index, candidate in enumerate(candidates):
            try:
                if section == "rules":
                    rules.append(Rule.model_validate(candidate))
                else:
                    simple.append(SimpleRule.model_validate(candidate))
            except ValidationError:
                other_ids.append(rule_label(candidates, index))
    compiled = Compiled(head, tuple(rules), tuple(simple))
    compiled.check(other_ids, unjudged)
    return compiled.lines


def readable_head(written: Mapping[str, object]) -> tuple[Head, frozenset[str]]:
    """The head without its faulty sections, and which sections those are."""
    sections = {key: value for key, value in written.items() if key in Head.model_fields}
    unjudged: set[str] = set()
    required = {"format": FORMAT_VERSION, "programme": "x"}
    while True:
        try:
            return Head.model_validate({**required, **sections}), frozenset(unjudged)
        except ValidationError as error:
            for fault in error.errors(include_input=False, include_url=False):
                section = str(fault["loc"][0])
                unjudged.add(section)
                sections.pop(section, None)
