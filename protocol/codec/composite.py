"""Content of composite fields: parts by position, by fixed tag, by a bitmap inside the field, and BER-TLV."""

from collections.abc import Callable, Iterable, Mapping

from protocol.codec.characters import FROM_LATIN_1, TO_LATIN_1
from protocol.codec.content import Content
from protocol.codec.prefix import prefix_reader, prefix_writer
from protocol.codec.tlv import tlv_content
from protocol.faults import FaultCode, ProtocolFault
from protocol.message import Value
from protocol.spec import FieldSpec, SpecDocument
from protocol.spec.schema import TagForm

PartCodec = tuple[Callable[[bytes, int], tuple[Value, int]], Callable[[Value], bytes]]

MAXIMUM_PARTS = 64
_BITMAP_BYTES = 8


def composite_content(
    spec: SpecDocument, field: FieldSpec, path: str, parts: Mapping[str, PartCodec]
) -> Content:
    """Content codec of a composite field from the codecs of its parts."""
    if field.kind == "tlv":
        return tlv_content(spec.tags, path)
    if field.tag is not None:
        return _tagged(field.tag, path, parts)
    if field.kind == "bitmapped":
        return _bitmapped(path, parts)
    return _positional(path, parts)


def _positional(path: str, parts: Mapping[str, PartCodec]) -> Content:
    """Parts one behind the other; the last ones may be left out."""
    order = sorted(parts, key=int)

    def parse(raw: bytes, count: int, offset: int) -> Value:
        found: dict[str, Value] = {}
        position = 0
        for key in order:
            if position == len(raw):
                break
            found[key], position = _read(parts[key], raw, position, offset)
        if position != len(raw):
            raise ProtocolFault(FaultCode.TRAILING_BYTES, path, offset=offset + position)
        return found

    def build(value: Value) -> tuple[bytes, int]:
        values = _mapping(value, path, parts)
        present = [key for key in order if key in values]
        if present != order[: len(present)]:
            missing = next(key for key in order if key not in values)
            raise ProtocolFault(FaultCode.MISSING_FIELD, f"{path}.{missing}", side="local")
        raw = b"".join(parts[key][1](values[key]) for key in present)
        return raw, len(raw)

    return Content(parse, build)


def _bitmapped(path: str, parts: Mapping[str, PartCodec]) -> Content:
    """Eight bytes of bitmap, then the parts whose bits are set."""
    order = sorted(parts, key=int)
    known = sum(1 << (64 - int(key)) for key in order)

    def parse(raw: bytes, count: int, offset: int) -> Value:
        if len(raw) < _BITMAP_BYTES:
            raise ProtocolFault(
                FaultCode.TRUNCATED, path, offset=offset, expected=_BITMAP_BYTES, actual=len(raw)
            )
        bits = int.from_bytes(raw[:_BITMAP_BYTES], "big")
        if bits & ~known:
            number = 65 - (bits & ~known).bit_length()
            raise ProtocolFault(FaultCode.UNKNOWN_FIELD, f"{path}.{number}", offset=offset)
        found: dict[str, Value] = {}
        position = _BITMAP_BYTES
        for key in order:
            if bits >> (64 - int(key)) & 1:
                found[key], position = _read(parts[key], raw, position, offset)
        if position != len(raw):
            raise ProtocolFault(FaultCode.TRAILING_BYTES, path, offset=offset + position)
        return found

    def build(value: Value) -> tuple[bytes, int]:
        values = _mapping(value, path, parts)
        bits = sum(1 << (64 - int(key)) for key in values)
        body = b"".join(parts[key][1](values[key]) for key in order if key in values)
        raw = bits.to_bytes(_BITMAP_BYTES, "big") + body
        return raw, len(raw)

    return Content(parse, build)


def _tagged(form: TagForm, path: str, parts: Mapping[str, PartCodec]) -> Content:
    """Elements of a fixed-size tag, a fixed-size length and content, in any order.

    A part's own codec reads the content, which must be of fixed length or fill the element; an element of an
    unknown tag stays as bytes and is written back as it came.
    """
    read_length = prefix_reader(form.length_encoding, form.length_digits, path)
    write_length = prefix_writer(form.length_encoding, form.length_digits)
    length_bytes = len(write_length(0))

    def parse(raw: bytes, count: int, offset: int) -> Value:
        found: dict[str, Value] = {}
        position = 0
        while position < len(raw):
            key = _tag_text(form, raw[position : position + form.size])
            if key is None:
                raise ProtocolFault(FaultCode.BAD_TAG, path, offset=offset + position)
            if key in found:
                raise ProtocolFault(FaultCode.DUPLICATE_TAG, f"{path}.{key}", offset=offset + position)
            if len(found) == MAXIMUM_PARTS:
                raise ProtocolFault(FaultCode.TOO_MANY_TAGS, path, offset=offset + position)
            start = position + form.size
            size = _moved(read_length, raw, start, offset)
            position = start + length_bytes
            end = position + size
            if end > len(raw):
                raise ProtocolFault(
                    FaultCode.TRUNCATED,
                    f"{path}.{key}",
                    offset=offset + position,
                    expected=size,
                    actual=len(raw) - position,
                )
            element = raw[position:end]
            if key in parts:
                found[key], used = _read(parts[key], element, 0, offset + position)
                if used != size:
                    raise ProtocolFault(
                        FaultCode.TRAILING_BYTES, f"{path}.{key}", offset=offset + position + used
                    )
            else:
                found[key] = element
            position = end
        return found

    def build(value: Value) -> tuple[bytes, int]:
        values = _mapping(value, path, None)
        if len(values) > MAXIMUM_PARTS:
            raise ProtocolFault(
                FaultCode.TOO_MANY_TAGS, path, expected=MAXIMUM_PARTS, actual=len(values), side="local"
            )
        pieces = []
        for key, content in values.items():
            tag = _tag_bytes(form, key)
            if tag is None:
                raise ProtocolFault(FaultCode.BAD_TAG, path, side="local")
            if key in parts:
                element = parts[key][1](content)
            elif isinstance(content, bytes):
                element = content
            else:
                raise ProtocolFault(FaultCode.WRONG_VALUE_TYPE, f"{path}.{key}", side="local")
            if len(element) >= (256 if form.length_encoding == "binary" else 10) ** form.length_digits:
                raise ProtocolFault(FaultCode.LENGTH_OVER_MAXIMUM, f"{path}.{key}", side="local")
            pieces += [tag, write_length(len(element)), element]
        raw = b"".join(pieces)
        return raw, len(raw)

    return Content(parse, build)


def _tag_text(form: TagForm, raw: bytes) -> str | None:
    if len(raw) < form.size:
        return None
    if form.encoding == "binary":
        return raw.hex().upper()
    text = (raw if form.encoding == "ascii" else raw.translate(TO_LATIN_1[form.encoding])).decode("latin-1")
    return text if text.isascii() and text.isprintable() else None


def _tag_bytes(form: TagForm, key: str) -> bytes | None:
    try:
        if form.encoding == "binary":
            raw = bytes.fromhex(key)
        else:
            raw = key.encode("ascii")
            if form.encoding != "ascii":
                raw = raw.translate(FROM_LATIN_1[form.encoding])
    except ValueError:
        return None
    return raw if _tag_text(form, raw) == key and len(raw) == form.size else None


def _mapping(value: Value, path: str, known: Iterable[str] | None) -> Mapping[str, Value]:
    if isinstance(value, str | bytes):
        raise ProtocolFault(FaultCode.WRONG_VALUE_TYPE, path, side="local")
    unknown = set(value) - set(known) if known is not None else None
    if unknown:
        raise ProtocolFault(FaultCode.UNKNOWN_FIELD, path, side="local")
    return value


def _read(part: PartCodec, raw: bytes, position: int, offset: int) -> tuple[Value, int]:
    """A part's value and end inside `raw`; faults tell offsets in the whole payload."""
    try:
        return part[0](raw, position)
    except ProtocolFault as fault:
        fault.move(offset)
        raise


def _moved(read_length: Callable[[bytes, int], int], raw: bytes, start: int, offset: int) -> int:
    try:
        return read_length(raw, start)
    except ProtocolFault as fault:
        fault.move(offset)
        raise
