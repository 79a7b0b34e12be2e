"""The generator of the API client: what it makes of a document, and what it refuses."""

import copy
import sys
from datetime import date
from types import ModuleType

import pytest

from host_api.core.application import openapi_document
from tools.generators.api_client.document import Node, NotKnown
from tools.generators.api_client.names import docstring, field_name, pascal, snake
from tools.generators.api_client.package import client_files

ITEM: Node = {
    "type": "object",
    "description": "An item.",
    "required": ["id", "from"],
    "properties": {
        "id": {"type": "integer"},
        "from": {"type": "string", "format": "date"},
        "date": {"type": "string", "format": "date", "nullable": True},
        "copy": {"type": "string", "enum": ["a", "b"], "default": "a"},
        "tags": {"type": "array", "items": {"type": "string"}, "default": ["x"]},
        "inner": {"allOf": [{"$ref": "#/components/schemas/Item-Part"}], "nullable": True},
        "any": {},
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
}
PART: Node = {
    "type": "object",
    "properties": {"parts": {"type": "array", "items": {"$ref": "#/components/schemas/Item-Part"}}},
}


def _document(**operation: object) -> Node:
    get: Node = {
        "tags": ["some-things"],
        "operationId": "list",
        "summary": "List?",
        "description": 'Things, "quoted"',
        "parameters": [
            {"name": "type", "in": "path", "required": True, "schema": {"type": "string"}},
            {"name": "X-Of", "in": "header", "required": True, "schema": {"type": "integer"}},
        ],
        "responses": {
            "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}},
            "404": {
                "content": {
                    "application/problem+json": {
                        "examples": {
                            "x": {"value": {"type": "urn:x:no-thing", "status": 404, "title": "No thing"}}
                        }
                    }
                }
            },
        },
    }
    return {
        "openapi": "3.0.3",
        "tags": [{"name": "some-things", "description": "Things"}],
        "paths": {"/things/{type}": {"get": get | operation}},  # type: ignore[dict-item]
        "components": {"schemas": {"Item": copy.deepcopy(ITEM), "Item-Part": PART}},
    }


def test_names_are_those_of_python() -> None:
    assert [snake(name) for name in ("api-keys", "If-Match", "from", "id", "body")] == [
        "api_keys",
        "if_match",
        "from_",
        "id_",
        "body_",
    ]
    assert [field_name(name) for name in ("id", "from", "date", "copy", "etag")] == [
        "id",
        "from_",
        "date_",
        "copy_",
        "etag_",
    ]
    assert pascal("member-not-found") == "MemberNotFound"
    with pytest.raises(NotKnown):
        snake("۱")
    assert docstring('a\n\n"b"', "") == '"""a\n\n"b"\n"""\n'


def test_a_document_becomes_modules() -> None:
    files = client_files(_document())
    operations, models = files["operations/some_things.py"], files["models/some_things.py"]
    assert "async def list_(self, type_: str, *, x_of: int) -> Item:" in operations
    assert 'f"/things/{in_path(type_)}"' in operations
    for line in (
        'from_: date = Field(alias="from")',
        'date_: date | None = Field(default=None, alias="date")',
        'copy_: Literal["a", "b"] = Field(default="a", alias="copy")',
        'tags: list[str] = Field(default=["x"])',
        "inner: ItemPart | None = None",
        "any: JsonValue = None",
        "counts: dict[str, int] | None = None",
    ):
        assert f"    {line}\n" in models, line
    assert models.index("class ItemPart") < models.index("class Item(")
    assert 'class NoThing(Problem, code="no-thing", status=404):' in files["problems.py"]
    for name, text in files.items():
        compile(text, name, "exec")
    made = ModuleType("made_models")
    sys.modules[made.__name__] = made
    try:
        exec(models, made.__dict__)
        item = made.Item.model_validate({"id": 1, "from": "2026-03-21", "inner": {"parts": [{}]}, "new": 1})
    finally:
        del sys.modules[made.__name__]
    assert item.from_ == date(2026, 3, 21)
    assert item.inner.parts[0].parts is None
    assert (
        made.Item(id=1, from_=item.from_).model_dump_json(exclude_unset=True)
        == '{"id":1,"from":"2026-03-21"}'
    )


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"type": "string", "format": "morse"}, "format"),
        ({"type": "object", "properties": {"a": {"not": {}}}}, "not"),
        ({"type": "object", "patternProperties": {}}, "patternProperties"),
        ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "allOf"),
        ({"enum": [1.5]}, "1.5"),
        ({"type": "object", "properties": {"a-b": {}, "a_b": {}}}, "a_b"),
    ],
    ids=["format", "not", "pattern-properties", "all-of", "enum", "two-of-a-name"],
)
def test_what_is_not_known_is_refused(schema: Node, told: str) -> None:
    document = _document()
    document["components"] = {"schemas": {"Item": schema, "Item-Part": PART}}
    with pytest.raises(NotKnown, match=told):
        client_files(document)


@pytest.mark.parametrize(
    "operation",
    [
        {"requestBody": {"content": {"text/plain": {"schema": {}}}}},
        {"parameters": [{"name": "a", "in": "cookie", "schema": {}}]},
        {"tags": ["untold"]},
        {"tags": []},
    ],
    ids=["body", "cookie", "tag-not-told", "no-tag"],
)
def test_an_operation_that_is_not_known_is_refused(operation: dict[str, object]) -> None:
    with pytest.raises(NotKnown):
        client_files(_document(**operation))


def test_two_operations_of_a_name_are_refused() -> None:
    document = _document()
    paths = document["paths"]
    assert isinstance(paths, dict)
    paths["/other/{type}"] = paths["/things/{type}"]
    with pytest.raises(NotKnown, match="both called list"):
        client_files(document)


def test_the_same_document_makes_the_same_files() -> None:
    assert client_files(openapi_document()) == client_files(openapi_document())
