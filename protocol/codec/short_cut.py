"""Short ways for the plain forms: packed digits and ASCII text that are just what they should be.

Whatever a short way does not recognise at a glance it leaves to the field's full codec, which reads it or
says what is wrong.
"""

from collections.abc import Callable

from protocol.codec.characters import CLASSES, is_anything
from protocol.codec.prefix import BCD_BYTES, count_maximum, prefix_bytes, prefix_writer
from protocol.message import Value
from protocol.spec import FieldSpec, SpecDocument
from protocol.spec.schema import LENGTH_DIGITS

Reader = Callable[[bytes, int], tuple[Value, int]]
ValueReader = Callable[[bytes, int], Value]
Writer = Callable[[Value], bytes]

# Prefixes of longer fields are written when they are needed.
_PREFIXES_MAXIMUM = 1000


def short_cuts(
    spec: SpecDocument, field: FieldSpec, read: Reader, write: Writer
) -> tuple[ValueReader, Writer]:
    """Reader of the value alone, and writer, of one field; `read` and `write` are its full codec."""
    if field.justify is None and field.length != "rest":
        if field.kind == "n" and field.encoding == "bcd" and field.unit == "digits":
            return _packed(spec, field, read, write)
        if field.kind in ("n", "an", "ans", "text") and field.encoding == "ascii":
            return _plain(spec, field, read, write)
    return _value_of(read), write


_CLASS_TESTS = {
    "n": " and v.isdecimal()",
    "an": " and v.isalnum()",
    "ans": " and v.isprintable()",
    "text": "",
}


def plain_text_test(spec: SpecDocument, field: FieldSpec) -> str | None:
    """Source of a test whether the text `v` is written as its own ASCII bytes; None for other fields."""
    if field.encoding != "ascii" or field.length != "fixed" or field.justify is not None:
        return None
    if field.kind not in _CLASS_TESTS:
        return None
    judged = _CLASS_TESTS[field.kind] if spec.characters == "codec" else ""
    return f"len(v) == {field.size} and v.isascii(){judged}"


def _value_of(read: Reader) -> ValueReader:
    def value(payload: bytes, offset: int) -> Value:
        return read(payload, offset)[0]

    return value


def _packed(spec: SpecDocument, field: FieldSpec, read: Reader, write: Writer) -> tuple[ValueReader, Writer]:
    count = field.size
    encoding = field.length_encoding or spec.length_encoding
    if field.length == "LL" and encoding == "bcd" and field.pad == "left":

        def value_ll(payload: bytes, offset: int) -> Value:
            digits = BCD_BYTES[payload[offset]]
            start = offset + 1
            text = payload[start : start + (digits + 1 >> 1)].hex()
            if len(text) == digits <= count and text.isdecimal():
                return text
            return read(payload, offset)[0]

        return value_ll, write
    if field.length != "fixed" or count % 2:
        return _value_of(read), write
    size = count // 2

    def value_fixed(payload: bytes, offset: int) -> Value:
        text = payload[offset : offset + size].hex()
        if len(text) == count and text.isdecimal():
            return text
        return read(payload, offset)[0]

    def write_fixed(value: Value) -> bytes:
        if type(value) is str and len(value) == count and value.isascii() and value.isdecimal():
            return bytes.fromhex(value)
        return write(value)

    return value_fixed, write_fixed


def _plain(spec: SpecDocument, field: FieldSpec, read: Reader, write: Writer) -> tuple[ValueReader, Writer]:
    belongs = CLASSES[field.kind] if spec.characters == "codec" else is_anything
    size = field.size
    digits = LENGTH_DIGITS[field.length]
    if digits:
        encoding = field.length_encoding or spec.length_encoding
        if digits > 3 or prefix_bytes(encoding, digits) > 3:
            return _value_of(read), write
        most = min(size, count_maximum(encoding, digits), _PREFIXES_MAXIMUM - 1)
        prefixes = [prefix_writer(encoding, digits)(count) for count in range(most + 1)]

        def write_variable(value: Value) -> bytes:
            if type(value) is str and len(value) <= most and value.isascii() and belongs(value):
                return prefixes[len(value)] + value.encode()
            return write(value)

        return _value_of(read), write_variable

    def value_fixed(payload: bytes, offset: int) -> Value:
        raw = payload[offset : offset + size]
        if raw.isascii() and len(raw) == size:
            text = raw.decode()
            if belongs(text):
                return text
        return read(payload, offset)[0]

    def write_fixed(value: Value) -> bytes:
        if type(value) is str and len(value) == size and value.isascii() and belongs(value):
            return value.encode()
        return write(value)

    return value_fixed, write_fixed
