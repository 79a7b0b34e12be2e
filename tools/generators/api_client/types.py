"""Schemas as Python types."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from tools.generators.api_client.document import Json, Node, NotKnown, entries, node
from tools.generators.api_client.names import pascal

REFERENCE = "#/components/schemas/"

# What the API checks itself, or tells people.
_NOT_TYPES = {
    "title",
    "description",
    "example",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "contentMediaType",
}
_TEXTS = {
    "date-time": ("datetime", "datetime"),
    "date": ("date", "datetime"),
    "time": ("time", "datetime"),
    "duration": ("timedelta", "datetime"),
    "uuid": ("UUID", "uuid"),
    "binary": ("bytes", ""),
    **dict.fromkeys(("", "password", "uri", "email", "ipv4", "ipv6", "hostname"), ("str", "")),
}
_PLAIN = {"integer": "int", "number": "float", "boolean": "bool"}


@dataclass(frozen=True, slots=True)
class PythonType:
    """A type as it is written, and what it is written with.

    Attributes:
        schemas: names of the document's schemas in it.
        imports: module and name.
    """

    text: str
    schemas: frozenset[str] = frozenset()
    imports: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    def within(self, pattern: str, *imports: tuple[str, str]) -> "PythonType":
        """The type put in place of `{}`."""
        return PythonType(pattern.format(self.text), self.schemas, self.imports | {*imports})

    def or_none(self) -> "PythonType":
        """The type or None."""
        return self if self.text.endswith("| None") or self.text == "JsonValue" else self.within("{} | None")


_ANYTHING = PythonType("JsonValue", imports=frozenset({("pydantic", "JsonValue")}))


def union(types: Iterable[PythonType]) -> PythonType:
    """Any of the types."""
    each = list(types)
    texts = list(dict.fromkeys(entry.text for entry in each))
    return PythonType(
        " | ".join(texts),
        frozenset().union(*(entry.schemas for entry in each)),
        frozenset().union(*(entry.imports for entry in each)),
    )


def class_name(schema: str) -> str:
    """The class of a schema that isn't a page."""
    return pascal(schema)


def page_item(schema: str) -> str | None:
    """Name of the items' schema where `schema` is a page of them."""
    return schema[5:-1] if schema.startswith("Page_") and schema.endswith("_") else None


def type_of(schema: Node, where: str) -> PythonType:
    """The type of a schema, wherever it stands.

    Raises:
        NotKnown
    """
    found = _type_of({name: value for name, value in schema.items() if name not in _NOT_TYPES}, where)
    return found.or_none() if schema.get("nullable") is True else found


def _type_of(schema: Node, where: str) -> PythonType:
    words = set(schema) - {"nullable"}
    kind = schema.get("type")
    if not words:
        return _ANYTHING
    if words == {"$ref"}:
        return _named(str(schema["$ref"]).removeprefix(REFERENCE))
    if words == {"allOf"}:
        parts = list(entries(schema["allOf"]))
        if len(parts) == 1:
            return type_of(parts[0], where)
    if words in ({"anyOf"}, {"oneOf"}):
        (word,) = words
        return union(type_of(part, where) for part in entries(schema[word]))
    if words == {"oneOf", "discriminator"}:
        told = f"{{}}, Field(discriminator={str(node(schema['discriminator'])['propertyName'])!r})"
        return union(type_of(part, where) for part in entries(schema["oneOf"])).within(
            f"Annotated[{told}]", ("typing", "Annotated"), ("pydantic", "Field")
        )
    if "enum" in words and words <= {"enum", "type"}:
        return literal(schema["enum"])
    if kind == "string" and words <= {"type", "format"}:
        known = _TEXTS.get(str(schema.get("format", "")))
        if known is not None:
            name, module = known
            return PythonType(name, imports=frozenset({(module, name)} if module else ()))
    if isinstance(kind, str) and kind in _PLAIN and words <= {"type", "format"}:
        return PythonType(_PLAIN[kind])
    if kind == "array" and words <= {"type", "items"}:
        return type_of(node(schema.get("items", {})), where).within("list[{}]")
    if kind == "object" and words <= {"type", "additionalProperties"}:
        return _mapping(schema.get("additionalProperties", True), where)
    raise NotKnown(f"{where}: a schema with {', '.join(sorted(words))} (type {kind})")


def literal(values: Json) -> PythonType:
    """A choice of values."""
    if not isinstance(values, list) or not all(isinstance(value, str | int) for value in values):
        raise NotKnown(f"choice of {values}")
    return PythonType(
        f"Literal[{', '.join(repr(value) for value in values)}]", imports=frozenset({("typing", "Literal")})
    )


def _named(name: str) -> PythonType:
    item = page_item(name)
    if name == _ANYTHING.text:  # pydantic's own, which the document has as a schema of its name
        return _ANYTHING
    if item is None:
        return PythonType(class_name(name), frozenset({name}))
    return _named(item).within("Page[{}]", ("host_api.client.records", "Page"))


def _mapping(values: Json, where: str) -> PythonType:
    if values is False:
        raise NotKnown(f"{where}: an object that can have nothing")
    return type_of({} if values is True else node(values), where).within("dict[str, {}]")
