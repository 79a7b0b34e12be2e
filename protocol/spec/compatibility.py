"""What changes between two specs, and what it does to those who run different ones.

Two directions are judged: what one on the old spec writes and one on the new reads, and the other way round.
Compatible means that everything written is read, as the same values. A BER-TLV tag or a tagged part that the
reader does not know is kept as bytes and passed on, which is compatible too.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from protocol.spec.schema import (
    LENGTH_DIGITS,
    FieldSpec,
    LengthEncoding,
    MessageTypeSpec,
    ResponseCodeSpec,
    SpecDocument,
    TagForm,
    TagSpec,
    Title,
)


class Verdict(StrEnum):
    """How bad a change is, the harmless first."""

    COMPATIBLE = "compatible"
    COMPATIBLE_IF_UNUSED = "compatible_if_unused"
    BREAKING = "breaking"


_OK, _UNUSED, _BREAKING = Verdict
_RANK = {verdict: rank for rank, verdict in enumerate(Verdict)}
_ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class SpecChange:
    """One difference: `path` as "fields.43.parts.1" ("" the spec itself), the axis, and what it says in each.

    `old_to_new` judges what one on the old spec sends to one on the new, `new_to_old` the other direction.
    """

    path: str
    axis: str
    before: str
    after: str
    old_to_new: Verdict
    new_to_old: Verdict

    @property
    def verdict(self) -> Verdict:
        """The worse of both directions."""
        return max(self.old_to_new, self.new_to_old, key=lambda verdict: _RANK[verdict])

    @property
    def effect(self) -> str:
        """What the change does, as a sentence for each direction that it harms."""
        harms = {
            _UNUSED: "where this is used, {} sends what {} cannot read",
            _BREAKING: "{} sends what {} cannot read",
        }
        old, new = "one on the old spec", "one on the new spec"
        said = [
            harms[verdict].format(*ends)
            for verdict, ends in ((self.old_to_new, (old, new)), (self.new_to_old, (new, old)))
            if verdict in harms
        ]
        return "; ".join(said) or "harmless"


def compare(old: SpecDocument, new: SpecDocument) -> list[SpecChange]:
    """All differences of two specs, those of the whole spec first, then fields, tags, types and codes."""
    return [
        *_documents(old, new),
        *_all_fields(old, new),
        *_all_tags(old.tags, new.tags),
        *_all_messages(old, new),
        *_all_codes(old.response_codes, new.response_codes),
    ]


def worst(changes: Iterable[SpecChange]) -> Verdict:
    """The verdict of a whole comparison."""
    return max((change.verdict for change in changes), key=lambda verdict: _RANK[verdict], default=_OK)


def _text(value: object) -> str:
    if value is None:
        return "none"
    return f"{value.en} / {value.fa}" if isinstance(value, Title) else str(value)


def _differences(  # noqa: PLR0917  (where, two of the same, and their harmless axes)
    path: str, old: object, new: object, axes: tuple[str, ...], forth: Verdict = _OK, back: Verdict = _OK
) -> Iterator[SpecChange]:
    """Changes of plain axes that all have one verdict."""
    for axis in axes:
        before, after = getattr(old, axis), getattr(new, axis)
        if before != after:
            yield SpecChange(path, axis, _text(before), _text(after), forth, back)


def _range(before: int, after: int) -> tuple[Verdict, Verdict]:
    """A greatest length: the one with the smaller does not read all of the other."""
    return (_OK if after >= before else _BREAKING), (_OK if before >= after else _BREAKING)


_Spec = TypeVar("_Spec", FieldSpec, TagSpec, MessageTypeSpec, ResponseCodeSpec)
_Key = TypeVar("_Key", int, str)


def _comings_and_goings(
    path: str, old: Mapping[_Key, _Spec], new: Mapping[_Key, _Spec], verdict: Verdict = _UNUSED
) -> Iterator[SpecChange]:
    """What only one of two knows; `verdict` is for the one that does not know what the other sends."""
    for key in sorted(set(old) ^ set(new)):
        known = old[key] if key in old else new[key]
        text = known.name if not isinstance(known, MessageTypeSpec) else known.title.en
        place = f"{path}.{key}"
        if key in new:
            yield SpecChange(place, "presence", _ABSENT, text, _OK, verdict)
        else:
            yield SpecChange(place, "presence", text, _ABSENT, verdict, _OK)


def _documents(old: SpecDocument, new: SpecDocument) -> Iterator[SpecChange]:
    yield from _differences("", old, new, ("name", "version", "title"))
    same = _same_digits(old.mti_encoding, new.mti_encoding)
    yield from _differences(
        "", old, new, ("mti_encoding",), *((_OK, _OK) if same else (_BREAKING, _BREAKING))
    )
    yield from _differences("", old, new, ("bitmap_encoding", "bitmap_bytes"), _BREAKING, _BREAKING)
    if old.length_encoding != new.length_encoding:
        inherited = any(
            _inherits(old.fields[number], new.fields[number])
            for number in old.fields.keys() & new.fields.keys()
        )
        harm = inherited and not _same_digits(old.length_encoding, new.length_encoding)
        verdict = _BREAKING if harm else _OK
        yield from _differences("", old, new, ("length_encoding",), verdict, verdict)
    judging = new.characters == "codec"
    yield from _differences(
        "", old, new, ("characters",), _BREAKING if judging else _OK, _OK if judging else _BREAKING
    )
    # One that seals refuses what has no MAC; one that does not must at least know the fields of the MAC.
    sealing, other = (new, old) if new.sealed else (old, new)
    knows = all(_form(other.fields.get(number)) == _form(sealing.fields.get(number)) for number in (64, 128))
    read = _OK if knows else _BREAKING
    yield from _differences(
        "", old, new, ("sealed",), *((_BREAKING, read) if new.sealed else (read, _BREAKING))
    )
    sizes = _range(old.payload_maximum_bytes, new.payload_maximum_bytes)
    yield from _differences("", old, new, ("payload_maximum_bytes",), *sizes)


def _form(field: FieldSpec | None) -> object:
    return field and (field.kind, field.encoding, field.length, field.size)


def _inherits(old: FieldSpec, new: FieldSpec) -> bool:
    """Whether the spec's own encoding of lengths matters to a field, or to a part of it."""
    if old.length_encoding is None and new.length_encoding is None and _counted(old) and _counted(new):
        return True
    return any(_inherits(old.parts[key], new.parts[key]) for key in old.parts.keys() & new.parts.keys())


def _counted(field: FieldSpec) -> bool:
    """Whether a length stands in front."""
    return LENGTH_DIGITS[field.length] > 0


def _same_digits(before: str, after: str) -> bool:
    return before == after or {before, after} == {"ebcdic", "ebcdic1047"}


def _all_fields(old: SpecDocument, new: SpecDocument) -> Iterator[SpecChange]:
    yield from _comings_and_goings("fields", old.fields, new.fields)
    lengths = old.length_encoding, new.length_encoding
    for number in sorted(old.fields.keys() & new.fields.keys()):
        yield from _fields(f"fields.{number}", old.fields[number], new.fields[number], lengths)


def _fields(
    path: str, old: FieldSpec, new: FieldSpec, lengths: tuple[LengthEncoding, LengthEncoding]
) -> Iterator[SpecChange]:
    if old == new:
        return
    before, after = old.length_encoding or lengths[0], new.length_encoding or lengths[1]
    yield from _differences(path, old, new, ("name", "title", "mask"))
    yield from _differences(path, old, new, ("kind",), _kind(old, new), _kind(new, old))
    yield from _differences(path, old, new, ("encoding",), _encoding(old, new), _encoding(new, old))
    same_prefix = before == after == "bcd" and (len(old.length) + 1) // 2 == (len(new.length) + 1) // 2
    prefix = _OK if same_prefix and _counted(old) and _counted(new) else _BREAKING
    yield from _differences(path, old, new, ("length",), prefix, prefix)
    yield from _sizes(path, old, new)
    count = _BREAKING if _counted(old) and _counted(new) and not _same_digits(before, after) else _OK
    yield from _differences(path, old, new, ("length_encoding",), count, count)
    pad = _BREAKING if old.pad and new.pad else _OK
    yield from _differences(path, old, new, ("pad",), pad, pad)
    yield from _differences(path, old, new, ("justify", "fill"), _BREAKING, _BREAKING)
    yield from _tag_forms(path, old.tag, new.tag)
    yield from _parts(path, old, new, lengths)


# What each class of text may hold besides itself.
_INCLUDES = {"n": "", "z": "n", "an": "n", "ans": "n z an", "text": "n z an ans"}


def _kind(writer: FieldSpec, reader: FieldSpec) -> Verdict:
    if writer.kind not in _INCLUDES.get(reader.kind, "").split():
        return _BREAKING
    # Digits of a number are filled up with another nibble than those of a track.
    return _BREAKING if reader.encoding == "bcd" and reader.pad else _OK


def _encoding(writer: FieldSpec, reader: FieldSpec) -> Verdict:
    if _same_digits(writer.encoding, reader.encoding) and {writer.kind, reader.kind} <= {"n", "an", "z"}:
        return _OK
    return _OK if (writer.encoding, reader.encoding) == ("ascii", "utf8") else _BREAKING


def _sizes(path: str, old: FieldSpec, new: FieldSpec) -> Iterator[SpecChange]:
    fixed = old.length == new.length == "fixed"
    digits = _packed_digits(old)
    packed_same = (
        fixed and old.pad is new.pad is None and digits == _packed_digits(new) and digits is not None
    )
    whole = _OK if packed_same else _BREAKING
    size = (whole, whole) if fixed else _range(old.size, new.size)
    yield from _differences(path, old, new, ("size",), *size)
    yield from _differences(path, old, new, ("unit",), whole, whole)


def _packed_digits(field: FieldSpec) -> int | None:
    if field.encoding != "bcd":
        return None
    return field.size if field.unit == "digits" else field.size * 2


def _tag_forms(path: str, old: TagForm | None, new: TagForm | None) -> Iterator[SpecChange]:
    if old is None or new is None:
        if old is not new:
            yield SpecChange(path, "tag", _text(old), _text(new), _BREAKING, _BREAKING)
        return
    for axis in ("encoding", "size", "length_encoding", "length_digits"):
        same = axis == "length_encoding" and _same_digits(old.length_encoding, new.length_encoding)
        verdict = _OK if same else _BREAKING
        for change in _differences(path, old, new, (axis,), verdict, verdict):
            yield SpecChange(path, f"tag.{axis}", change.before, change.after, verdict, verdict)


def _parts(
    path: str, old: FieldSpec, new: FieldSpec, lengths: tuple[LengthEncoding, LengthEncoding]
) -> Iterator[SpecChange]:
    place = f"{path}.parts"
    for change in _comings_and_goings(place, old.parts, new.parts, _OK if new.kind == "tags" else _UNUSED):
        moved = new.kind == "positional" and not _only_longer(old, new)
        yield (
            SpecChange(change.path, change.axis, change.before, change.after, _BREAKING, _BREAKING)
            if moved
            else change
        )
    for key in sorted(old.parts.keys() & new.parts.keys()):
        yield from _fields(f"{place}.{key}", old.parts[key], new.parts[key], lengths)


def _only_longer(old: FieldSpec, new: FieldSpec) -> bool:
    """Whether parts come or go only at the end of a field that may end before them."""
    numbers = sorted({int(key) for key in old.parts} & {int(key) for key in new.parts})
    ends = {int(key) for key in old.parts} ^ {int(key) for key in new.parts}
    return "fixed" not in (old.length, new.length) and bool(numbers) and min(ends) > numbers[-1]


def _all_tags(old: Mapping[str, TagSpec], new: Mapping[str, TagSpec]) -> Iterator[SpecChange]:
    yield from _comings_and_goings("tags", old, new, _OK)
    for tag in sorted(old.keys() & new.keys()):
        before, after, path = old[tag], new[tag], f"tags.{tag}"
        yield from _differences(path, before, after, ("name", "title", "mask"))
        yield from _differences(path, before, after, ("kind",), _BREAKING, _BREAKING)
        fixed = "n" in (before.kind, after.kind)
        size = (_BREAKING, _BREAKING) if fixed else _range(before.size, after.size)
        yield from _differences(path, before, after, ("size",), *size)


def _all_messages(old: SpecDocument, new: SpecDocument) -> Iterator[SpecChange]:
    yield from _comings_and_goings("messages", old.messages, new.messages)
    for mti in sorted(old.messages.keys() & new.messages.keys()):
        before, after, path = old.messages[mti], new.messages[mti], f"messages.{mti}"
        yield from _differences(path, before, after, ("title",))
        for number in sorted({*before.listed, *after.listed}):
            roles = _role(before, number), _role(after, number)
            if roles[0] != roles[1]:
                forth, back = _presence(before, after, number), _presence(after, before, number)
                yield SpecChange(f"{path}.{number}", "presence", *roles, forth, back)
            yield from _conditions(
                f"{path}.{number}", before.conditional.get(number), after.conditional.get(number)
            )
        if set(before.one_of) != set(after.one_of):
            forth, back = _groups(before, after), _groups(after, before)
            yield SpecChange(path, "one_of", _text(before.one_of), _text(after.one_of), forth, back)
        # One that matches a response to its request by a field misses it when it is no longer copied.
        lost, gained = set(before.echo) - set(after.echo), set(after.echo) - set(before.echo)
        yield from _differences(
            path, before, after, ("echo",), _UNUSED if gained else _OK, _UNUSED if lost else _OK
        )


def _conditions(path: str, old: Title | None, new: Title | None) -> Iterator[SpecChange]:
    if old is not None and new is not None and old != new:
        yield SpecChange(path, "condition", _text(old), _text(new), _OK, _OK)


def _role(message: MessageTypeSpec, number: int) -> str:
    if number in message.mandatory:
        return "mandatory"
    if any(number in group for group in message.one_of):
        return "one of a group"
    if number in message.conditional:
        return "conditional"
    return "optional" if number in message.optional else _ABSENT


def _presence(writer: MessageTypeSpec, reader: MessageTypeSpec, number: int) -> Verdict:
    has, wants = _role(writer, number), _role(reader, number)
    if wants == "mandatory":
        return _BREAKING
    if wants == "one of a group":
        return max(
            (_group(writer, group) for group in reader.one_of if number in group),
            key=lambda verdict: _RANK[verdict],
        )
    if wants == _ABSENT:
        return _UNUSED if has in ("conditional", "optional") else _BREAKING
    return _OK


def _groups(writer: MessageTypeSpec, reader: MessageTypeSpec) -> Verdict:
    verdicts = (_group(writer, group) for group in reader.one_of if group not in writer.one_of)
    return max(verdicts, key=lambda verdict: _RANK[verdict], default=_OK)


def _group(writer: MessageTypeSpec, group: tuple[int, ...]) -> Verdict:
    """Whether a writer always sends exactly one of a group."""
    possible = set(group).intersection(writer.listed)
    sure = possible.intersection(writer.mandatory)
    if len(possible) == 1 and sure:
        return _OK
    return _OK if not sure and any(possible == set(own) for own in writer.one_of) else _BREAKING


def _all_codes(
    old: Mapping[str, ResponseCodeSpec], new: Mapping[str, ResponseCodeSpec]
) -> Iterator[SpecChange]:
    yield from _comings_and_goings("response_codes", old, new)
    for code in sorted(old.keys() & new.keys()):
        yield from _differences(f"response_codes.{code}", old[code], new[code], ("name", "title"))
