"""Usual mistakes of an encoder, tried backwards: a message that cannot be read is mended as if one of them
had been made, and where it can be read then, that was the mistake."""

from collections.abc import Callable, Iterator
from enum import StrEnum

from protocol.presentation.spans import Reading, read
from protocol.spec import FieldSpec, SpecDocument
from protocol.spec.schema import LENGTH_DIGITS

_MENDED_MAX = 12


class Mistake(StrEnum):
    """What an encoder does wrong."""

    LENGTH_COUNTS_BYTES = "length_counts_bytes"
    LENGTH_COUNTS_DIGITS = "length_counts_digits"
    LENGTH_IS_BINARY = "length_is_binary"
    ODD_NIBBLE = "odd_nibble"


def mistake_in(spec: SpecDocument, payload: bytes) -> tuple[Mistake, int] | None:
    """The mistake that explains why the payload can't be read, and the first field that has it."""
    reading = read(spec, payload)
    if not reading.faults or not reading.announced:
        return None
    for mistake, mend in _MENDERS.items():
        first = _explains(spec, reading, mend)
        if first is not None:
            return mistake, first
    return None


_Mend = Callable[[FieldSpec, bytes, int], Iterator[bytes]]


def _explains(spec: SpecDocument, reading: Reading, mend: _Mend) -> int | None:
    mended: list[int] = []
    for _ in range(_MENDED_MAX):
        better = _best(spec, reading, mend, mended)
        if better is None:
            return None
        number, reading = better
        mended.append(number)
        if not reading.faults:
            return min(mended)
    return None


def _best(spec: SpecDocument, reading: Reading, mend: _Mend, mended: list[int]) -> tuple[int, Reading] | None:
    """The reading that gets farthest when one more field is mended, if it gets farther than this one."""
    found: tuple[int, Reading] | None = None
    for number, start in _places(reading):
        field = spec.fields.get(number)
        if field is None or number in mended:
            continue
        for payload in mend(field, reading.payload, start):
            tried = read(spec, payload)
            if _progress(tried) > _progress(found[1] if found else reading):
                found = number, tried
    return found


def _progress(reading: Reading) -> tuple[bool, int, int]:
    return not reading.faults, sum(each.value is not None for each in reading.elements), -len(reading.faults)


def _places(reading: Reading) -> list[tuple[int, int]]:
    """Fields that were read, and the one at which reading ended, with their first bytes."""
    found = [(int(element.key), element.start) for element in reading.elements]
    if len(found) < len(reading.announced):
        found.append((reading.announced[len(found)], reading.read_end))
    return found


def _prefix(field: FieldSpec, payload: bytes, start: int) -> tuple[int, bytes]:
    size = (LENGTH_DIGITS[field.length] + 1) // 2
    return size, payload[start : start + size]


def _with_prefix(payload: bytes, start: int, size: int, length: int) -> Iterator[bytes]:
    digits = str(length).zfill(2 * size)
    if len(digits) == 2 * size:
        yield payload[:start] + bytes.fromhex(digits) + payload[start + size :]


def _length_counts_bytes(field: FieldSpec, payload: bytes, start: int) -> Iterator[bytes]:
    size, raw = _prefix(field, payload, start)
    if size and field.unit == "digits" and raw.hex().isdecimal():
        for length in (2 * int(raw.hex()), 2 * int(raw.hex()) - 1):
            if 0 <= length <= field.size:
                yield from _with_prefix(payload, start, size, length)


def _length_counts_digits(field: FieldSpec, payload: bytes, start: int) -> Iterator[bytes]:
    size, raw = _prefix(field, payload, start)
    if size and field.unit == "bytes" and raw.hex().isdecimal() and not int(raw.hex()) % 2:
        yield from _with_prefix(payload, start, size, int(raw.hex()) // 2)


def _length_is_binary(field: FieldSpec, payload: bytes, start: int) -> Iterator[bytes]:
    size, raw = _prefix(field, payload, start)
    if size and raw:
        yield from _with_prefix(payload, start, size, int.from_bytes(raw, "big"))


def _odd_nibble(field: FieldSpec, payload: bytes, start: int) -> Iterator[bytes]:
    if field.pad is None:
        return
    size, raw = _prefix(field, payload, start)
    if size and not raw.hex().isdecimal():
        return
    digits = int(raw.hex()) if size else field.size
    if digits % 2 == 0:
        return
    start, end = start + size, start + size + (digits + 1) // 2
    nibbles = payload[start:end].hex()
    other = f"0{nibbles[:-1]}" if field.pad == "left" else f"{nibbles[1:]}f"
    if len(other) == digits + 1:
        yield payload[:start] + bytes.fromhex(other) + payload[end:]


_MENDERS: dict[Mistake, _Mend] = {
    Mistake.LENGTH_COUNTS_BYTES: _length_counts_bytes,
    Mistake.LENGTH_COUNTS_DIGITS: _length_counts_digits,
    Mistake.LENGTH_IS_BINARY: _length_is_binary,
    Mistake.ODD_NIBBLE: _odd_nibble,
}
