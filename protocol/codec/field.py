"""Codec of one field, made once from its spec, whatever it holds.

A field codec knows the field with its length prefix: `read` takes (payload, offset) and returns (value, next
offset), `write` returns the bytes. Both raise ProtocolFault without the value.
"""

from collections.abc import Callable
from typing import NamedTuple

from protocol.codec.composite import composite_content
from protocol.codec.content import Content
from protocol.codec.prefix import count_maximum, prefix_bytes, prefix_reader, prefix_writer
from protocol.codec.scalar import scalar_content
from protocol.codec.short_cut import short_cuts
from protocol.faults import FaultCode, ProtocolFault
from protocol.message import Value
from protocol.spec import FieldSpec, SpecDocument
from protocol.spec.schema import LENGTH_DIGITS

Reader = Callable[[bytes, int], tuple[Value, int]]


class FieldCodec(NamedTuple):
    """Reader, writer, and what is known of the size. `value` reads only the value, by the shortest way.

    `prefix_bytes` 0 and `fixed_bytes` for a fixed field; else the prefix counts `unit` up to `maximum`.
    """

    read: Callable[[bytes, int], tuple[Value, int]]
    value: Callable[[bytes, int], Value]
    write: Callable[[Value], bytes]
    prefix_encoding: str
    prefix_bytes: int
    fixed_bytes: int
    counts_digits: bool
    maximum: int


def field_codec(spec: SpecDocument, field: FieldSpec, path: str) -> FieldCodec:
    """Compile one field. `path` names it in faults, as "48" or "43.1"."""
    content = _content(spec, field, path)
    digits = LENGTH_DIGITS[field.length]
    encoding = field.length_encoding or spec.length_encoding
    counts_digits = field.unit == "digits"
    if field.length == "rest":
        read, write = _filling(content, field.size, path)
        value, write = short_cuts(spec, field, read, write)
        return FieldCodec(read, value, write, encoding, 0, 0, counts_digits, field.size)
    fixed_bytes = (field.size + 1) // 2 if counts_digits else field.size
    if not digits:
        read, write = _fixed(content, field.size, fixed_bytes, path)
        value, write = short_cuts(spec, field, read, write)
        return FieldCodec(read, value, write, encoding, 0, fixed_bytes, counts_digits, field.size)
    maximum = min(field.size, count_maximum(encoding, digits))
    read, write = _variable(content, encoding, digits, maximum, counts_digits, path)
    value, write = short_cuts(spec, field, read, write)
    return FieldCodec(read, value, write, encoding, prefix_bytes(encoding, digits), 0, counts_digits, maximum)


def _content(spec: SpecDocument, field: FieldSpec, path: str) -> Content:
    if not field.is_composite:
        return scalar_content(field, path, check=spec.characters == "codec")
    parts = {key: field_codec(spec, part, f"{path}.{key}") for key, part in field.parts.items()}
    return composite_content(spec, field, path, {key: (part.read, part.write) for key, part in parts.items()})


def _fixed(
    content: Content, count: int, size: int, path: str
) -> tuple[Callable[[bytes, int], tuple[Value, int]], Callable[[Value], bytes]]:
    parse, build = content.parse, content.build

    def read(payload: bytes, offset: int) -> tuple[Value, int]:
        end = offset + size
        if end > len(payload):
            raise ProtocolFault(
                FaultCode.TRUNCATED, path, offset=offset, expected=size, actual=len(payload) - offset
            )
        return parse(payload[offset:end], count, offset), end

    def write(value: Value) -> bytes:
        raw, actual = build(value)
        if actual != count:
            code = FaultCode.LENGTH_OVER_MAXIMUM if actual > count else FaultCode.BAD_LENGTH
            raise ProtocolFault(code, path, expected=count, actual=actual, side="local")
        return raw

    return read, write


def _filling(
    content: Content, maximum: int, path: str
) -> tuple[Callable[[bytes, int], tuple[Value, int]], Callable[[Value], bytes]]:
    """A part that is all of its element, whose length stands in front of it."""
    parse, build = content.parse, content.build

    def read(element: bytes, offset: int) -> tuple[Value, int]:
        size = len(element) - offset
        if size > maximum:
            raise ProtocolFault(
                FaultCode.LENGTH_OVER_MAXIMUM, path, offset=offset, expected=maximum, actual=size
            )
        return parse(element[offset:], size, offset), len(element)

    def write(value: Value) -> bytes:
        raw, size = build(value)
        if size > maximum:
            raise ProtocolFault(
                FaultCode.LENGTH_OVER_MAXIMUM, path, expected=maximum, actual=size, side="local"
            )
        return raw

    return read, write


def _variable(  # noqa: PLR0917  (the axes of a length)
    content: Content, encoding: str, digits: int, maximum: int, counts_digits: bool, path: str
) -> tuple[Callable[[bytes, int], tuple[Value, int]], Callable[[Value], bytes]]:
    parse, build = content.parse, content.build
    read_prefix = prefix_reader(encoding, digits, path)
    write_prefix = prefix_writer(encoding, digits)
    width = prefix_bytes(encoding, digits)

    def read(payload: bytes, offset: int) -> tuple[Value, int]:
        count = read_prefix(payload, offset)
        if count > maximum:
            raise ProtocolFault(
                FaultCode.LENGTH_OVER_MAXIMUM, path, offset=offset, expected=maximum, actual=count
            )
        start = offset + width
        size = (count + 1) // 2 if counts_digits else count
        end = start + size
        if end > len(payload):
            raise ProtocolFault(
                FaultCode.TRUNCATED, path, offset=start, expected=size, actual=len(payload) - start
            )
        return parse(payload[start:end], count, start), end

    def write(value: Value) -> bytes:
        raw, count = build(value)
        if count > maximum:
            raise ProtocolFault(
                FaultCode.LENGTH_OVER_MAXIMUM, path, expected=maximum, actual=count, side="local"
            )
        return write_prefix(count) + raw

    return read, write
