"""The JSON Schema of a document that a model describes, for editors and for programs that write it."""

import json
from typing import cast

from pydantic import BaseModel

_Node = dict[str, object]


def model_schema(model: type[BaseModel], urn: str, title: str, description: str) -> str:
    """Text of the schema: types and limits of each value.

    How values must agree with one another is told when a document is loaded.
    """
    schema: _Node = model.model_json_schema()
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
        "$id": urn,
        **schema,
        "title": title,
        "description": description,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
