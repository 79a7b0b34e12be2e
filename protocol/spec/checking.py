"""A document of our schema becomes a spec, or tells all its faults at once."""

import re
from collections.abc import Mapping
from typing import cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from protocol.faults import FaultCode, ProtocolFault
from protocol.spec.schema import FORMAT_VERSION, SpecDocument

# A fault can hide those around it, so what is wrong is stood in for, and the rest looked at again.
_ROUNDS_MAXIMUM = 16
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TITLE = {"en": "?", "fa": "?"}
_WHOLE: dict[str, object] = {
    "format": FORMAT_VERSION,
    "name": "stand-in",
    "version": 1,
    "title": _TITLE,
    "mti_encoding": "ascii",
    "bitmap_encoding": "binary",
    "bitmap_bytes": 8,
    "length_encoding": "ascii",
    "payload_maximum_bytes": 0xFFFF,
    "fields": {},
}


class SpecFault(ProtocolFault):
    """A spec is wrong; `faults` lists everything that is, one line each, its place in front."""

    def __init__(self, source: str, faults: list[str]) -> None:
        self.faults = faults
        self.source = source
        super().__init__(FaultCode.BAD_SPEC, source, side="local")

    def __str__(self) -> str:
        if not hasattr(self, "faults"):
            return super().__str__()
        count = "1 fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        return "\n".join([f"{self.source}: {count} in the message spec", *self.faults])


def checked_spec(
    document: Mapping[str, object], source: str, faults: list[str] | None = None
) -> SpecDocument:
    """The spec that a document describes; `faults` are those that its reader has found already.

    Raises SpecFault with all of them, and with all that the schema finds.
    """
    found = list(faults or ())
    numbered = _numbered(document, found)
    spec = _validated(numbered, found)
    if spec is None or found:
        raise SpecFault(source, list(dict.fromkeys(found)))
    return spec


def _validated(document: dict[str, object], found: list[str]) -> SpecDocument | None:
    for _ in range(_ROUNDS_MAXIMUM):
        try:
            return SpecDocument.model_validate(document)
        except ValidationError as error:
            errors = error.errors(include_url=False, include_context=False)
        for fault in errors:
            found += _lines(fault)
        if all(not fault["loc"] for fault in errors):
            break
        for fault in errors:
            document = cast(dict[str, object], _mended(document, fault["loc"]))
    return None


def _lines(fault: ErrorDetails) -> list[str]:
    message = fault["msg"].removeprefix("Value error, ")
    if fault["loc"] == ("format",) and fault["type"] == "literal_error":
        message = f"version {fault['input']!r} is not known, this reads version {FORMAT_VERSION}"
    place = ".".join(str(part) for part in fault["loc"] if part != "[key]")
    return [f"{place}: {line}" if place else line for line in message.split("; ")]


def _mended(node: object, place: tuple[int | str, ...]) -> object:
    """A copy of the document in which nothing is wrong at `place`; all else stays for further checks."""
    if not isinstance(node, Mapping):
        return node
    kept = dict(cast(Mapping[int | str, object], node))
    key, rest = place[0], place[1:]
    if key not in kept or not rest or not isinstance(kept[key], Mapping):
        if key in _WHOLE:
            kept[key] = _WHOLE[str(key)]
        else:
            kept.pop(key, None)
        return kept
    entry = kept[key]
    if key == "title":
        kept[key] = _TITLE
    elif key in ("fields", "parts"):
        kept[key] = _mended_entry(entry, rest)
    else:
        entries = dict(cast(Mapping[int | str, object], entry))
        entries.pop(rest[0], None)
        kept[key] = entries
    return kept


def _mended_entry(entries: object, place: tuple[int | str, ...]) -> object:
    """Fields or parts with the one at `place` stood in for, or only the part of it that is wrong."""
    kept = dict(cast(Mapping[int | str, object], entries))
    key, rest = place[0], place[1:]
    if rest == ("[key]",):
        kept.pop(key, None)
    elif len(rest) > 1 and rest[0] == "parts":
        kept[key] = _mended(kept[key], rest)
    else:
        field = kept.get(key)
        name = field.get("name") if isinstance(field, Mapping) else None
        kept[key] = {
            "name": name if isinstance(name, str) and _NAME.fullmatch(name) else f"stand_in_{key}",
            "kind": "b",
            "encoding": "binary",
            "length": "fixed",
            "size": 8,
            "unit": "bytes",
            "title": _TITLE,
        }
    return kept


def _numbered(document: Mapping[str, object], found: list[str]) -> dict[str, object]:
    """Keys of a file are text; field numbers are numbers, and each is written in one way only."""
    numbered = dict(document)
    fields = document.get("fields")
    if isinstance(fields, Mapping):
        keys = [str(key) for key in fields]
        found += [f"fields.{key}: no field number" for key in keys if not _NUMBER.fullmatch(key)]
        numbered["fields"] = {
            int(key): value
            for key, value in zip(keys, fields.values(), strict=True)
            if _NUMBER.fullmatch(key)
        }
    return numbered
