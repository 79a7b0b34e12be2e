"""The OpenAPI document, written in version 3.0.3.

FastAPI writes 3.1; the packaged Swagger UI and many client generators read 3.0, so what the two say
differently is rewritten: nullable types, exclusive bounds, constants and examples of schemas.
"""

from typing import TypeAlias

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from host_api.core.errors import PROBLEM_MEDIA_TYPE

OPENAPI_VERSION = "3.0.3"

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

_PROBLEM_REFERENCE = "#/components/schemas/ProblemDocument"
_UNUSED_SCHEMAS = ("HTTPValidationError", "ValidationError")


def install_openapi(application: FastAPI) -> None:
    """Let `application` serve the rewritten document, made once."""

    def openapi() -> dict[str, object]:
        if application.openapi_schema is None:
            document = get_openapi(
                title=application.title,
                version=application.version,
                description=application.description,
                routes=application.routes,
                tags=application.openapi_tags,
            )
            application.openapi_schema = {**as_openapi_3_0(document)}
        return application.openapi_schema

    application.openapi = openapi  # type: ignore[method-assign]


def as_openapi_3_0(document: dict[str, Json]) -> dict[str, Json]:
    """An OpenAPI 3.1 document of FastAPI's making as 3.0.3, its errors under problem+json."""
    rewritten = {key: _rewrite(value) for key, value in document.items()}
    rewritten["openapi"] = OPENAPI_VERSION
    for operation in _operations(rewritten):
        for response in _children(operation.get("responses")):
            _move_problem(response)
    components = rewritten.get("components")
    schemas = components.get("schemas") if isinstance(components, dict) else None
    if isinstance(schemas, dict):
        for name in _UNUSED_SCHEMAS:
            schemas.pop(name, None)
    return rewritten


def _rewrite(node: Json) -> Json:
    if isinstance(node, list):
        return [_rewrite(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    # The values of these are data, not schemas.
    result = {
        key: value if key in ("example", "value", "default") else _rewrite(value)
        for key, value in node.items()
    }
    _rewrite_nullable(result)
    if "const" in result:
        result["enum"] = [result.pop("const")]
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        value = result.get(exclusive)
        if isinstance(value, int | float) and not isinstance(value, bool):
            result[bound], result[exclusive] = value, True
    examples = result.get("examples")
    if isinstance(examples, list):
        del result["examples"]
        if examples:
            result.setdefault("example", examples[0])
    if "$ref" in result and len(result) > 1:  # beside a reference 3.0 ignores everything else
        result["allOf"] = [{"$ref": result.pop("$ref")}]
    _complete_example(result)
    result.pop("propertyNames", None)  # 3.0 has no word for it
    return result


def _rewrite_nullable(node: dict[str, Json]) -> None:
    choices = node.get("anyOf")
    if not isinstance(choices, list) or {"type": "null"} not in choices:
        return
    rest = [choice for choice in choices if choice != {"type": "null"}]
    node["nullable"] = True
    if len(rest) == 1 and isinstance(rest[0], dict):
        del node["anyOf"]
        node.update(rest[0])
    else:
        node["anyOf"] = rest


def _complete_example(schema: dict[str, Json]) -> None:
    """Put back the nulls of an example, which FastAPI leaves out of its document."""
    example, properties, required = (schema.get(key) for key in ("example", "properties", "required"))
    if isinstance(example, dict) and isinstance(properties, dict) and isinstance(required, list):
        for name in required:
            described = properties.get(name) if isinstance(name, str) else None
            if isinstance(name, str) and isinstance(described, dict) and described.get("nullable"):
                example.setdefault(name, None)


def _children(node: Json) -> list[dict[str, Json]]:
    return [value for value in node.values() if isinstance(value, dict)] if isinstance(node, dict) else []


def _operations(document: dict[str, Json]) -> list[dict[str, Json]]:
    return [operation for path in _children(document.get("paths")) for operation in _children(path)]


def _move_problem(response: dict[str, Json]) -> None:
    content = response.get("content")
    if not isinstance(content, dict):
        return
    plain = content.get("application/json")
    if isinstance(plain, dict) and plain.get("schema") == {"$ref": _PROBLEM_REFERENCE}:
        del content["application/json"]
        problem = content.get(PROBLEM_MEDIA_TYPE)
        examples = problem if isinstance(problem, dict) else {}
        content[PROBLEM_MEDIA_TYPE] = {**examples, "schema": {"$ref": _PROBLEM_REFERENCE}}
