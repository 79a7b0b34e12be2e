"""The reference codec: the spec as a `construct` declaration, slow and plain.

It shares no code with the fast codec but the spec and the faults, so that each can prove the other. All its
faults are REFUSED: it says that a message is wrong, the fast codec says how.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Protocol, cast

from construct import (
    Adapter,
    Bytes,
    BytesInteger,
    Construct,
    ConstructError,
    ExprAdapter,
    FixedSized,
    FocusedSeq,
    GreedyBytes,
    GreedyRange,
    GreedyString,
    If,
    Optional,
    Prefixed,
    Rebuild,
    Sequence,
    Struct,
    Terminated,
    this,
)

from protocol.codec.reference_tags import belongs, elements, must_be_bytes, tlv
from protocol.faults import FaultCode, ProtocolFault
from protocol.message import Message, Value
from protocol.spec import FieldSpec, SpecDocument
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
        return _Text(Bytes(count), encoding, lambda text: belongs(text, "n"))

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
            lambda obj, context: belongs(obj, kind),
            lambda obj, context: belongs(obj, kind),
        )

    def composite(self, field: FieldSpec) -> Construct:
        """Parts of a composite, to the end of its content."""
        if field.kind == "tlv":
            return tlv(self.spec.tags, 1)
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
            else _Text(Bytes(form.size), form.encoding, lambda text: belongs(text, "ans"))
        )
        most = 256**form.length_digits - 1 if form.length_encoding == "binary" else 10**form.length_digits - 1
        length = self.count(form.length_encoding, form.length_digits, most)
        body = Struct("elements" / GreedyRange(Sequence(tag, Prefixed(length, GreedyBytes))), Terminated)
        known = {key: self.field(part) for key, part in parts.items()}
        return elements(
            body,
            lambda key, raw: (
                cast(Value, Sequence(known[key], Terminated).parse(_fitting(raw, parts[key]))[0])
                if key in known
                else raw
            ),
            lambda key, value: (
                _fitting(cast(bytes, known[key].build(value)), parts[key])
                if key in known
                else must_be_bytes(value)
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
        return belongs(text, self.kind)

    def _encode(self, obj: str, context: object, path: str) -> bytes:
        text = belongs(obj, self.kind).replace("=", "D")
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


def _exact_hex(text: str) -> bytes:
    raw = bytes.fromhex(text)
    if raw.hex().upper() != text:
        raise ValueError("not upper-case hexadecimal")
    return raw


def _from_hexadecimal(obj: bytes, context: object) -> bytes:
    return _exact_hex(obj.decode("ascii"))


def _to_hexadecimal(obj: bytes, context: object) -> bytes:
    return must_be_bytes(obj).hex().upper().encode("ascii")
