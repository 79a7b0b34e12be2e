"""A rule document as TOML 1.0: tables for its rules and sections, everything within them in one line."""

import json
import re
from collections.abc import Iterator, Mapping

from pydantic import JsonValue

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def as_toml(document: Mapping[str, JsonValue]) -> str:
    """The text. Nulls are left out: TOML has none."""
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Mapping[str, JsonValue]) -> Iterator[str]:
    tables = {name: value for name, value in document.items() if _is_tables(value)}
    for name, value in document.items():
        if value is not None and name not in tables:
            yield f"{_key(name)} = {_value(value)}"
    for name, value in tables.items():
        for entry in value if isinstance(value, list) else []:
            yield ""
            yield f"[[{_key(name)}]]"
            if isinstance(entry, dict):
                yield from (
                    f"{_key(key)} = {_value(part)}" for key, part in entry.items() if part is not None
                )


def _is_tables(value: JsonValue) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(entry, dict) for entry in value)


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _text(name)


def _value(value: JsonValue) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return _text(value)
        case list():
            return f"[{', '.join(_value(entry) for entry in value if entry is not None)}]"
        case dict():
            parts = [f"{_key(key)} = {_value(part)}" for key, part in value.items() if part is not None]
            return f"{{ {', '.join(parts)} }}" if parts else "{}"
        case _:
            return str(value)


def _text(text: str) -> str:
    # A JSON string is a basic string of TOML, but for DEL, which TOML wants escaped too.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
