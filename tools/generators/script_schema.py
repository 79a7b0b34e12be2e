"""The JSON Schema of the simulator's scripts, for editors."""

import json
from typing import cast

from simulator.scripts.model import SCHEMA_URN, Script

_Node = dict[str, object]


def script_schema() -> str:
    """Text of `simulator/scripts/script.schema.json`.

    It has the types and the limits of each value. Whether fields, tags and tables exist is told when a script
    is loaded.
    """
    schema: _Node = Script.model_json_schema(by_alias=True)
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
        "title": "Script",
        "description": "A conversation with a switch or with a terminal under test, format 1.",
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
