"""The reference codec: the spec as a `construct` declaration, slow and plain.

It shares no code with the fast codec but the spec and the faults, so that each can prove the other. All its
faults are REFUSED: it says that a message is wrong, the fast codec says how.
"""

from collections.abc import Mapping
from functools import cache
from typing import Protocol, cast

from construct import (
    Adapter,
    Byte,
    Bytes,
    Check,
    Construct,
    ConstructError,
    ExprAdapter,
    FocusedSeq,
    GreedyBytes,
    GreedyRange,
    GreedyString,
    If,
    Int8ub,
    Int16ub,
    Prefixed,
    Rebuild,
    RepeatUntil,
    Select,
    Sequence,
    Struct,
    Terminated,
    this,
)

from protocol.faults import FaultCode, ProtocolFault
from protocol.message import Message, Value
from protocol.spec import FieldSpec, SpecDocument, TagSpec

_LENGTH_BYTES = {"fixed": 0, "LL": 1, "LLL": 2}
_FILLERS = {"n": "0", "z": "F"}


class _Parsed(Protocol):
    """What the declaration gives back: attribute access by field name."""

    mti: str
    bitmap: set[int]

    def __getitem__(self, name: str) -> Value: ...


class _RawBitmap(Protocol):
    first: int
    rest: bytes
    second: bytes | None


def decode(spec: SpecDocument, payload: bytes) -> Message:
    """Read a payload; raises ProtocolFault with the code REFUSED."""
    if len(payload) > spec.frame_maximum_bytes:
        raise ProtocolFault(FaultCode.REFUSED)
    try:
        parsed = cast(_Parsed, _declaration(spec).parse(payload))
    except (ConstructError, ValueError, KeyError) as error:
        raise ProtocolFault(FaultCode.REFUSED) from error
    return Message(parsed.mti, {number: parsed[f"field_{number}"] for number in sorted(parsed.bitmap)})


def encode(spec: SpecDocument, message: Message) -> bytes:
    """Write a message; raises ProtocolFault with the code REFUSED."""
    values = {f"field_{number}": message.fields.get(number) for number in spec.fields}
    try:
        if unknown := set(message.fields) - set(spec.fields):
            raise ValueError(f"no field {min(unknown)}")
        payload = cast(
            bytes,
            _declaration(spec).build({"mti": message.mti, "bitmap": set(message.fields), **values}),
        )
    except (ConstructError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ProtocolFault(FaultCode.REFUSED, side="local") from error
    if len(payload) > spec.frame_maximum_bytes:
        raise ProtocolFault(FaultCode.REFUSED, side="local")
    return payload


@cache
def _declaration(spec: SpecDocument) -> Construct:
    return Struct(
        "mti" / _Nibbles(Bytes(2), 4, "n", None),
        "bitmap" / _Bitmap(frozenset(spec.fields)),
        *(
            f"field_{number}" / If(lambda context, n=number: n in context.bitmap, _field(field, spec.tags))
            for number, field in sorted(spec.fields.items())
        ),
        Terminated,
    )


class _Bitmap(Adapter):  # type: ignore[misc]  # construct has no types
    """A set of field numbers; 16 bytes where the first bit is set."""

    def __init__(self, known: frozenset[int]) -> None:
        self.known = known
        second = If(lambda context: context.first & 0x80, Bytes(8))
        super().__init__(Struct("first" / Byte, "rest" / Bytes(7), "second" / second))

    def _decode(self, obj: _RawBitmap, context: object, path: str) -> set[int]:
        raw = bytes([obj.first]) + obj.rest + (obj.second or b"")
        numbers = {n for n in range(2, len(raw) * 8 + 1) if raw[(n - 1) // 8] >> (7 - (n - 1) % 8) & 1}
        if obj.second is not None and max(numbers, default=0) <= 64:
            raise ValueError("empty secondary bitmap")
        if unknown := numbers - self.known:
            raise ValueError(f"no field {min(unknown)}")
        return numbers

    def _encode(self, obj: set[int], context: object, path: str) -> dict[str, object]:
        raw = bytearray(16)
        for number in obj:
            raw[(number - 1) // 8] |= 0x80 >> (number - 1) % 8
        second = bytes(raw[8:]) if max(obj, default=0) > 64 else None
        return {"first": raw[0] | (0x80 if second else 0), "rest": bytes(raw[1:8]), "second": second}


class _Nibbles(Adapter):  # type: ignore[misc]
    """Packed digits: `count` of them (a number or a context expression), filled up to whole bytes."""

    def __init__(self, content: Construct, count: object, kind: str, pad: str | None) -> None:
        super().__init__(content)
        self.count, self.kind, self.pad = count, kind, pad

    def _decode(self, obj: bytes, context: object, path: str) -> str:
        count = cast(int, self.count(context)) if callable(self.count) else cast(int, self.count)
        text = obj.hex().upper()
        if len(text) > count:
            filler, text = (text[0], text[1:]) if self.pad == "left" else (text[-1], text[:-1])
            if filler != _FILLERS[self.kind]:
                raise ValueError("wrong filler")
        if self.kind == "z":
            text = text.replace("D", "=")
        return _checked(text, self.kind)

    def _encode(self, obj: str, context: object, path: str) -> bytes:
        text = _checked(obj, self.kind).replace("=", "D")
        if len(text) % 2:
            filler = _FILLERS[self.kind]
            text = filler + text if self.pad == "left" else text + filler
        return bytes.fromhex(text)


def _field(spec: FieldSpec, tags: Mapping[str, TagSpec]) -> Construct:
    prefix_bytes = _LENGTH_BYTES[spec.length]
    if spec.kind == "tlv":
        return Prefixed(_decimal(prefix_bytes, spec.size), _tlv(tags))
    if not prefix_bytes:
        return _content(spec, spec.size)
    return FocusedSeq(
        "value",
        "count" / Rebuild(_decimal(prefix_bytes, spec.size), lambda context: len(context.value)),
        "value" / _content(spec, this.count),
    )


def _content(spec: FieldSpec, count: object) -> Construct:
    if spec.encoding == "bcd":
        size = (lambda context: (context.count + 1) // 2) if callable(count) else (spec.size + 1) // 2
        return _Nibbles(Bytes(size), count, spec.kind, spec.pad)
    if spec.kind == "b":
        return Bytes(count)
    width = spec.size if spec.justify else 0
    return ExprAdapter(
        Bytes(count),
        lambda obj, context: _unjustified(_checked(obj.decode("ascii"), spec.kind), width),
        lambda obj, context: _checked(obj, spec.kind).ljust(width).encode("ascii"),
    )


def _decimal(size: int, maximum: int) -> Construct:
    """A number as packed digits, at most `maximum`."""

    def bounded(number: int) -> int:
        if number > maximum:
            raise ValueError("over the maximum")
        return number

    return ExprAdapter(
        _Nibbles(Bytes(size), size * 2, "n", None),
        lambda obj, context: bounded(int(obj)),
        lambda obj, context: f"{bounded(obj):0{size * 2}d}",
    )


def _tlv(tags: Mapping[str, TagSpec]) -> Construct:
    long_form = RepeatUntil(lambda byte, *_: byte < 0x80, Byte)
    number = Struct("first" / Byte, "rest" / If(lambda context: context.first & 0x1F == 0x1F, long_form))
    tag = ExprAdapter(
        number,
        lambda obj, context: _tag_text(obj.first, obj.rest),
        lambda obj, context: _tag_parts(obj),
    )
    length = Select(
        ExprAdapter(Int8ub, _short_form, _short_form),
        FocusedSeq("n", Check(True), "form" / _exactly(0x81), "n" / _at_least(Int8ub, 0x80)),
        FocusedSeq("n", Check(True), "form" / _exactly(0x82), "n" / _at_least(Int16ub, 0x100)),
    )
    element = Sequence(tag, Prefixed(length, GreedyBytes))
    body = Struct("elements" / GreedyRange(element), Terminated)

    def to_values(obj: object, context: object) -> Mapping[str, str | bytes]:
        elements = cast("list[tuple[str, bytes]]", cast(_Parsed, obj)["elements"])
        found = {name: _tag_value(raw, tags.get(name)) for name, raw in elements}
        if len(found) != len(elements) or len(found) > 64:
            raise ValueError("a tag stands twice, or too many")
        return found

    def to_elements(obj: Mapping[str, str | bytes], context: object) -> dict[str, object]:
        if len(obj) > 64:
            raise ValueError("too many tags")
        return {"elements": [[name, _tag_raw(value, tags.get(name))] for name, value in obj.items()]}

    return ExprAdapter(body, to_values, to_elements)


def _short_form(obj: int, context: object) -> int:
    if obj > 0x7F:
        raise ConstructError("long form")
    return obj


def _exactly(value: int) -> Construct:
    return Rebuild(
        ExprAdapter(Int8ub, lambda obj, context: _equal(obj, value), lambda obj, context: obj), value
    )


def _equal(obj: int, value: int) -> int:
    if obj != value:
        raise ConstructError("another form")
    return obj


def _at_least(content: Construct, minimum: int) -> Construct:
    def check(obj: int, context: object) -> int:
        if obj < minimum:
            raise ConstructError("not the shortest form")
        return obj

    return ExprAdapter(content, check, check)


def _tag_text(first: int, rest: list[int] | None) -> str:
    if rest is not None and (len(rest) > 2 or rest[0] == 0x80):
        raise ConstructError("no such tag")
    return bytes([first, *(rest or [])]).hex().upper()


def _tag_parts(text: str) -> dict[str, object]:
    raw = bytes.fromhex(text)
    rest = list(raw[1:]) if raw[0] & 0x1F == 0x1F else None
    if _tag_text(raw[0], rest) != text or (rest and (rest[-1] > 0x7F or any(b < 0x80 for b in rest[:-1]))):
        raise ValueError("no such tag")
    return {"first": raw[0], "rest": rest}


def _tag_value(raw: bytes, spec: TagSpec | None) -> str | bytes:
    if spec is None or (spec.kind == "b" and len(raw) <= spec.size):
        return raw
    if spec.kind == "n" and len(raw) * 2 == spec.size:
        return _checked(raw.hex(), "n")
    if spec.kind == "text" and len(raw) <= spec.size:
        return cast(str, GreedyString("utf-8").parse(raw))
    raise ValueError("wrong size")


def _tag_raw(value: str | bytes, spec: TagSpec | None) -> bytes:
    if isinstance(value, bytes):
        raw = value
        if spec is not None and spec.kind != "b":
            raise ValueError("text expected")
    elif spec is None or spec.kind == "b":
        raise ValueError("bytes expected")
    else:
        raw = bytes.fromhex(_checked(value, "n")) if spec.kind == "n" else value.encode("utf-8")
    _tag_value(raw, spec)
    return raw


def _unjustified(text: str, width: int) -> str:
    return text.rstrip(" ") if width else text


def _checked(text: str, kind: str) -> str:
    plain = text.replace("=", "") if kind == "z" else text
    fits = {"n": str.isdecimal, "z": str.isdecimal, "an": str.isalnum, "ans": str.isprintable}[kind]
    if not text.isascii() or (plain and not fits(plain)):
        raise ValueError(f"not {kind}")
    return text
