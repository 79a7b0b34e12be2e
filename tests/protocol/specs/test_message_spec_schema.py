"""The published JSON Schema is current, and says of specs what the schema says."""

import json
import re
import tomllib
from importlib.resources import files

import pytest

from protocol.spec import SpecFault, bundled_specs, parse_json_spec
from protocol.spec.schema import SCHEMA_URN
from tools.generators.message_spec_schema import message_spec_schema

FOLDER = files("protocol.spec")
Node = dict[str, object]
SCHEMA: Node = json.loads(message_spec_schema())
DEFINITIONS: dict[str, Node] = json.loads(message_spec_schema())["$defs"]
TYPES: dict[str, type] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "null": type(None),
}
ANNOTATIONS = {"$schema", "$id", "$defs", "title", "description", "default"}


def document(name: str) -> dict[str, object]:
    return tomllib.loads(FOLDER.joinpath(f"{name}.toml").read_text("utf-8"))


def violations(schema: Node, value: object, place: str = "") -> list[str]:
    """What JSON Schema 2020-12 finds wrong; a keyword that this does not know is an error of the test."""
    found: list[str] = []
    for keyword, wanted in schema.items():
        if keyword == "$ref":
            found += violations(DEFINITIONS[str(wanted).rpartition("/")[2]], value, place)
        elif keyword == "items" and isinstance(value, list):
            found += [line for item in value for line in violations(node(wanted), item, f"{place}[]")]
        elif keyword in ("properties", "patternProperties", "additionalProperties"):
            found += members(keyword, wanted, schema, value, place) if isinstance(value, dict) else []
        elif keyword not in ANNOTATIONS and not holds(keyword, wanted, value, place):
            found.append(f"{place}: {keyword} {wanted}")
    return found


def holds(keyword: str, wanted: object, value: object, place: str) -> bool:
    """Whether a value keeps to a keyword that looks at nothing inside it."""
    if keyword == "type":
        is_boolean = isinstance(value, bool) and wanted == "integer"
        return isinstance(value, TYPES[str(wanted)]) and not is_boolean
    if keyword == "const":
        return value == wanted
    if keyword in ("enum", "required", "anyOf"):
        assert isinstance(wanted, list)
        if keyword == "anyOf":
            return any(not violations(choice, value, place) for choice in wanted)
        return value in wanted if keyword == "enum" else isinstance(value, dict) and set(wanted) <= set(value)
    if keyword == "pattern":
        return not isinstance(value, str) or re.search(str(wanted), value) is not None
    assert keyword in ("minLength", "maxLength", "minimum", "maximum", "items"), keyword
    if keyword == "items":
        return True
    assert isinstance(wanted, int)
    size = len(value) if keyword.endswith("Length") and isinstance(value, str) else value
    if not isinstance(size, int):
        return True
    return size >= wanted if keyword.startswith("min") else size <= wanted


def members(keyword: str, wanted: object, schema: Node, value: Node, place: str) -> list[str]:
    """What one of the three keywords about members finds wrong."""
    found: list[str] = []
    for key, member in value.items():
        inner = f"{place}.{key}"
        named = key in node(schema.get("properties", {}))
        patterns = node(schema.get("patternProperties", {}))
        fitting = [node(rule) for pattern, rule in patterns.items() if re.search(pattern, key)]
        if keyword == "properties" and named:
            found += violations(node(node(wanted)[key]), member, inner)
        elif keyword == "patternProperties":
            found += [line for rule in fitting for line in violations(rule, member, inner)]
        elif keyword == "additionalProperties" and not named and not fitting:
            found += [f"{inner}: no such key"] if wanted is False else violations(node(wanted), member, inner)
    return found


def node(value: object) -> Node:
    assert isinstance(value, dict)
    return value


def test_the_published_file_is_current() -> None:
    assert FOLDER.joinpath("message-spec.schema.json").read_text("utf-8") == message_spec_schema()
    assert SCHEMA["$id"] == SCHEMA_URN == "urn:vafa:message-spec:1"


@pytest.mark.parametrize("name", bundled_specs())
def test_bundled_specs_are_valid_by_it_and_name_it_for_editors(name: str) -> None:
    text = FOLDER.joinpath(f"{name}.toml").read_text("utf-8")
    assert text.splitlines()[0] == "#:schema ./message-spec.schema.json"
    assert violations(SCHEMA, document(name)) == []


@pytest.mark.parametrize(
    "damage",
    [
        ("format", 2),
        ("mti_encoding", "morse"),
        ("payload_maximum_bytes", 0x10000),
        ("payload_maximum_bytes", "many"),
        ("colour", "red"),
        ("name", "With spaces"),
        ("fields", {"1": {}}),
        ("fields", {"65": {}}),
        ("fields", {"2": {"name": "card_number"}}),
        ("tags", {"DF0": {}}),
        ("messages", {"100": {}}),
        ("response_codes", {"0": {}}),
    ],
    ids=str,
)
def test_what_it_refuses_the_loader_refuses_too(damage: tuple[str, object]) -> None:
    broken = {**document("iso8583-1987-bcd"), damage[0]: damage[1]}
    assert violations(SCHEMA, broken)
    with pytest.raises(SpecFault):
        parse_json_spec(json.dumps(broken), "broken.json")


def test_a_json_spec_may_name_it_too() -> None:
    named = {"$schema": SCHEMA_URN, **document("vafa")}
    assert violations(SCHEMA, named) == []
    assert parse_json_spec(json.dumps(named), "vafa.json").name == "vafa"
