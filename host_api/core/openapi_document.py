"""The OpenAPI document, written in version 3.0.3.

FastAPI writes 3.1; the packaged Swagger UI and many client generators read 3.0, so what the two say
differently is rewritten: nullable types, exclusive bounds, constants and examples of schemas.
"""

from collections.abc import Sequence
from typing import TypeAlias

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from host_api.core.errors import (
    PROBLEM_MEDIA_TYPE,
    PROBLEM_REFERENCE,
    BadRequest,
    KeyUsedOtherwise,
    Problem,
    ProblemDocument,
    problem_responses,
)

OPENAPI_VERSION = "3.0.3"

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

_CALLERS_PATHS = "/v1/"
_UNUSED_SCHEMAS = ("HTTPValidationError", "ValidationError")
_FASTAPIS_ERROR = {"$ref": "#/components/schemas/HTTPValidationError"}


def install_openapi(application: FastAPI, everywhere: Sequence[type[Problem]]) -> None:
    """Let `application` serve the rewritten document, made once.

    Parameters:
        everywhere: what every operation under /v1 can answer with, besides what its route declares.
    """

    def openapi() -> dict[str, object]:
        if application.openapi_schema is None:
            document = get_openapi(
                title=application.title,
                version=application.version,
                description=application.description,
                routes=application.routes,
                tags=application.openapi_tags,
                separate_input_output_schemas=application.separate_input_output_schemas,
            )
            document["components"]["schemas"] |= _problem_schemas()
            application.openapi_schema = {**as_openapi_3_0(document, everywhere)}
        return application.openapi_schema

    application.openapi = openapi  # type: ignore[method-assign]


def as_openapi_3_0(document: dict[str, Json], everywhere: Sequence[type[Problem]] = ()) -> dict[str, Json]:
    """An OpenAPI 3.1 document of FastAPI's making as 3.0.3, its errors under problem+json."""
    rewritten = {key: _rewrite(value) for key, value in document.items()}
    rewritten["openapi"] = OPENAPI_VERSION
    for path, operation in _operations(rewritten):
        _drop_fastapis_own_errors(operation)
        if path.startswith(_CALLERS_PATHS):
            _declare(operation, everywhere)
        if "requestBody" in operation:
            _declare(operation, [BadRequest])
        if _takes_keys(operation):
            _declare(operation, [KeyUsedOtherwise])
    components = rewritten.get("components")
    schemas = components.get("schemas") if isinstance(components, dict) else None
    if isinstance(schemas, dict):
        for name in _UNUSED_SCHEMAS:
            schemas.pop(name, None)
        for schema in _children(schemas):
            _complete_example(schema.get("example"), schema, schemas)
    return rewritten


def _rewrite(node: Json) -> Json:
    if isinstance(node, list):
        return [_rewrite(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    result = {key: _rewrite_part(key, value) for key, value in node.items()}
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
    result.pop("propertyNames", None)  # 3.0 has no word for it
    return result


def _rewrite_part(key: str, value: Json) -> Json:
    if key in ("example", "value", "default"):  # data, not schemas
        return value
    if key == "properties" and isinstance(value, dict):  # where these are names
        return {name: _rewrite(schema) for name, schema in value.items()}
    return _rewrite(value)


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


def _complete_example(example: Json, schema: Json, schemas: dict[str, Json]) -> None:
    """Put back the nulls of an example, which FastAPI leaves out of its document, to any depth."""
    if not isinstance(schema, dict):
        return
    reference, extended = schema.get("$ref"), schema.get("allOf")
    if isinstance(reference, str):
        _complete_example(example, schemas.get(reference.rpartition("/")[2]), schemas)
    elif isinstance(extended, list):
        for part in extended:
            _complete_example(example, part, schemas)
    elif isinstance(example, list):
        for item in example:
            _complete_example(item, schema.get("items"), schemas)
    elif isinstance(example, dict):
        required, properties = schema.get("required"), schema.get("properties")
        for name, described in properties.items() if isinstance(properties, dict) else ():
            is_required = isinstance(required, list) and name in required
            if is_required and isinstance(described, dict) and described.get("nullable"):
                example.setdefault(name, None)
            if name in example:
                _complete_example(example[name], described, schemas)


def _children(node: Json) -> list[dict[str, Json]]:
    return [value for value in node.values() if isinstance(value, dict)] if isinstance(node, dict) else []


def _operations(document: dict[str, Json]) -> list[tuple[str, dict[str, Json]]]:
    paths = document.get("paths")
    return [
        (path, operation)
        for path, operations in (paths.items() if isinstance(paths, dict) else ())
        for operation in _children(operations)
    ]


def _takes_keys(operation: dict[str, Json]) -> bool:
    parameters = operation.get("parameters")
    return isinstance(parameters, list) and any(
        isinstance(entry, dict) and entry.get("name") == "Idempotency-Key" for entry in parameters
    )


def _declare(operation: dict[str, Json], problems: Sequence[type[Problem]]) -> None:
    """Add problems to those that the operation's own route declares, which FastAPI puts in their place."""
    responses = operation["responses"]
    if not isinstance(responses, dict):
        return
    for status, declared in problem_responses(*problems).items():
        own = responses.setdefault(str(status), {"description": "", "content": {PROBLEM_MEDIA_TYPE: {}}})
        content = own.get("content") if isinstance(own, dict) else None
        told = content.get(PROBLEM_MEDIA_TYPE) if isinstance(content, dict) else None
        if not isinstance(own, dict) or not isinstance(told, dict):
            raise TypeError(f"{status} is declared with something else than problems")
        kept = told.setdefault("examples", {})
        added = {
            code: example
            for code, example in declared["content"][PROBLEM_MEDIA_TYPE]["examples"].items()
            if isinstance(kept, dict) and code not in kept
        }
        told["examples"] = {**(kept if isinstance(kept, dict) else {}), **added}
        told["schema"] = {"$ref": PROBLEM_REFERENCE}
        titles = [str(own["description"]), *(str(example["summary"]) for example in added.values())]
        own["description"] = "; ".join(title for title in titles if title)


def _drop_fastapis_own_errors(operation: dict[str, Json]) -> None:
    """FastAPI declares how it would tell what it doesn't accept, which our problem details do."""
    responses = operation.get("responses")
    for status, response in list(responses.items()) if isinstance(responses, dict) else ():
        content = response.get("content") if isinstance(response, dict) else None
        plain = content.get("application/json") if isinstance(content, dict) else None
        if isinstance(responses, dict) and isinstance(plain, dict) and plain.get("schema") == _FASTAPIS_ERROR:
            del responses[status]


def _problem_schemas() -> dict[str, Json]:
    described = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**described.pop("$defs"), ProblemDocument.__name__: described}
