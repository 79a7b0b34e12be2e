"""The OpenAPI document, as far as a client needs it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Node: TypeAlias = dict[str, "Json"]

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
PROBLEM = "application/problem+json"

_FIRST_ERROR_STATUS = 400


class NotKnown(Exception):  # noqa: N818
    """The document has something that the generator does not know; the text tells where and what."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an operation, in its path, query or header."""

    name: str
    place: str
    is_required: bool
    schema: Node


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    Attributes:
        name: what stands behind the dot of its id; no other of its tag has it.
        body: its media type and schema.
        answer: schema of the JSON answer; None where there is no JSON.
        is_download: whether the answer is content of any other type.
        problems: codes of the problems it declares.
    """

    name: str
    tag: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    body: tuple[str, Node] | None
    answer: Node | None
    is_download: bool
    problems: tuple[str, ...]

    @property
    def where(self) -> str:
        """For messages."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """A problem that is declared somewhere."""

    code: str
    status: int
    title: str


@dataclass(frozen=True, slots=True)
class Document:
    """What is generated from.

    Attributes:
        tags: what is told of each.
        schemas: by name.
        operations: in the document's order.
        problems: by code.
    """

    tags: Mapping[str, str]
    schemas: Mapping[str, Node]
    operations: tuple[Operation, ...]
    problems: Mapping[str, ProblemKind]


def read_document(document: Node) -> Document:
    """Read an OpenAPI document.

    Raises:
        NotKnown
    """
    if not str(document["openapi"]).startswith("3.0."):
        raise NotKnown(f"OpenAPI {document['openapi']}")
    problems: dict[str, ProblemKind] = {}
    operations = tuple(
        _operation(path, method, operation, problems)
        for path, methods in nodes(document["paths"])
        for method, operation in nodes(methods)
    )
    by_name: dict[tuple[str, str], Operation] = {}
    for operation in operations:
        other = by_name.setdefault((operation.tag, operation.name), operation)
        if other is not operation:
            raise NotKnown(f"{operation.where} and {other.where} are both called {operation.name}")
    return Document(
        {str(tag["name"]): str(tag["description"]) for tag in entries(document["tags"])},
        dict(nodes(node(document["components"])["schemas"])),
        operations,
        dict(sorted(problems.items())),
    )


def node(value: Json) -> Node:
    """`value`, which is an object.

    Raises:
        NotKnown
    """
    if not isinstance(value, dict):
        raise NotKnown(f"an object was expected in place of {value!r}")
    return value


def nodes(value: Json) -> Iterator[tuple[str, Node]]:
    """The objects of an object, by name."""
    return ((name, node(child)) for name, child in node(value).items())


def entries(value: Json) -> Iterator[Node]:
    """The objects of a list; none where there is no list."""
    return (node(child) for child in value) if isinstance(value, list) else iter(())


def _operation(path: str, method: str, operation: Node, problems: dict[str, ProblemKind]) -> Operation:
    where = f"{method.upper()} {path}"
    tags = operation["tags"]
    if not isinstance(tags, list) or not tags:
        raise NotKnown(f"{where}: no tag")
    answers: list[Node] = []
    is_download = False
    codes: list[str] = []
    for status, response in nodes(operation["responses"]):
        content = node(response.get("content", {}))
        if int(status) >= _FIRST_ERROR_STATUS:
            for kind in _problems_in(content):
                problems.setdefault(kind.code, kind)
                codes.append(kind.code)
        elif JSON in content:
            schema = node(node(content[JSON])["schema"])
            if schema not in answers:
                answers.append(schema)
        elif content:
            is_download = True
    if is_download and answers:
        raise NotKnown(f"{where}: JSON beside other content")
    answer: Node | None = None
    if answers:
        answer = answers[0] if len(answers) == 1 else {"anyOf": [*answers]}
    return Operation(
        name=str(operation["operationId"]).rpartition(".")[2],
        tag=str(tags[0]),
        method=method.upper(),
        path=path,
        summary=str(operation["summary"]),
        description=str(operation["description"]),
        parameters=tuple(_parameter(entry, where) for entry in entries(operation.get("parameters"))),
        body=_body(operation, where),
        answer=answer,
        is_download=is_download,
        problems=tuple(codes),
    )


def _problems_in(content: Node) -> Iterator[ProblemKind]:
    for _, example in nodes(node(content.get(PROBLEM, {})).get("examples", {})):
        value = node(example["value"])
        yield ProblemKind(
            str(value["type"]).rpartition(":")[2], int(str(value["status"])), str(value["title"])
        )


def _parameter(entry: Node, where: str) -> Parameter:
    place = str(entry["in"])
    if place not in {"path", "query", "header"}:
        raise NotKnown(f"{where}: parameter in {place}")
    return Parameter(str(entry["name"]), place, entry.get("required") is True, node(entry["schema"]))


def _body(operation: Node, where: str) -> tuple[str, Node] | None:
    if "requestBody" not in operation:
        return None
    wanted = node(operation["requestBody"])
    content = node(wanted["content"])
    if len(content) != 1 or not {JSON, FORM, MULTIPART} & set(content):
        raise NotKnown(f"{where}: body of {', '.join(content)}")
    (media_type,) = content
    return media_type, node(node(content[media_type])["schema"])
