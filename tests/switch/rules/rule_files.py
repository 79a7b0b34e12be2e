"""Small rule documents for tests of the schema, the compiler and the lints."""

import copy
import json
from collections.abc import Mapping

from switch.rules.compiler import RuleFaults, compile_rules, parse_rules
from switch.rules.schema import RuleSet
from switch.rules.table import RuleTable

Json = dict[str, object]

POINTS_BY_AMOUNT: Json = {
    "type": "earn",
    "purse": "points",
    "calc": {"mode": "rate", "give": 100, "per": 1_000_000},
    "max": 5000,
}
TENDER: Json = {"type": "tender", "purse": "points", "calc": {"mode": "rate", "give": 1, "per": 1000}}


def rule(rule_id: str = "R-1", /, **parts: object) -> Json:
    """An earn rule with the given parts in place of its own."""
    return {
        "rule_id": rule_id,
        "status": "active",
        "kind": "earn",
        "name": {"fa": "قاعده", "en": "rule"},
        "member_text": {"fa": "امتیاز گرفتید", "en": "points for you"},
        "trigger": "purchase",
        "effects": [copy.deepcopy(POINTS_BY_AMOUNT)],
        **parts,
    }


def earn(give: int = 10, purse: str = "points", **parts: object) -> Json:
    """An effect that gives a fixed amount."""
    return {"type": "earn", "purse": purse, "calc": {"mode": "fixed", "give": give}, **parts}


def discount(rule_id: str = "D-1", /, **parts: object) -> Json:
    """A discount of ten percent."""
    effect = {"type": "discount", "calc": {"mode": "percent", "give": 10}}
    return rule(rule_id, **{"kind": "discount", "effects": [effect], **parts})


def burn(rule_id: str = "B-1", /, **parts: object) -> Json:
    """Points as money."""
    return rule(rule_id, **{"kind": "burn", "trigger": "burn_request", "effects": [TENDER], **parts})


def cost(give: int, purse: str = "points") -> Json:
    """What a discount or gift costs."""
    return {"type": "cost", "purse": purse, "calc": {"mode": "fixed", "give": give}}


def document(*rules: Json, **parts: object) -> Json:
    """A document of these rules."""
    return {"format": 2, "programme": "test", "rules": list(rules), **parts}


def text_of(written: Mapping[str, object]) -> str:
    """A document as JSON."""
    return json.dumps(written, ensure_ascii=False)


def compiled(*rules: Json, **parts: object) -> RuleTable:
    """The table of a document of these rules."""
    return compile_rules(text_of(document(*rules, **parts)), "test")


def parsed(*rules: Json, **parts: object) -> RuleSet:
    """The checked document of these rules."""
    return parse_rules(text_of(document(*rules, **parts)), "test")


def faults_of(written: Mapping[str, object] | str) -> list[str]:
    """What is wrong with a document; empty where nothing is."""
    try:
        compile_rules(written if isinstance(written, str) else text_of(written), "test")
    except RuleFaults as told:
        return told.faults
    return []
