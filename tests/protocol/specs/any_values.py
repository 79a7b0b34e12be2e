"""Hypothesis strategies: values of any field of any spec, and messages of few fields to keep runs short."""

from collections.abc import Callable

from hypothesis import strategies as st

from protocol.codec.tlv import MAXIMUM_TAGS
from protocol.message import Message, Value
from protocol.spec import FieldSpec, SpecDocument
from protocol.spec.schema import TagForm

ALPHABETS = {
    "n": "0123456789",
    "z": "0123456789=",
    "an": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "ans": "".join(chr(code) for code in range(32, 127)),
    "text": "".join(chr(code) for code in range(32, 127)),
}
_LONGEST = 60


def messages(spec: SpecDocument, most_fields: int = 8) -> st.SearchStrategy[Message]:
    """Messages with some of the spec's fields."""
    numbers = st.lists(st.sampled_from(sorted(spec.fields)), max_size=most_fields, unique=True)
    return st.builds(Message, st.text("0123456789", min_size=4, max_size=4), numbers.flatmap(_some_of(spec)))


def _some_of(spec: SpecDocument) -> Callable[[list[int]], st.SearchStrategy[dict[int, Value]]]:
    return lambda numbers: st.fixed_dictionaries({n: values(spec.fields[n], spec) for n in numbers})


def values(field: FieldSpec, spec: SpecDocument) -> st.SearchStrategy[Value]:
    """Values of one field that its codec writes."""
    if field.is_composite:
        return _composites(field, spec)
    size = field.size
    if field.kind == "b":
        size = size // 2 if field.encoding == "hex" else size
        return st.binary(min_size=size if field.length == "fixed" else 0, max_size=_capped(size, field))
    if field.encoding == "bcd" and field.unit == "bytes":
        size *= 2
    alphabet = ALPHABETS[field.kind]
    if field.justify is not None:
        side = str.rstrip if field.justify == "left" else str.lstrip
        return st.text(alphabet, max_size=size).map(lambda text: side(text, field.fill or ""))
    smallest = size if field.length == "fixed" else 0
    if field.encoding == "utf8" and not smallest:
        return st.text(alphabet + "شهرé", max_size=_capped(size, field) // 2)
    most = _capped(size, field)
    # The longest ones are often those that tell two specs apart.
    text = st.text(alphabet, min_size=smallest, max_size=most) | st.text(
        alphabet, min_size=most, max_size=most
    )
    if field.encoding == "bcd" and field.unit == "bytes":
        return text.filter(lambda value: len(value) % 2 == 0)
    return text


def _capped(size: int, field: FieldSpec) -> int:
    return size if field.length == "fixed" else min(size, _LONGEST)


def _composites(field: FieldSpec, spec: SpecDocument) -> st.SearchStrategy[Value]:
    if field.kind == "tlv":
        known = {tag: _tag_values(spec.tags[tag].kind, spec.tags[tag].size) for tag in spec.tags}
        known = {tag: strategy for tag, strategy in known.items() if spec.tags[tag].kind != "tlv"}
        some = st.fixed_dictionaries({}, optional={**known, "DF7E": st.binary(max_size=8)})
        return some.filter(lambda value: len(value) <= MAXIMUM_TAGS)
    parts = {key: values(part, spec) for key, part in field.parts.items()}
    if field.kind != "positional":
        unknown = {} if field.tag is None else _unknown(field.tag, set(parts))
        return st.fixed_dictionaries({}, optional={**parts, **unknown})
    order = sorted(parts, key=int)
    if field.length == "fixed":
        return st.fixed_dictionaries(parts)
    return st.integers(0, len(order)).flatmap(
        lambda count: st.fixed_dictionaries({key: parts[key] for key in order[:count]})
    )


def _unknown(form: TagForm, known: set[str]) -> dict[str, st.SearchStrategy[Value]]:
    key = "FE" * form.size if form.encoding == "binary" else "9" * form.size
    return {} if key in known else {key: st.binary(max_size=9)}


def _tag_values(kind: str, size: int) -> st.SearchStrategy[Value]:
    if kind == "n":
        return st.text(ALPHABETS["n"], min_size=size, max_size=size)
    if kind == "b":
        return st.binary(max_size=min(size, 20))
    return st.text(ALPHABETS["ans"], max_size=min(size, 20))
