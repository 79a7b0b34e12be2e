"""The JSON Schema of rule documents, for editors and for programs that write rules."""

from switch.rules.schema import SCHEMA_URN, RuleSet
from tools.generators.model_schema import model_schema


def rule_set_schema() -> str:
    """Text of `switch/rules/rule-set.schema.json`."""
    about = "The rules of a loyalty programme, format 2, and what they refer to."
    return model_schema(RuleSet, SCHEMA_URN, "Rule set", about)
