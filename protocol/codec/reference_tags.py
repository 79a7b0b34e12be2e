"""Tagged parts of the reference codec: BER-TLV, and elements of any tag that become a mapping."""

from collections.abc import Callable, Mapping
from typing import Protocol, cast

from construct import (
    Byte,
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
    LazyBound,
    Prefixed,
    Rebuild,
    RepeatUntil,
    Select,
    Sequence,
    Struct,
    Terminated,
)

from protocol.message import Value
from protocol.spec import TagSpec


class _Parsed(Protocol):
    """What a declaration gives back."""

    def __getitem__(self, name: str) -> Value: ...


def tlv(tags: Mapping[str, TagSpec], depth: int) -> Construct:
    """BER-TLV elements by the spec's table; `depth` counts from 1."""
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
    body = Struct("elements" / GreedyRange(Sequence(tag, Prefixed(length, GreedyBytes))), Terminated)
    inner = LazyBound(lambda: tlv(tags, depth + 1))

    def read(name: str, raw: bytes) -> Value:
        spec = tags.get(name)
        if spec is not None and spec.kind == "tlv":
            _nested(raw, spec, depth)
            return cast(Value, inner.parse(raw))
        return _tag_value(raw, spec)

    def write(name: str, value: Value) -> bytes:
        spec = tags.get(name)
        if spec is not None and spec.kind == "tlv":
            return _nested(cast(bytes, inner.build(value)), spec, depth)
        return _tag_raw(value, spec)

    return elements(body, read, write)


def _nested(raw: bytes, spec: TagSpec, depth: int) -> bytes:
    if depth == 4 or len(raw) > spec.size:
        raise ValueError("nested too deep, or too long")
    return raw


def elements(
    body: Construct, read: Callable[[str, bytes], Value], write: Callable[[str, Value], bytes]
) -> Construct:
    """A mapping of at most 64 elements, none of them twice."""

    def to_values(obj: object, context: object) -> dict[str, Value]:
        elements = cast("list[tuple[str, bytes]]", cast(_Parsed, obj)["elements"])
        found = {name: read(name, raw) for name, raw in elements}
        if len(found) != len(elements) or len(found) > 64:
            raise ValueError("a tag stands twice, or too many")
        return found

    def to_elements(obj: Mapping[str, Value], context: object) -> dict[str, object]:
        if len(obj) > 64:
            raise ValueError("too many tags")
        return {"elements": [[name, write(name, value)] for name, value in obj.items()]}

    return ExprAdapter(body, to_values, to_elements)


def _short_form(obj: int, context: object) -> int:
    if obj > 0x7F:
        raise ConstructError("long form")
    return obj


def _exactly(value: int) -> Construct:
    def check(obj: int, context: object) -> int:
        if obj != value:
            raise ConstructError("another form")
        return obj

    return Rebuild(ExprAdapter(Int8ub, check, check), value)


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
        return belongs(raw.hex(), "n")
    if spec.kind == "text" and len(raw) <= spec.size:
        return cast(str, GreedyString("utf-8").parse(raw))
    raise ValueError("wrong size")


def _tag_raw(value: Value, spec: TagSpec | None) -> bytes:
    if spec is None or spec.kind == "b":
        raw = must_be_bytes(value)
    elif isinstance(value, str):
        raw = bytes.fromhex(belongs(value, "n")) if spec.kind == "n" else value.encode("utf-8")
    else:
        raise ValueError("text expected")
    _tag_value(raw, spec)
    return raw


def must_be_bytes(value: Value) -> bytes:
    """The value, if it is bytes."""
    if not isinstance(value, bytes):
        raise ValueError("bytes expected")
    return value


def belongs(text: str, kind: str) -> str:
    """The text, if its characters are of this kind."""
    plain = text.replace("=", "") if kind == "z" else text
    tests = {"n": str.isdecimal, "z": str.isdecimal, "an": str.isalnum, "ans": str.isprintable}
    if kind != "text" and (not text.isascii() or (plain and not tests[kind](plain))):
        raise ValueError(f"not {kind}")
    return text
