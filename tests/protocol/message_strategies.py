"""Hypothesis strategies: any message that a spec allows, field by field."""

from hypothesis import strategies as st

from protocol.codec.tlv import MAXIMUM_TAGS
from protocol.message import Message, Value
from protocol.spec import FieldSpec, SpecDocument, TagSpec

_ALPHABETS = {
    "n": "0123456789",
    "z": "0123456789=",
    "an": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "ans": "".join(chr(code) for code in range(32, 127)),
}
# Two-byte private tags that the spec does not name, which must survive.
_UNKNOWN_TAGS = ("DF60", "DF7F", "C1", "9F02", "DF8101")


def messages(spec: SpecDocument) -> st.SearchStrategy[Message]:
    """Messages with any set of the spec's fields, whatever their type says."""
    fields = st.fixed_dictionaries(
        {}, optional={number: field_values(field, spec) for number, field in spec.fields.items()}
    )
    return st.builds(Message, st.text("0123456789", min_size=4, max_size=4), fields)


def field_values(field: FieldSpec, spec: SpecDocument) -> st.SearchStrategy[Value]:
    """Values of one field."""
    if field.kind == "tlv":
        return _composites(field, spec)
    smallest = field.size if field.length == "fixed" and not field.justify else 0
    if field.kind == "b":
        return st.binary(min_size=smallest, max_size=field.size)
    text = st.text(_ALPHABETS[field.kind], min_size=smallest, max_size=field.size)
    return text.map(lambda value: value.rstrip(" ")) if field.justify else text


def _composites(field: FieldSpec, spec: SpecDocument) -> st.SearchStrategy[Value]:
    known = {tag: _tag_values(spec.tags[tag]) for tag in spec.tags}
    unknown = {tag: st.binary(max_size=140) for tag in _UNKNOWN_TAGS}
    composites = st.fixed_dictionaries({}, optional={**known, **unknown})
    return composites.filter(lambda value: len(value) <= MAXIMUM_TAGS and _size(value, spec) <= field.size)


def _tag_values(tag: TagSpec) -> st.SearchStrategy[str | bytes]:
    if tag.kind == "n":
        return st.text(_ALPHABETS["n"], min_size=tag.size, max_size=tag.size)
    if tag.kind == "b":
        return st.binary(max_size=tag.size)
    return st.text(max_size=tag.size // 4)


def _size(value: dict[str, str | bytes], spec: SpecDocument) -> int:
    total = 0
    for tag, content in value.items():
        if isinstance(content, bytes):
            size = len(content)
        else:
            size = len(content) // 2 if spec.tags[tag].kind == "n" else len(content.encode("utf-8"))
        total += len(tag) // 2 + size + (1 if size < 0x80 else 2 if size < 0x100 else 3)
    return total
