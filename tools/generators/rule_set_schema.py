"""The JSON Schema of rule documents, for editors and for programs that write rules."""

import json
from typing import cast

from switch.rules.schema import SCHEMA_URN, RuleSet

_Node = dict[str, object]


def rule_set_schema() -> str:
    """Text of `switch/rules/rule-set.schema.json`.

    It has the types and the limits of each value. How values must agree with one another is told when rules
    are compiled.
    """
    schema: _Node = RuleSet.model_json_schema()
    properties = cast(dict[str, _Node], schema["properties"])
    properties["$schema"] = {"type": "string"}
    definitions = cast(dict[str, _Node], schema["$defs"])
    for definition in (schema, *definitions.values()):
        definition.pop("title", None)
        for node in cast(dict[str, _Node], definition.get("properties", {})).values():
            # Only the names of properties again.
            node.pop("title", None)
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_URN,
        **schema,
        "title": "Rule set",
        "description": "The rules of a loyalty programme, format 2, and what they refer to.",
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
