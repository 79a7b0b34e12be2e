"""One message as the page shows it: its bytes, masked as the spec says, and its fields with their ranges."""

from collections.abc import Iterator
from enum import StrEnum

from protocol.faults import ProtocolFault
from protocol.message_type import original_of
from protocol.presentation.masking import Masking
from protocol.presentation.spans import Element, Reading, read
from protocol.presentation.text import Row, byte_cover, rows
from protocol.spec import SpecDocument

Document = dict[str, object]

FRAME_LENGTH_BYTES = 2
TONES = 12  # colours of fields


class Direction(StrEnum):
    """Which way a message went, seen from the terminal."""

    SENT = "sent"
    RECEIVED = "received"


def message_document(
    spec: SpecDocument, payload: bytes, direction: Direction, number: int, at_ms: int
) -> Document:
    """What the page needs to know of one message; nothing in it shows what the spec masks.

    `cells` is a text for each byte. A row's range counts from the first byte of the payload, `end` is the
    byte behind; `topic` is its paragraph of the handbook.
    """
    reading = read(spec, payload)
    masking = Masking(reading)
    cover = byte_cover(reading, unsafe=False)
    stan = next((element.value for element in reading.elements if element.name == "stan"), None)
    rules = spec.messages.get(original_of(reading.mti)) if reading.mti else None
    return {
        "number": number,
        "direction": direction.value,
        "at_ms": at_ms,
        "mti": reading.mti,
        "title": {"fa": rules.title.fa, "en": rules.title.en} if rules else None,
        "stan": stan if isinstance(stan, str) else None,
        "length": [f"{value:02X}" for value in len(payload).to_bytes(FRAME_LENGTH_BYTES)],
        "cells": [cover[place] or f"{value:02X}" for place, value in enumerate(payload)],
        "rows": list(_rows(reading, masking)),
        "faults": [str(fault) for fault in reading.faults],
    }


def fault_document(fault: ProtocolFault, direction: Direction, number: int, at_ms: int) -> Document:
    """What is shown of a stream that can't be cut into messages any more."""
    return {
        "number": number,
        "direction": direction.value,
        "at_ms": at_ms,
        "mti": None,
        "title": None,
        "stan": None,
        "length": [],
        "cells": [],
        "rows": [],
        "faults": [str(fault)],
    }


def _rows(reading: Reading, masking: Masking) -> Iterator[Document]:
    persian, english = rows(reading, masking, "fa"), rows(reading, masking, "en")
    inner = [path for element in reading.elements for path in _paths(element)]
    paths = [*("mti", "bitmap")[: len(english) - len(inner)], *inner]
    for place, (fa, en, path) in enumerate(zip(persian, english, paths, strict=True)):
        yield {
            "path": path,
            "topic": _topic(path, reading.mti),
            "tone": place % TONES,
            "start": en.start,
            "end": en.end,
            "depth": _depth(en),
            "label": en.label.strip(),
            "name": {"fa": fa.name, "en": en.name},
            "value": {"fa": fa.value, "en": en.value},
            "masked": en.is_masked,
        }


def _topic(path: str, mti: str | None) -> str:
    """The handbook's topic: of an element within a field, the tag's."""
    if path == "mti":
        return f"type-{original_of(mti or '')}"
    if path == "bitmap":
        return "bitmap"
    field, _, inner = path.partition(".")
    return f"tag-{inner.rpartition('.')[2]}" if inner else f"field-{field}"


def _paths(element: Element) -> Iterator[str]:
    yield element.path
    for part in element.parts:
        yield from _paths(part)


def _depth(row: Row) -> int:
    return (len(row.label) - len(row.label.lstrip(" "))) // 2
