"""The OpenAPI page works without a network, and the document says everything in version 3.0."""

import re
from collections.abc import Iterator
from typing import TypeVar

import pytest
from pydantic import BaseModel

from host_api.core.access.open_routes import OPEN_TO_ANYBODY
from host_api.core.errors import MethodNotAllowed, Problem, RouteNotFound
from tests.host_api.running_api import RunningApi

KindT = TypeVar("KindT")

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]

OUTSIDE = re.compile(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//|url\(\s*["']?(?:https?:)?//|@import""")


def _nodes(node: object, path: str = "") -> Iterator[tuple[str, dict[str, object]]]:
    if isinstance(node, dict):
        yield path, node
        for key, value in node.items():
            if key not in ("example", "value", "default"):
                yield from _nodes(value, f"{path}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _nodes(value, f"{path}/{index}")


def _descendants(model: type[KindT]) -> Iterator[type[KindT]]:
    for heir in model.__subclasses__():
        yield heir
        yield from _descendants(heir)


async def test_page_needs_nothing_from_outside(api: RunningApi) -> None:
    root = await api.client.get("/")
    assert root.is_redirect
    page = await api.client.get(root.headers["location"])
    assert page.status_code == 200
    assert "://" not in page.text
    assert "default-src 'self'" in page.headers["content-security-policy"]
    linked = re.findall(r'(?:src|href|data-openapi)="([^"]+)"', page.text)
    assert len(linked) == 5
    for address in linked:
        answer = await api.client.get(f"/{address}")
        assert answer.status_code == 200, address
        if address.endswith((".css", "start.js")):
            assert not OUTSIDE.search(answer.text), address


async def test_every_operation_is_described(api: RunningApi) -> None:
    document = (await api.client.get("/openapi.json")).json()
    assert document["openapi"] == "3.0.3"
    tags = {tag["name"] for tag in document["tags"]}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            assert operation["description"], where
            assert set(operation["tags"]) <= tags, where
            if path.startswith("/v1"):
                is_open = (method.upper(), path.removeprefix("/v1")) in OPEN_TO_ANYBODY
                schemes: list[dict[str, list[str]]] = [] if is_open else [{"ApiKey": []}, {"Password": []}]
                assert operation.get("security", []) == schemes, where
                for status in ("401", "403", "422", "429", "503"):
                    content = operation["responses"][status]["content"]
                    assert set(content) == {"application/problem+json"}, where
                    assert content["application/problem+json"]["schema"]["$ref"].endswith("/ProblemDocument")
                    assert content["application/problem+json"]["examples"], where
            if "{" in path:
                assert "404" in operation["responses"], where
    assert document["components"]["securitySchemes"]["ApiKey"]["in"] == "header"


async def test_operations_have_short_names_of_their_own(api: RunningApi) -> None:
    document = (await api.client.get("/openapi.json")).json()
    names = [
        operation["operationId"]
        for operations in document["paths"].values()
        for operation in operations.values()
    ]
    for name in names:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z0-9]+)*", name), name
        assert len(name) <= 48, name
    assert [name for name in names if names.count(name) > 1] == []


async def test_every_body_and_every_answer_has_an_example(api: RunningApi) -> None:
    document = (await api.client.get("/openapi.json")).json()
    schemas = document["components"]["schemas"]

    def has_example(schema: dict[str, object]) -> bool:
        """Whether it is a schema of a name with an example, or holds such ones only."""
        if schema.get("format") == "binary":
            return True
        parts = schema.get("allOf") or schema.get("oneOf") or schema.get("anyOf")
        if isinstance(parts, list):
            return all(has_example(part) for part in parts)
        if schema.get("type") == "array":
            return has_example(schema["items"])  # type: ignore[arg-type]
        named = schemas[str(schema["$ref"]).rpartition("/")[2]]
        return "example" in named or (
            "items" in named["properties"] and has_example(named["properties"]["items"])
        )

    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
                assert media_type == "multipart/form-data" or has_example(content["schema"]), f"{where}: body"
            for status, response in operation["responses"].items():
                content = response.get("content", {}).get("application/json")
                assert content is None or has_example(content["schema"]), f"{where}: {status}"


async def test_every_problem_of_a_service_is_declared_where_it_can_be_met(api: RunningApi) -> None:
    document = (await api.client.get("/openapi.json")).json()
    declared = {
        (example["value"]["type"], example["value"]["status"])
        for operations in document["paths"].values()
        for operation in operations.values()
        for response in operation["responses"].values()
        for example in response.get("content", {})
        .get("application/problem+json", {})
        .get("examples", {})
        .values()
    }
    kinds = [
        kind
        for kind in _descendants(Problem)
        if kind.__module__.startswith("host_api.") and "code" in vars(kind)
    ]
    assert len({kind.code for kind in kinds}) == len(kinds)
    for kind in kinds:
        if kind not in {RouteNotFound, MethodNotAllowed}:  # they are no operation's
            assert (f"urn:vafa:problem:{kind.code}", kind.status) in declared, kind


async def test_document_keeps_to_version_3_0(api: RunningApi) -> None:
    document = (await api.client.get("/openapi.json")).json()
    for path, node in _nodes(document):
        if not path.endswith("/properties"):
            assert not {"const", "prefixItems", "propertyNames", "patternProperties"} & set(node), path
            assert node.get("type") != "null", path
            assert not isinstance(node.get("type"), list), path
            assert isinstance(node.get("exclusiveMinimum", True), bool), path
            assert "$ref" not in node or len(node) == 1, path
    references = {node["$ref"] for _, node in _nodes(document) if "$ref" in node}
    schemas = document["components"]["schemas"]
    assert references == {f"#/components/schemas/{name}" for name in schemas}
    for name, schema in schemas.items():
        if schema.get("type") == "object" and name.endswith(("Read", "Create", "Issued", "Document")):
            assert "example" in schema, name


async def test_no_two_schemas_have_one_name(api: RunningApi) -> None:
    document = (await api.client.get("/openapi.json")).json()
    # Where two have, FastAPI puts the module before either: clients' names would change with other services.
    assert [name for name in document["components"]["schemas"] if "__" in name] == []


async def test_examples_are_accepted_by_their_own_models(api: RunningApi) -> None:
    document = (await api.client.get("/openapi.json")).json()
    models = {
        model.__name__: model
        for model in _descendants(BaseModel)
        if model.__module__.startswith("host_api.") and not model.__module__.startswith("host_api.client.")
    }
    checked = [
        models[name].model_validate(schema["example"])
        for name, schema in document["components"]["schemas"].items()
        if "example" in schema
    ]
    assert len(checked) > 50
