"""The reference codec: the spec as a `construct` declaration, slow and plain.

It shares no code with the fast codec but the spec and the faults, so that each can prove the other. All its
faults are REFUSED: it says that a message is wrong, the fast codec says how.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Protocol, cast

from construct import (
    Adapter,
    Byte,
    Bytes,
    BytesInteger,
    Check,
    Construct,
    ConstructError,
    ExprAdapter,
    FixedSized,
    FocusedSeq,
    GreedyBytes,
    GreedyRange,
    GreedyString,
    If,
    Int8ub,
    Int16ub,
    LazyBound,
    Optional,
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
from protocol.spec.schema import LENGTH_DIGITS, TagForm

_FILLERS = {"n": "0", "z": "F"}
_EXCHANGED_IN_1047 = str.maketrans("¬^[]Ý¨", "^¬Ý¨[]")


class _Parsed(Protocol):
    """What the declaration gives back: attribute access by field name."""

    mti: str
    bitmap: set[int]

    def __getitem__(self, name: str) -> Value: ...


class _RawBitmap(Protocol):
    first: int
    second: int | None
    third: int | None


def decode(spec: SpecDocument, payload: bytes) -> Message:
    """Read a payload; raises ProtocolFault with the code REFUSED."""
    if len(payload) > spec.payload_maximum_bytes:
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
    if len(payload) > spec.payload_maximum_bytes:
        raise ProtocolFault(FaultCode.REFUSED, side="local")
    return payload


@cache
def _declaration(spec: SpecDocument) -> Construct:
    compiler = _Compiler(spec)
    return Struct(
        "mti" / compiler.digits(spec.mti_encoding, 4),
        "bitmap" / _Bitmap(spec),
        *(
            f"field_{number}" / If(lambda context, n=number: n in context.bitmap, compiler.field(field))
            for number, field in sorted(spec.fields.items())
        ),
        Terminated,
    )


class _Compiler:
    """Declarations of fields; the spec gives what a field leaves out."""

    def __init__(self, spec: SpecDocument) -> None:
        self.spec = spec

    def digits(self, encoding: str, count: int) -> Construct:
        """So many digits as text."""
        if encoding == "bcd":
            return _Nibbles(Bytes((count + 1) // 2), count, "n", "left")
        return _Text(Bytes(count), encoding, lambda text: _belongs(text, "n"))

    def count(self, encoding: str, digits: int, maximum: int) -> Construct:
        """A length prefix: a number, at most `maximum`."""
        if encoding == "binary":
            return ExprAdapter(
                BytesInteger(digits),
                lambda obj, context: _at_most(obj, maximum),
                lambda obj, context: _at_most(obj, maximum),
            )
        return ExprAdapter(
            self.digits(encoding, digits),
            lambda obj, context: _at_most(int(obj), maximum),
            lambda obj, context: f"{_at_most(obj, maximum):0{digits}d}",
        )

    def field(self, field: FieldSpec) -> Construct:
        """A field with its prefix."""
        digits = LENGTH_DIGITS[field.length]
        if field.length == "rest":
            return self.content(field, None)
        if not digits:
            content = self.content(field, field.size)
            return FixedSized(field.size, content) if field.is_composite else content
        prefix = self.count(field.length_encoding or self.spec.length_encoding, digits, field.size)
        if field.unit == "digits":
            return FocusedSeq(
                "value",
                "count" / Rebuild(prefix, lambda context: len(context.value)),
                "value" / self.content(field, this.count),
            )
        return Prefixed(prefix, self.content(field, None))

    def content(self, field: FieldSpec, count: object) -> Construct:
        """What stands behind the prefix: `count` units of it, or all that there is where it is None."""
        if field.is_composite:
            return self.composite(field)
        size = field.size
        if field.unit == "digits":
            whole = (lambda context: (context.count + 1) // 2) if callable(count) else (size + 1) // 2
            return _filled(_Nibbles(Bytes(whole), count, field.kind, field.pad), field, size)
        raw = GreedyBytes if count is None else Bytes(count)
        if field.encoding == "bcd":
            return _filled(_Nibbles(raw, None, field.kind, None), field, size * 2)
        if field.kind == "b":
            return raw if field.encoding == "binary" else ExprAdapter(raw, _from_hexadecimal, _to_hexadecimal)
        kind = field.kind if self.spec.characters == "codec" else "text"
        return ExprAdapter(
            _filled(_Text(raw, field.encoding, lambda text: text), field, size),
            lambda obj, context: _belongs(obj, kind),
            lambda obj, context: _belongs(obj, kind),
        )

    def composite(self, field: FieldSpec) -> Construct:
        """Parts of a composite, to the end of its content."""
        if field.kind == "tlv":
            return _tlv(self.spec.tags, 1)
        if field.tag is not None:
            return self.tagged(field.tag, field.parts)
        order = sorted(field.parts, key=int)
        parts = {key: self.field(field.parts[key]) for key in order}
        if field.kind == "bitmapped":
            members = [
                f"part_{key}" / If(lambda context, n=int(key): context.bits >> (64 - n) & 1, part)
                for key, part in parts.items()
            ]
            declaration = Struct("bits" / BytesInteger(8), *members, Terminated)
            known = sum(1 << (64 - int(key)) for key in order)
        else:
            members = [f"part_{key}" / Optional(part) for key, part in parts.items()]
            declaration = Struct(*members, Terminated)
            known = 0
        return ExprAdapter(
            declaration,
            lambda obj, context: _parts_of(obj, order, known),
            lambda obj, context: _parts_to(obj, order, positional=field.kind == "positional"),
        )

    def tagged(self, form: TagForm, parts: Mapping[str, FieldSpec]) -> Construct:
        """Elements of fixed-size tag, length and content."""
        tag = (
            ExprAdapter(Bytes(form.size), lambda obj, _: obj.hex().upper(), lambda obj, _: _exact_hex(obj))
            if form.encoding == "binary"
            else _Text(Bytes(form.size), form.encoding, lambda text: _belongs(text, "ans"))
        )
        most = 256**form.length_digits - 1 if form.length_encoding == "binary" else 10**form.length_digits - 1
        length = self.count(form.length_encoding, form.length_digits, most)
        body = Struct("elements" / GreedyRange(Sequence(tag, Prefixed(length, GreedyBytes))), Terminated)
        known = {key: self.field(part) for key, part in parts.items()}
        return _elements(
            body,
            lambda key, raw: (
                cast(Value, Sequence(known[key], Terminated).parse(_fitting(raw, parts[key]))[0])
                if key in known
                else raw
            ),
            lambda key, value: (
                _fitting(cast(bytes, known[key].build(value)), parts[key])
                if key in known
                else _must_be_bytes(value)
            ),
        )


class _Bitmap(Adapter):  # type: ignore[misc]  # construct has no types
    """A set of field numbers; the first bits of the first and second word announce another."""

    def __init__(self, spec: SpecDocument) -> None:
        self.known = frozenset(spec.fields)
        self.always_two = spec.bitmap_bytes == 16
        word = BytesInteger(8)
        if spec.bitmap_encoding == "hex":
            word = ExprAdapter(
                ExprAdapter(Bytes(16), _from_hexadecimal, _to_hexadecimal),
                lambda obj, context: int.from_bytes(obj, "big"),
                lambda obj, context: obj.to_bytes(8, "big"),
            )
        announced = 1 << 63
        super().__init__(
            Struct(
                "first" / word,
                "second" / If(lambda context: self.always_two or context.first & announced, word),
                "third"
                / If(
                    lambda context: not self.always_two and (context.second or 0) & announced,
                    word,
                ),
            )
        )

    def _decode(self, obj: _RawBitmap, context: object, path: str) -> set[int]:
        words = [word for word in (obj.first, obj.second, obj.third) if word is not None]
        if self.always_two:
            if words[0] >> 63:
                raise ValueError("bit 1 of a bitmap that never grows")
        elif 0 in words[1:] or (len(words) == 3 and words[2] >> 63):
            raise ValueError("a word of the bitmap that says nothing, or too much")
        numbers = {
            index * 64 + bit
            for index, word in enumerate(words)
            for bit in range(1, 65)
            if word >> (64 - bit) & 1
        }
        numbers -= {1} | ({65} if len(words) == 3 else set())
        if unknown := numbers - self.known:
            raise ValueError(f"no field {min(unknown)}")
        return numbers

    def _encode(self, obj: set[int], context: object, path: str) -> dict[str, object]:
        last = max(obj, default=0)
        marks = {1} if last > 64 and not self.always_two else set()
        marks |= {65} if last > 128 else set()
        words = [
            sum(1 << (64 - bit) for bit in range(1, 65) if index * 64 + bit in obj | marks)
            for index in range(3)
        ]
        return {
            "first": words[0],
            "second": words[1] if last > 64 or self.always_two else None,
            "third": words[2] if last > 128 else None,
        }


class _Text(Adapter):  # type: ignore[misc]
    """Characters of one encoding and class."""

    def __init__(self, content: Construct, encoding: str, check: Callable[[str], str]) -> None:
        super().__init__(content)
        self.encoding, self.check = encoding, check

    def _decode(self, obj: bytes, context: object, path: str) -> str:
        if self.encoding == "utf8":
            return self.check(cast(str, GreedyString("utf-8").parse(obj)))
        text = obj.decode("ascii" if self.encoding == "ascii" else "cp037")
        return self.check(text.translate(_EXCHANGED_IN_1047) if self.encoding == "ebcdic1047" else text)

    def _encode(self, obj: str, context: object, path: str) -> bytes:
        text = self.check(obj)
        if self.encoding in ("ascii", "utf8"):
            return text.encode(self.encoding)
        return (text.translate(_EXCHANGED_IN_1047) if self.encoding == "ebcdic1047" else text).encode("cp037")


class _Nibbles(Adapter):  # type: ignore[misc]
    """Packed digits: `count` of them (a number, a context expression, or None for all)."""

    def __init__(self, content: Construct, count: object, kind: str, pad: str | None) -> None:
        super().__init__(content)
        self.count, self.kind, self.pad = count, kind, pad

    def _decode(self, obj: bytes, context: object, path: str) -> str:
        text = obj.hex().upper()
        count = self.count(context) if callable(self.count) else self.count
        if count is not None and len(text) > cast(int, count):
            filler, text = (text[0], text[1:]) if self.pad == "left" else (text[-1], text[:-1])
            if filler != _FILLERS[self.kind]:
                raise ValueError("wrong filler")
        if self.kind == "z":
            text = text.replace("D", "=")
        return _belongs(text, self.kind)

    def _encode(self, obj: str, context: object, path: str) -> bytes:
        text = _belongs(obj, self.kind).replace("=", "D")
        if len(text) % 2:
            if self.count is None:
                raise ValueError("half a byte")
            filler = _FILLERS[self.kind]
            text = filler + text if self.pad == "left" else text + filler
        return bytes.fromhex(text)


def _filled(content: Construct, field: FieldSpec, size: int) -> Construct:
    fill = field.fill
    if fill is None:
        return content
    if field.justify == "left":
        return ExprAdapter(
            content, lambda obj, context: obj.rstrip(fill), lambda obj, context: obj.ljust(size, fill)
        )
    return ExprAdapter(
        content, lambda obj, context: obj.lstrip(fill), lambda obj, context: obj.rjust(size, fill)
    )


def _tlv(tags: Mapping[str, TagSpec], depth: int) -> Construct:
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
    inner = LazyBound(lambda: _tlv(tags, depth + 1))

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

    return _elements(body, read, write)


def _nested(raw: bytes, spec: TagSpec, depth: int) -> bytes:
    if depth == 4 or len(raw) > spec.size:
        raise ValueError("nested too deep, or too long")
    return raw


def _elements(
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


def _fitting(raw: bytes, part: FieldSpec) -> bytes:
    if part.length == "rest" and len(raw) > part.size:
        raise ValueError("over the maximum")
    return raw


def _parts_of(obj: Mapping[str, Value | None], order: list[str], known: int) -> dict[str, Value]:
    if known and cast(int, obj["bits"]) & ~known:
        raise ValueError("no such part")
    found = {key: obj[f"part_{key}"] for key in order}
    return {key: value for key, value in found.items() if value is not None}


def _parts_to(obj: Mapping[str, Value], order: list[str], *, positional: bool) -> dict[str, object]:
    if set(obj) - set(order) or (positional and [key for key in order if key in obj] != order[: len(obj)]):
        raise ValueError("a part is missing, or unknown")
    bits = sum(1 << (64 - int(key)) for key in obj)
    return {"bits": bits, **{f"part_{key}": obj.get(key) for key in order}}


def _at_most(number: int, maximum: int) -> int:
    if number > maximum:
        raise ValueError("over the maximum")
    return number


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
        return _belongs(raw.hex(), "n")
    if spec.kind == "text" and len(raw) <= spec.size:
        return cast(str, GreedyString("utf-8").parse(raw))
    raise ValueError("wrong size")


def _tag_raw(value: Value, spec: TagSpec | None) -> bytes:
    if spec is None or spec.kind == "b":
        raw = _must_be_bytes(value)
    elif isinstance(value, str):
        raw = bytes.fromhex(_belongs(value, "n")) if spec.kind == "n" else value.encode("utf-8")
    else:
        raise ValueError("text expected")
    _tag_value(raw, spec)
    return raw


def _must_be_bytes(value: Value) -> bytes:
    if not isinstance(value, bytes):
        raise ValueError("bytes expected")
    return value


def _exact_hex(text: str) -> bytes:
    raw = bytes.fromhex(text)
    if raw.hex().upper() != text:
        raise ValueError("not upper-case hexadecimal")
    return raw


def _from_hexadecimal(obj: bytes, context: object) -> bytes:
    return _exact_hex(obj.decode("ascii"))


def _to_hexadecimal(obj: bytes, context: object) -> bytes:
    return _must_be_bytes(obj).hex().upper().encode("ascii")


def _belongs(text: str, kind: str) -> str:
    plain = text.replace("=", "") if kind == "z" else text
    tests = {"n": str.isdecimal, "z": str.isdecimal, "an": str.isalnum, "ans": str.isprintable}
    if kind != "text" and (not text.isascii() or (plain and not tests[kind](plain))):
        raise ValueError(f"not {kind}")
    return text
