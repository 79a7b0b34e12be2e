"""Content of scalar fields: packed digits, text and bytes."""

from protocol.codec.characters import CLASSES, FROM_LATIN_1, TO_LATIN_1, is_anything
from protocol.codec.content import Content
from protocol.faults import FaultCode, ProtocolFault
from protocol.message import Value
from protocol.spec import FieldSpec

_FILLERS = {"n": "0", "z": "f"}


def scalar_content(field: FieldSpec, path: str, *, check: bool) -> Content:
    """Content codec of a field that is no composite; `check` is whether characters are judged here."""
    if field.kind == "b":
        return _hexadecimal(path) if field.encoding == "hex" else _binary(path)
    if field.encoding == "bcd":
        return _packed(field, path)
    if field.encoding == "utf8":
        return _utf8(path)
    return _text(field, path, check=check)


def _binary(path: str) -> Content:
    def parse(raw: bytes, count: int, offset: int) -> Value:
        return raw

    def build(value: Value) -> tuple[bytes, int]:
        if not isinstance(value, bytes):
            raise ProtocolFault(FaultCode.WRONG_VALUE_TYPE, path, side="local")
        return value, len(value)

    return Content(parse, build)


def _hexadecimal(path: str) -> Content:
    def parse(raw: bytes, count: int, offset: int) -> Value:
        text = raw.decode("latin-1")
        # Upper case only, as written: so that what is read is written back the same.
        if len(text) % 2 or text.strip("0123456789ABCDEF"):
            raise ProtocolFault(FaultCode.BAD_CHARACTER, path, offset=offset)
        return bytes.fromhex(text)

    def build(value: Value) -> tuple[bytes, int]:
        if not isinstance(value, bytes):
            raise ProtocolFault(FaultCode.WRONG_VALUE_TYPE, path, side="local")
        return value.hex().upper().encode("ascii"), len(value) * 2

    return Content(parse, build)


def _utf8(path: str) -> Content:
    def parse(raw: bytes, count: int, offset: int) -> Value:
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            raise ProtocolFault(FaultCode.BAD_CHARACTER, path, offset=offset) from None

    def build(value: Value) -> tuple[bytes, int]:
        if not isinstance(value, str):
            raise ProtocolFault(FaultCode.WRONG_VALUE_TYPE, path, side="local")
        try:
            raw = value.encode("utf-8")
        except UnicodeEncodeError:
            raise ProtocolFault(FaultCode.BAD_CHARACTER, path, side="local") from None
        return raw, len(raw)

    return Content(parse, build)


def _text(field: FieldSpec, path: str, *, check: bool) -> Content:
    belongs = CLASSES[field.kind] if check else is_anything
    to_latin_1 = TO_LATIN_1.get(field.encoding)
    from_latin_1 = FROM_LATIN_1.get(field.encoding)
    only_ascii = to_latin_1 is None
    justify, fill, size = field.justify, field.fill or "", field.size

    def parse(raw: bytes, count: int, offset: int) -> Value:
        text = (raw if to_latin_1 is None else raw.translate(to_latin_1)).decode("latin-1")
        value = _unfilled(text, justify, fill)
        if (only_ascii and not text.isascii()) or not belongs(value):
            raise ProtocolFault(FaultCode.BAD_CHARACTER, path, offset=offset)
        return value

    def build(value: Value) -> tuple[bytes, int]:
        if not isinstance(value, str):
            raise ProtocolFault(FaultCode.WRONG_VALUE_TYPE, path, side="local")
        text = _filled(value, justify, fill, size)
        try:
            raw = text.encode("ascii" if only_ascii else "latin-1")
        except UnicodeEncodeError:
            raise ProtocolFault(FaultCode.BAD_CHARACTER, path, side="local") from None
        if not belongs(value):
            raise ProtocolFault(FaultCode.BAD_CHARACTER, path, side="local")
        return (raw if from_latin_1 is None else raw.translate(from_latin_1)), len(raw)

    return Content(parse, build)


def _packed(field: FieldSpec, path: str) -> Content:
    """BCD: one digit a nibble; `=` of a track is the nibble D. An odd number gets a filler nibble."""
    is_track = field.kind == "z"
    filler = _FILLERS[field.kind]
    left = field.pad == "left"
    in_bytes = field.unit == "bytes"
    justify, fill = field.justify, field.fill or ""
    width = field.size * 2 if in_bytes else field.size

    def parse(raw: bytes, count: int, offset: int) -> Value:
        text = raw.hex()
        if not in_bytes and len(text) != count:
            found, text = (text[0], text[1:]) if left else (text[-1], text[:-1])
            if found != filler:
                raise ProtocolFault(FaultCode.BAD_PADDING, path, offset=offset)
        digits = text.replace("d", "") if is_track else text
        if digits and not digits.isdecimal():
            raise ProtocolFault(FaultCode.BAD_NIBBLE, path, offset=offset)
        return _unfilled(text.replace("d", "=") if is_track else text, justify, fill)

    def build(value: Value) -> tuple[bytes, int]:
        if not isinstance(value, str):
            raise ProtocolFault(FaultCode.WRONG_VALUE_TYPE, path, side="local")
        text = _filled(value, justify, fill, width)
        if not CLASSES[field.kind](text):
            raise ProtocolFault(FaultCode.BAD_CHARACTER, path, side="local")
        count = len(text)
        nibbles = text.replace("=", "d") if is_track else text
        if count % 2:
            if in_bytes:
                raise ProtocolFault(
                    FaultCode.BAD_LENGTH, path, expected=count + 1, actual=count, side="local"
                )
            nibbles = filler + nibbles if left else nibbles + filler
        return bytes.fromhex(nibbles), (count // 2 if in_bytes else count)

    return Content(parse, build)


def _filled(text: str, justify: str | None, fill: str, size: int) -> str:
    if justify is None:
        return text
    return text.ljust(size, fill) if justify == "left" else text.rjust(size, fill)


def _unfilled(text: str, justify: str | None, fill: str) -> str:
    if justify is None:
        return text
    return text.rstrip(fill) if justify == "left" else text.lstrip(fill)
