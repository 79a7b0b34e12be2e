"""Types of events: declared once, beside the service that emits them, and collected into a catalogue.

A payload tells by ids and codes what happened; whoever may know more reads the record by its id. So that no
name, number or note of a person gets into an event, a payload can't have free text: a type with a string that
is neither an enumeration, nor a time, nor bound by a pattern can't be declared.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, Protocol, TypeVar

from pydantic import BaseModel

PayloadT = TypeVar("PayloadT", bound=BaseModel)

NAME_PATTERN: Final = r"^[a-z][a-z_]{1,22}\.[a-z][a-z_]{1,22}$"
LONGEST_NAME: Final = 47

_BOUND_BY = ("enum", "const", "pattern")
_TIMES = ("date-time", "date")


@dataclass(frozen=True, slots=True)
class EventType(Generic[PayloadT]):
    """A kind of event.

    Parameters:
        name: stable name, ``noun.what_happened``.
        payload: model of the payload, with an example in its schema.
        title, title_fa: what a person calls it.
        version: of the payload; counts up when a reader of the old one could misread the new one.

    Raises:
        ValueError: the name is malformed, or the payload has free text or no valid example.
    """

    name: str
    payload: type[PayloadT]
    title: str
    title_fa: str
    version: int = 1
    schema: Mapping[str, object] = field(init=False, repr=False, compare=False)
    example: Mapping[str, object] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not re.fullmatch(NAME_PATTERN, self.name):
            raise ValueError(f"{self.name!r} is no name of an event type")
        schema = self.payload.model_json_schema()
        example = schema.get("example")
        if not isinstance(example, dict):
            raise ValueError(f"the payload of {self.name} has no example")
        self.payload.model_validate(example)
        if _has_free_text(schema):
            raise ValueError(f"the payload of {self.name} has free text, which may be personal data")
        object.__setattr__(self, "schema", schema)
        object.__setattr__(self, "example", example)


class DeclaredType(Protocol):
    """Any event type, whatever its payload."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> int: ...

    @property
    def title(self) -> str: ...

    @property
    def title_fa(self) -> str: ...

    @property
    def schema(self) -> Mapping[str, object]: ...

    @property
    def example(self) -> Mapping[str, object]: ...


class EventCatalogue:
    """All event types, by name and version.

    Raises:
        ValueError: two types have the same name and version.
    """

    def __init__(self, types: Iterable[DeclaredType]) -> None:
        self._types = sorted(types, key=lambda kind: (kind.name, kind.version))
        if len({(kind.name, kind.version) for kind in self._types}) != len(self._types):
            raise ValueError("two event types have the same name and version")
        self.names = frozenset(kind.name for kind in self._types)

    def __iter__(self) -> Iterator[DeclaredType]:
        return iter(self._types)


def _has_free_text(node: object) -> bool:
    if isinstance(node, list):
        return any(_has_free_text(entry) for entry in node)
    if not isinstance(node, dict):
        return False
    if node.get("type") == "string" and node.get("format") not in _TIMES and not set(_BOUND_BY) & set(node):
        return True
    return any(_has_free_text(value) for key, value in node.items() if key != "example")
