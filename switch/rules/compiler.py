"""From rule data to the rule table. Wrong data reports everything that is wrong at once."""

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import cast

from pydantic import ValidationError

from switch.ledger.purses import PURSE_BY_NAME
from switch.rules.schema import Rule, RuleSet
from switch.rules.table import Effect, EffectType, Rounding, RuleTable, TableRule

_DEFAULT_RULES = "default_rules.toml"


class RuleFaults(Exception):  # noqa: N818  (a fault is the field's word)
    """Rule data is wrong; `faults` has one line for each fault, with the rule it is in."""

    def __init__(self, source: str, faults: list[str]) -> None:
        self.source = source
        self.faults = faults
        super().__init__("\n".join([f"{source}: {len(faults)} faults in the rules", *faults]))


def load_rules(path: Path | None) -> RuleTable:
    """Compile a rule file (TOML), or the bundled default rules where there's no path.

    Raises RuleFaults for wrong rules and OSError where the file can't be read.
    """
    if path is None:
        return compile_rules(
            files("switch.rules").joinpath(_DEFAULT_RULES).read_text("utf-8"), _DEFAULT_RULES
        )
    return compile_rules(path.read_text("utf-8"), str(path))


def compile_rules(text: str, source: str) -> RuleTable:
    """Compile rules written as TOML; `source` names them in faults. Only active rules get into the table."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RuleFaults(source, [str(error)]) from None
    faults: list[str] = []
    written = document.get("rules")
    rules: list[Rule] = []
    if isinstance(written, list):
        # Each rule on its own, so that a fault in one doesn't hide what the checks across rules find.
        for index, candidate in enumerate(cast("list[object]", written)):
            try:
                rules.append(Rule.model_validate(candidate))
            except ValidationError as error:
                faults += _lines(error, _label(candidate, index))
    try:
        RuleSet.model_validate({**document, "rules": rules} if rules else document)
    except ValidationError as error:
        if rules or not faults:
            faults += _lines(error, "rule set")
    faults += _faults_across(rules)
    if faults:
        raise RuleFaults(source, faults)
    return RuleTable(tuple(_compile(rule) for rule in rules if rule.status == "active"))


def _compile(rule: Rule) -> TableRule:
    effects = tuple(
        Effect(
            EffectType[effect.type.upper()],
            PURSE_BY_NAME[effect.purse].code,
            Rounding[effect.rounding.upper()],
            effect.calc.give,
            effect.calc.per,
            effect.min or 0,
            effect.max or 0,
        )
        for effect in rule.effects
    )
    text = rule.member_text
    return TableRule(rule.rule_id, rule.version, rule.priority, text.fa, text.en, effects)


def _faults_across(rules: list[Rule]) -> list[str]:
    faults: list[str] = []
    ids: set[str] = set()
    tender_of: dict[str, str] = {}
    for rule in rules:
        if rule.rule_id in ids:
            faults.append(f"{rule.rule_id}: id stands twice")
        ids.add(rule.rule_id)
        for effect in rule.effects:
            if effect.type != "tender" or rule.status != "active":
                continue
            other = tender_of.setdefault(effect.purse, rule.rule_id)
            if other != rule.rule_id or sum(e.purse == effect.purse for e in rule.effects) > 1:
                faults.append(f"{rule.rule_id}: purse {effect.purse} already has a tender, in {other}")
    return faults


def _label(candidate: object, index: int) -> str:
    rule_id = candidate.get("rule_id") if isinstance(candidate, dict) else None
    return rule_id if isinstance(rule_id, str) else f"rule {index + 1}"


def _lines(error: ValidationError, label: str) -> list[str]:
    return [
        f"{label}: {'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}".replace(": : ", ": ")
        for fault in error.errors(include_input=False, include_url=False)
    ]
