"""The JSON Schema of message specs, for editors and for programs that write specs."""

import json
from typing import cast

from protocol.spec import SpecDocument
from protocol.spec.schema import NEVER_A_FIELD, SCHEMA_URN

_Node = dict[str, object]


def message_spec_schema() -> str:
    """Text of `protocol/spec/message-spec.schema.json`.

    It has the types and the limits of each value. How values must agree with one another is told when a spec
    is loaded.
    """
    schema: _Node = SpecDocument.model_json_schema()
    properties = cast(dict[str, _Node], schema["properties"])
    properties["fields"] = _by_number(properties["fields"])
    properties["$schema"] = {"type": "string"}
    definitions = cast(dict[str, _Node], schema["$defs"])
    conditional = cast(dict[str, _Node], definitions["MessageTypeSpec"]["properties"])
    conditional["conditional"] = _by_number(conditional["conditional"])
    for definition in (schema, *definitions.values()):
        for node in cast(dict[str, _Node], definition["properties"]).values():
            # Only the names of properties again.
            node.pop("title", None)
            if "patternProperties" in node:
                node["additionalProperties"] = False
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_URN,
        **schema,
        "title": "Message spec",
        "description": "A dialect of ISO 8583: its fields, tags, message types and response codes.",
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _by_number(node: _Node) -> _Node:
    """Keys of a file are text: field numbers from 2 to 192, but for those that announce another bitmap."""
    never = "|".join(str(number) for number in NEVER_A_FIELD)
    numbers = f"^(?!({never})$)([2-9]|[1-9][0-9]|1[0-8][0-9]|19[0-2])$"
    kept = {key: value for key, value in node.items() if key != "additionalProperties"}
    return {**kept, "patternProperties": {numbers: node["additionalProperties"]}}
