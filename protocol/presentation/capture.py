"""Captures as people have them: hexadecimal text in many habits, dumps with offsets, JSON, plain bytes."""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from protocol.presentation.json_form import NotJson, parse_documents

CaptureForm = Literal["auto", "hex", "json", "binary"]

MAXIMUM_BYTES = 4 * 1024 * 1024

_DUMP_LINE = re.compile(r"\s*(?:0[xX])?([0-9A-Fa-f]{4,8})(?::\s*| {2,}|\t|$)(.*)")
_GAP = re.compile(r" {3,}|\||\t")
_DUMP_ROW_BYTES = 16


class CaptureFault(ValueError):  # noqa: N818  (a fault is the field's word)
    """The input is no capture of messages. The text tells the line, never what stands in it."""


@dataclass(frozen=True, slots=True)
class Capture:
    """What was captured, as it came: payloads or frames as bytes, or JSON documents."""

    form: Literal["hex", "json", "binary"]
    payloads: tuple[bytes, ...] = ()
    documents: tuple[object, ...] = ()


def read_capture(raw: bytes, form: CaptureForm = "auto") -> Capture:
    """Tell messages apart in an input; `auto` takes JSON for JSON, hexadecimal text for that, else bytes.

    Raises CaptureFault.
    """
    if len(raw) > MAXIMUM_BYTES:
        raise CaptureFault(f"more than {MAXIMUM_BYTES} bytes")
    if not raw.strip():
        raise CaptureFault("the input is empty")
    if form == "binary":
        return Capture("binary", (raw,))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        if form == "auto":
            return Capture("binary", (raw,))
        raise CaptureFault("the input is not text") from None
    if form == "json" or (form == "auto" and text.lstrip()[:1] in ("{", "[")):
        return _json(text)
    if form == "auto" and not text.replace("\t", "").replace("\r", "").replace("\n", "").isprintable():
        return Capture("binary", (raw,))
    return Capture("hex", tuple(read_hexadecimal(text)))


def read_hexadecimal(text: str) -> list[bytes]:
    """Bytes written as hexadecimal digits: a message a line, or dumps with a column of offsets.

    Spaces, colons, commas, `0x` and `\\x` may stand between; a line that starts with `#` is a remark. Raises
    CaptureFault.
    """
    lines = [
        (number, line)
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if not lines:
        raise CaptureFault("the input is empty")
    dumps = _dumps([line for _, line in lines])
    return dumps if dumps is not None else [_plain(line, number) for number, line in lines]


def _json(text: str) -> Capture:
    try:
        return Capture("json", documents=tuple(parse_documents(text)))
    except NotJson as fault:
        raise CaptureFault(f"not JSON: {fault}") from None


def _plain(line: str, number: int) -> bytes:
    digits = re.sub(r"\\x|0[xX]|[\s:,]", "", line)
    wrong = re.search(r"[^0-9A-Fa-f]", digits)
    if wrong:
        raise CaptureFault(f"line {number} is not hexadecimal")
    if len(digits) % 2:
        raise CaptureFault(f"line {number} has an odd number of hexadecimal digits")
    return bytes.fromhex(digits)


def _dumps(lines: list[str]) -> list[bytes] | None:
    """Messages of dumps with offsets, each starting at 0; None where the lines are no dump."""
    rows: list[tuple[int, str]] = []
    for line in lines:
        found = _DUMP_LINE.fullmatch(line)
        if found is None:
            return None
        rows.append((int(found[1], 16), found[2]))
    if rows[0][0] != 0:
        return None
    messages: list[bytearray] = []
    for (offset, content), following in pairwise([*rows, (0, "")]):
        if offset == 0:
            messages.append(bytearray())
        if offset != len(messages[-1]):
            return None
        width = following[0] - offset
        row = _row(content, width if width > 0 else _DUMP_ROW_BYTES)
        if row is None or (width > 0 and len(row) != width):
            return None
        messages[-1] += row
    return [bytes(message) for message in messages]


def _row(content: str, most: int) -> bytes | None:
    """Bytes of a dump's row; what stands behind a gap is the same as text."""
    row = bytearray()
    for token in _GAP.split(content.strip(), maxsplit=1)[0].split():
        if len(row) >= most:
            break
        if len(token) % 2 or re.search(r"[^0-9A-Fa-f]", token):
            return None
        row += bytes.fromhex(token)
    return bytes(row[:most])
