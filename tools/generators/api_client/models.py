"""Modules of models: one for each tag, and one for what several tags have."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from tools.generators.api_client.document import Document, Json, Node, NotKnown, Operation, nodes
from tools.generators.api_client.modules import module
from tools.generators.api_client.names import docstring, field_name, snake
from tools.generators.api_client.types import PythonType, class_name, page_item, type_of

PACKAGE = "host_api.client.models"
SHARED = "shared"
RECORDS = "host_api.client.records"

# Written by hand, since the transport reads them.
_BY_HAND = {"ProblemDocument", "FieldProblem"}
_OBJECT_WORDS = {
    "type",
    "title",
    "description",
    "example",
    "properties",
    "required",
    "additionalProperties",
    "minProperties",
    "maxProperties",
}


class Models:
    """Which module has which model.

    Attributes:
        module_of: by the schema's name.
    """

    def __init__(self, document: Document) -> None:
        self._schemas = document.schemas
        self._types: dict[str, tuple[PythonType, ...]] = {}
        users: defaultdict[str, set[str]] = defaultdict(set)
        for operation in document.operations:
            for schema in schemas_of(operation):
                self._add_users(type_of(schema, operation.where).schemas, operation.tag, users)
        self.module_of: Mapping[str, str] = {
            name: snake(*tags) if len(tags) == 1 else SHARED for name, tags in sorted(users.items())
        }
        by_class: dict[str, str] = {}
        for name in self.module_of:
            other = by_class.setdefault(class_name(name), name)
            if other != name:
                raise NotKnown(f"the schemas {name} and {other} make one class")

    def imports_of(self, schemas: Iterable[str], importer: str = "") -> set[tuple[str, str]]:
        """What a module that uses `schemas` imports for them."""
        return {
            (f"{PACKAGE}.{self.module_of[name]}", class_name(name))
            for name in schemas
            if self.module_of[name] != importer
        }

    def texts(self) -> dict[str, str]:
        """The modules, by file name."""
        result: dict[str, str] = {}
        for name in sorted({*self.module_of.values()}):
            own = [schema for schema, place in self.module_of.items() if place == name]
            told = "Models that several tags have." if name == SHARED else f"Models of the tag {name}."
            imports = {("__future__", "annotations")}
            body = ""
            for schema in self._in_order(own):
                text, used = self._definition(schema)
                imports |= used | self.imports_of(self._used_by(schema), name)
                body += text
            result[f"models/{name}.py"] = module(told, imports, body)
        return result

    def _add_users(self, names: Iterable[str], tag: str, users: dict[str, set[str]]) -> None:
        for name in names:
            if name in _BY_HAND:
                raise NotKnown(f"{name} stands in the answer of an operation of {tag}")
            if tag not in users[name]:
                users[name].add(tag)
                self._add_users(self._used_by(name), tag, users)

    def _used_by(self, name: str) -> frozenset[str]:
        schema = self._schemas[name]
        if "properties" not in schema:
            return type_of(schema, name).schemas
        return frozenset().union(
            *(type_of(child, f"{name}.{key}").schemas for key, child in nodes(schema["properties"]))
        )

    def _in_order(self, names: list[str]) -> list[str]:
        """Each after those it is made of."""
        ordered: list[str] = []
        begun: set[str] = set()

        def put(name: str) -> None:
            if name in begun:
                return
            begun.add(name)
            for used in sorted(self._used_by(name)):
                if used in names:
                    put(used)
            ordered.append(name)

        for name in names:
            put(name)
        return ordered

    def _definition(self, name: str) -> tuple[str, set[tuple[str, str]]]:
        schema = self._schemas[name]
        if page_item(name) is not None:
            raise NotKnown(f"{name} is a page of pages")
        if "properties" in schema:
            return _class(name, schema)
        found = type_of(schema, name)
        return f"{class_name(name)} = {found.text}\n", {*found.imports}


def schemas_of(operation: Operation) -> list[Node]:
    """All schemas that the operation's method names."""
    schemas = [parameter.schema for parameter in operation.parameters]
    if operation.body is not None and "properties" not in operation.body[1]:
        schemas.append(operation.body[1])
    if operation.answer is not None:
        schemas.append(operation.answer)
    return schemas


def _class(name: str, schema: Node) -> tuple[str, set[tuple[str, str]]]:
    unknown = set(schema) - _OBJECT_WORDS
    if unknown:
        raise NotKnown(f"{name}: an object with {', '.join(sorted(unknown))}")
    imports = {(RECORDS, "Record")}
    required = schema.get("required", [])
    lines: list[str] = []
    taken: set[str] = set()
    for key, child in nodes(schema["properties"]):
        is_required = isinstance(required, list) and key in required
        line, used = _field(key, child, f"{name}.{key}", is_required=is_required)
        attribute = field_name(key)
        if attribute in taken:
            raise NotKnown(f"{name}: two properties are called {attribute}")
        taken.add(attribute)
        lines.append(f"    {line}\n")
        imports |= used
    extra = ""
    if schema.get("additionalProperties") is False:
        extra = ', extra="forbid"'
    elif schema.get("additionalProperties", False) is not False:
        extra = ', extra="allow"'
    told = docstring(str(schema.get("description", name)), "    ")
    return f"class {class_name(name)}(Record{extra}):\n{told}\n{''.join(lines)}\n\n", imports


def _field(key: str, schema: Node, where: str, *, is_required: bool) -> tuple[str, set[tuple[str, str]]]:
    found = type_of(schema, where)
    attribute = field_name(key)
    options: list[str] = []
    default: str | None = None
    if not is_required:
        value: Json = schema.get("default")
        if value is None:
            found, default = found.or_none(), "None"
        elif value in ([], {}):
            options.append(f"default_factory={type(value).__name__}")
        elif isinstance(value, dict | list):
            options.append(f"default={value!r}")  # pydantic copies it for each model
        else:
            default = repr(value)
            if found.text in {"datetime", "date", "time", "timedelta", "UUID"}:
                found, default = found.or_none(), "None"
    if attribute != key:
        options.append(f"alias={key!r}")
    imports = {*found.imports}
    if not options:
        return f"{attribute}: {found.text}" + ("" if default is None else f" = {default}"), imports
    if default is not None:
        options.insert(0, f"default={default}")
    imports.add(("pydantic", "Field"))
    return f"{attribute}: {found.text} = Field({', '.join(options)})", imports
