"""Messages as lines of text and as JSON to look at, always through a masking."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from protocol.faults import ProtocolFault
from protocol.message_type import original_of
from protocol.presentation.difference import Difference
from protocol.presentation.hints import hint
from protocol.presentation.masking import Masking
from protocol.presentation.spans import Element, Reading
from protocol.spec.schema import Title

Language = Literal["en", "fa"]

UNREADABLE = {"en": "(cannot be read)", "fa": "(خوانده نشد)"}

_MESSAGE_TYPE = {"en": "Message type", "fa": "نوع پیام"}
_BITMAP = {"en": "Fields present", "fa": "فیلدهای موجود"}
_UNKNOWN_TAG = {"en": "Tag unknown to the spec", "fa": "برچسب ناشناخته"}
_INDENT = "  "
_STARS, _DASHES = "**", "--"
_BEFORE, _BEHIND = 12, 8
# Joiners of Persian script; every other invisible character is shown as an escape.
_JOINERS = "\u200c\u200d"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a view: bytes from `start` up to, without, `end`; `label` is indented by depth."""

    start: int
    end: int
    label: str
    name: str
    value: str
    is_masked: bool


def rows(reading: Reading, masking: Masking, language: Language) -> list[Row]:
    """The message type, the bitmap, and every element, in the order of bytes."""
    if reading.mti is None:
        return []
    spec = reading.spec
    rules = spec.messages.get(original_of(reading.mti))
    mti_bytes = 2 if spec.mti_encoding == "bcd" else 4
    mti = reading.mti + _meaning(rules.title if rules else None, language)
    found = [Row(0, mti_bytes, "mti", _MESSAGE_TYPE[language], mti, False)]
    if reading.fields_start:
        fields = " ".join(str(number) for number in reading.announced)
        found.append(Row(mti_bytes, reading.fields_start, "bitmap", _BITMAP[language], fields, False))
    for element in reading.elements:
        found += _element_rows(reading, masking, element, language, 0)
    return found


def columns(found: Iterable[Row]) -> list[tuple[str, str, str, str]]:
    """Byte range, field, name and value of each row, the first three padded to one width each.

    Ranges name the first and the last byte, counted from 0.
    """
    cells = [(byte_range(row.start, row.end), row.label, row.name, row.value) for row in found]
    widths = [max((width(cell[column]) for cell in cells), default=0) for column in range(3)]
    return [
        (_padded(place, widths[0]), _padded(label, widths[1]), _padded(name, widths[2]), value)
        for place, label, name, value in cells
    ]


def byte_range(start: int, end: int) -> str:
    """First and last byte, as "10-12"; one number for one byte, a dash for none."""
    if end <= start:
        return "-"
    return str(start) if end == start + 1 else f"{start}-{end - 1}"


def document(reading: Reading, masking: Masking) -> dict[str, object]:
    """The same as JSON; ranges have `start`, and `end` as the byte behind."""
    spec = reading.spec
    rules = spec.messages.get(original_of(reading.mti)) if reading.mti else None
    return {
        "spec": spec.name,
        "mti": reading.mti,
        "title": _titles(rules.title if rules else None),
        "bytes": len(reading.payload),
        "fields": [_element_document(masking, element) for element in reading.elements],
        "faults": [fault_document(reading, fault) for fault in reading.faults],
    }


def fault_document(reading: Reading | None, fault: ProtocolFault) -> dict[str, object]:
    """A fault as JSON: code, path, offset, sizes, its sentence, and the likely cause."""
    return {
        "code": fault.code.value,
        "path": fault.path,
        "offset": fault.offset,
        "expected": fault.expected,
        "actual": fault.actual,
        "text": str(fault),
        "hint": hint(reading, fault) if reading else None,
    }


def difference_document(difference: Difference) -> dict[str, object]:
    """A difference as JSON; the values are masked already."""
    return {
        "path": difference.path,
        "change": difference.change,
        "title": _titles(difference.title),
        "old": difference.old,
        "new": difference.new,
    }


def bytes_around(reading: Reading, fault: ProtocolFault, *, unsafe: bool = False) -> str | None:
    """The bytes around a fault, the first bad one in brackets; None where it has no place.

    Of masked elements stars are shown, and of what could not be read dashes: nobody knows what is in it.
    """
    if fault.offset is None or not reading.payload:
        return None
    bad = min(fault.offset, len(reading.payload))
    start, end = max(0, bad - _BEFORE), min(len(reading.payload), bad + _BEHIND)
    hidden = byte_cover(reading, unsafe=unsafe)
    cells = []
    for place in range(start, end):
        byte = f"{reading.payload[place]:02X}"
        if place == bad:
            cells.append(f"[{_STARS}]" if hidden[place] == _STARS else f"[{byte}]")
        else:
            cells.append(hidden[place] or byte)
    if bad == len(reading.payload):
        cells.append("[end]")
    return f"bytes {byte_range(start, end)}: {' '.join(cells)}"


def byte_cover(reading: Reading, *, unsafe: bool) -> list[str]:
    """What is shown in place of each byte of the payload, and of the one behind it.

    Stars where it is masked, dashes where nobody knows what is in it, an empty text where it may be seen.
    """
    if unsafe:
        return [""] * (len(reading.payload) + 1)
    cover = [_DASHES] * (len(reading.payload) + 1)
    masking = Masking(reading)
    for element in reading.elements:
        _uncover(cover, masking, element)
    head = reading.fields_start or (2 if reading.mti else 0)
    cover[:head] = [""] * head
    return cover


def width(text: str) -> int:
    """Columns that a text takes on a terminal; marks and joiners take none."""
    return sum(unicodedata.category(char) not in ("Mn", "Me", "Cf") for char in text)


def printable(text: str) -> str:
    """The text without anything that a terminal would obey."""
    return "".join(
        char if char.isprintable() or char in _JOINERS else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def _element_rows(
    reading: Reading, masking: Masking, element: Element, language: Language, depth: int
) -> Iterator[Row]:
    if element.is_composite and (element.parts or element.value is not None):
        value = ""
    elif element.value is None:
        value = UNREADABLE[language]
    else:
        value = printable(masking.shown(element))
        code = reading.spec.response_codes.get(value) if element.name == "response_code" else None
        value += _meaning(code.title if code else None, language)
    yield Row(
        element.start,
        element.end,
        _INDENT * depth + element.key,
        _title(element.title, language) or element.name or _UNKNOWN_TAG[language],
        value,
        masking.hides(element),
    )
    for part in element.parts:
        yield from _element_rows(reading, masking, part, language, depth + 1)


def _element_document(masking: Masking, element: Element) -> dict[str, object]:
    found: dict[str, object] = {
        "path": element.path,
        "name": element.name,
        "title": _titles(element.title),
        "start": element.start,
        "end": element.end,
    }
    if element.is_composite:
        found["parts"] = [_element_document(masking, part) for part in element.parts]
    else:
        found["value"] = None if element.value is None else masking.shown(element)
    return found


def _uncover(cover: list[str], masking: Masking, element: Element) -> None:
    cover[element.start : element.content] = [""] * (element.content - element.start)
    for part in element.parts:
        _uncover(cover, masking, part)
    if not element.parts:
        unread = "" if element.value is not None else _STARS if element.mask else _DASHES
        shown = _STARS if masking.hides(element) else unread
        cover[element.content : element.end] = [shown] * (element.end - element.content)


def _padded(text: str, columns_wide: int) -> str:
    return text + " " * (columns_wide - width(text))


def _title(title: Title | None, language: Language) -> str:
    if title is None:
        return ""
    return title.en if language == "en" else title.fa


def _titles(title: Title | None) -> dict[str, str] | None:
    return {"en": title.en, "fa": title.fa} if title else None


def _meaning(title: Title | None, language: Language) -> str:
    return f" ({_title(title, language)})" if title else ""
