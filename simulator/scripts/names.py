"""Fields and tags by their number or by their name in the spec, and their values in the form of the wire."""

from protocol.message import Message, Value
from protocol.spec import SpecDocument
from protocol.spec.schema import Mask


def field_number(spec: SpecDocument, key: str) -> int | None:
    """Number of the field that a script calls `key`; None where there is none."""
    if key.isdecimal():
        return int(key) if int(key) in spec.fields else None
    return next((number for number, field in spec.fields.items() if field.name == key), None)


def tag_of(spec: SpecDocument, key: str) -> str | None:
    """Tag that a script calls `key`. One that the spec doesn't name is taken as it stands."""
    if key[:1].isupper():
        return key
    return next((tag for tag, known in spec.tags.items() if known.name == key), None)


def path_of(spec: SpecDocument, key: str) -> str | None:
    """Path of what a reference names: "rrn" is "37", "points_earned" is "48.DF01", "120.DF20" is itself."""
    head, _, rest = key.partition(".")
    number = field_number(spec, head)
    if number is not None:
        tag = tag_of(spec, rest) if rest else None
        return f"{number}.{tag}" if tag else None if rest else str(number)
    tag = tag_of(spec, key)
    return f"48.{tag}" if tag else None


def value_at(message: Message, path: str) -> str | None:
    """Value at a path as text, bytes as hexadecimal digits; None where it isn't there."""
    number, _, tag = path.partition(".")
    value: Value | None = message.fields.get(int(number))
    if tag:
        value = value.get(tag) if value is not None and not isinstance(value, str | bytes) else None
    if isinstance(value, bytes):
        return value.hex().upper()
    return value if isinstance(value, str) else None


def field_value(spec: SpecDocument, number: int, text: str) -> Value:
    """The field's value: numbers with leading zeros up to the fixed size, bytes from hexadecimal digits."""
    field = spec.fields[number]
    if field.kind == "b":
        return bytes.fromhex(text)
    return text.zfill(field.size) if _is_padded(field.kind, field.length == "fixed", text) else text


def tag_value(spec: SpecDocument, tag: str, text: str) -> Value:
    """As `field_value`, of a tag."""
    known = spec.tags.get(tag)
    if known is None or known.kind == "b":
        return bytes.fromhex(text)
    return text.zfill(known.size) if _is_padded(known.kind, True, text) else text


def wire_text(spec: SpecDocument, path: str, text: str) -> str:
    """What a script writes for a value, as `value_at` gives it."""
    number, _, tag = path.partition(".")
    try:
        value = tag_value(spec, tag, text) if tag else field_value(spec, int(number), text)
    except ValueError:
        return text
    return value.hex().upper() if isinstance(value, bytes) else str(value)


def mask_of(spec: SpecDocument, path: str) -> Mask | None:
    """How the spec masks the value at a path."""
    number, _, tag = path.partition(".")
    if not number.isdecimal() or int(number) not in spec.fields:
        return None
    known = spec.tags.get(tag) if tag else None
    return (known.mask if known else None) or spec.fields[int(number)].mask


def is_number(spec: SpecDocument, path: str) -> bool:
    """Whether the value at a path is digits by the spec: an amount, a time, a count."""
    number, _, tag = path.partition(".")
    known = spec.tags.get(tag) if tag else spec.fields.get(int(number)) if number.isdecimal() else None
    return known is not None and known.kind == "n"


def _is_padded(kind: str, is_fixed: bool, text: str) -> bool:
    return kind == "n" and is_fixed and text.isascii() and text.isdecimal()
