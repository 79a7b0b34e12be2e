"""A payload read for people: every element with its bytes, and all faults instead of the first.

The codecs decide what is right; this reader only keeps going behind a fault where the sizes still tell where
the next element starts.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from protocol.codec.composite import composite_content
from protocol.codec.content import Content
from protocol.codec.fast import check_size, field_numbers
from protocol.codec.field import FieldCodec, field_codec
from protocol.codec.prefix import prefix_reader
from protocol.codec.table import codec_table
from protocol.codec.tlv import MAXIMUM_DEPTH, tlv_content
from protocol.faults import FaultCode, ProtocolFault
from protocol.message import Message, Value
from protocol.spec import FieldSpec, SpecDocument
from protocol.spec.schema import LENGTH_DIGITS, Mask, Title

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Element:
    """A field, a part or a tag, where it stands and what it holds.

    `start` is its first byte (of its length prefix or tag), `content` the first byte of its value, `end` the
    byte behind it. `kind` is the spec's, or UNKNOWN for a tag that the spec does not name. `mask` is its own
    or that of what it is part of. `encoding` and `fixed_size` are None where a tag has none. `value` is None
    where it cannot be read.
    """

    path: str
    key: str
    kind: str
    name: str | None
    title: Title | None
    mask: Mask | None
    encoding: str | None
    fixed_size: int | None
    start: int
    content: int
    end: int
    value: Value | None
    parts: tuple["Element", ...] = ()

    @property
    def is_composite(self) -> bool:
        """Whether its value is a mapping."""
        return self.kind in ("tlv", "tags", "positional", "bitmapped")

    def leaves(self) -> list["Element"]:
        """What it holds at the bottom, in order; itself where it has no parts."""
        return [leaf for part in self.parts for leaf in part.leaves()] if self.parts else [self]


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be read of a payload.

    `mti` is None where not even that could be read. `fields_start` is the byte behind the bitmap, `read_end`
    the byte behind the last element. `announced` are the fields that the bitmap names. `faults` is in the
    order of finding; the first is the one that `decode` raises.
    """

    spec: SpecDocument
    payload: bytes
    mti: str | None
    fields_start: int
    read_end: int
    announced: tuple[int, ...]
    elements: tuple[Element, ...]
    faults: tuple[ProtocolFault, ...]

    def message(self) -> Message:
        """The message as values, as far as it could be read; raises the first fault where it has no type."""
        if self.mti is None:
            raise self.faults[0]
        values = {int(element.key): element.value for element in self.elements}
        return Message(self.mti, {number: value for number, value in values.items() if value is not None})


def read(spec: SpecDocument, payload: bytes) -> Reading:
    """Read a payload (a frame without its length); never raises ProtocolFault."""
    reader = _Reader(spec, payload)
    reader.run()
    return Reading(
        spec,
        payload,
        reader.mti,
        reader.fields_start,
        reader.read_end,
        tuple(reader.announced),
        tuple(reader.elements),
        tuple(reader.faults),
    )


class _Reader:
    def __init__(self, spec: SpecDocument, payload: bytes) -> None:
        self.spec = spec
        self.payload = payload
        self.mti: str | None = None
        self.fields_start = 0
        self.read_end = 0
        self.announced: list[int] = []
        self.elements: list[Element] = []
        self.faults: list[ProtocolFault] = []

    def run(self) -> None:
        table = codec_table(self.spec)
        try:
            check_size(table, self.payload)
            self.mti = table.read_mti(self.payload)
            bits, width, offset = table.read_bitmap(self.payload)
        except ProtocolFault as fault:
            self._note(fault)
            return
        self.fields_start = self.read_end = offset
        self.announced = field_numbers(bits, width)
        for number in self.announced:
            field, codec = self.spec.fields.get(number), table.fields[number]
            if field is None or codec is None:
                self._note(ProtocolFault(FaultCode.UNKNOWN_FIELD, str(number), offset=offset))
                return
            element = self._field(field, codec, str(number), str(number), offset, len(self.payload), None)
            if element is None:
                return
            self.elements.append(element)
            self.read_end = offset = element.end
        if offset != len(self.payload):
            size = len(self.payload)
            self._note(ProtocolFault(FaultCode.TRAILING_BYTES, offset=offset, expected=offset, actual=size))

    def _note(self, fault: ProtocolFault) -> None:
        # What stops a composite is found again when its parts are read one by one.
        where = (fault.code, fault.path, fault.offset)
        if all((known.code, known.path, known.offset) != where for known in self.faults):
            self.faults.append(fault)

    def _field(  # noqa: PLR0917  (what the recursion carries)
        self,
        field: FieldSpec,
        codec: FieldCodec,
        path: str,
        key: str,
        offset: int,
        limit: int,
        inherited: Mask | None,
    ) -> Element | None:
        """A field or part that starts at `offset`; None where nothing can be read from here on."""
        source = self.payload[:limit]
        value: Value | None = None
        try:
            value, end = codec.read(source, offset)
        except ProtocolFault as fault:
            self._note(fault)
            found = _end(field, codec, path, source, offset)
            if found is None:
                return None
            end = found
        content = offset + codec.prefix_bytes
        mask = inherited or field.mask
        return Element(
            path=path,
            key=key,
            kind=field.kind,
            name=field.name,
            title=field.title,
            mask=mask,
            encoding=field.encoding,
            fixed_size=field.size if field.length == "fixed" else None,
            start=offset,
            content=content,
            end=end,
            value=value,
            parts=self._parts(field, content, end, path, mask),
        )

    def _parts(
        self, field: FieldSpec, start: int, end: int, path: str, mask: Mask | None
    ) -> tuple[Element, ...]:
        if field.kind == "tlv":
            return self._tlv(start, end, path, mask, 1)
        if field.kind == "tags":
            return self._tagged(field, start, end, path, mask)
        if field.kind == "positional":
            return self._run_of_parts(field, sorted(field.parts, key=int), start, end, path, mask)
        if field.kind == "bitmapped":
            bits = int.from_bytes(self.payload[start : start + 8], "big")
            present = [key for key in sorted(field.parts, key=int) if bits >> (64 - int(key)) & 1]
            return self._run_of_parts(field, present, start + 8, end, path, mask)
        return ()

    def _run_of_parts(  # noqa: PLR0917
        self, field: FieldSpec, keys: list[str], start: int, end: int, path: str, mask: Mask | None
    ) -> tuple[Element, ...]:
        found = []
        for key in keys:
            if start >= end:
                break
            inner = f"{path}.{key}"
            part = field.parts[key]
            element = self._field(part, field_codec(self.spec, part, inner), inner, key, start, end, mask)
            if element is None:
                break
            found.append(element)
            start = element.end
        return tuple(found)

    def _tlv(
        self, start: int, end: int, path: str, inherited: Mask | None, depth: int
    ) -> tuple[Element, ...]:
        if depth > MAXIMUM_DEPTH:
            return ()
        found = []
        plain = tlv_content({}, path)
        for tag, position, content, behind in self._places(plain, start, end):
            spec = self.spec.tags.get(tag)
            mask = inherited or (spec.mask if spec else None)
            value = self._value_of(tlv_content(self.spec.tags, path), tag, position, behind)
            constructed = spec is not None and spec.kind == "tlv"
            inner = f"{path}.{tag}"
            found.append(
                Element(
                    path=inner,
                    key=tag,
                    kind=spec.kind if spec else UNKNOWN,
                    name=spec.name if spec else None,
                    title=spec.title if spec else None,
                    mask=mask,
                    encoding=None,
                    fixed_size=spec.size if spec and spec.kind == "n" else None,
                    start=position,
                    content=content,
                    end=behind,
                    value=value,
                    parts=self._tlv(content, behind, inner, mask, depth + 1) if constructed else (),
                )
            )
        return tuple(found)

    def _tagged(
        self, field: FieldSpec, start: int, end: int, path: str, inherited: Mask | None
    ) -> tuple[Element, ...]:
        codecs = {key: field_codec(self.spec, part, f"{path}.{key}") for key, part in field.parts.items()}
        known = composite_content(
            self.spec, field, path, {key: (codec.read, codec.write) for key, codec in codecs.items()}
        )
        found = []
        for key, position, content, behind in self._places(
            composite_content(self.spec, field, path, {}), start, end
        ):
            part = field.parts.get(key)
            mask = inherited or (part.mask if part else None)
            inner = f"{path}.{key}"
            inside = content + (codecs[key].prefix_bytes if part else 0)
            found.append(
                Element(
                    path=inner,
                    key=key,
                    kind=part.kind if part else UNKNOWN,
                    name=part.name if part else None,
                    title=part.title if part else None,
                    mask=mask,
                    encoding=part.encoding if part else None,
                    fixed_size=part.size if part and part.length == "fixed" else None,
                    start=position,
                    content=inside,
                    end=behind,
                    value=self._value_of(known, key, position, behind),
                    parts=self._parts(part, inside, behind, inner, mask) if part else (),
                )
            )
        return tuple(found)

    def _places(self, plain: Content, start: int, end: int) -> list[tuple[str, int, int, int]]:
        """(tag, start, content, end) of each element, by a codec that knows no tag and so leaves bytes."""
        raw = self.payload[start:end]
        try:
            elements = plain.parse(raw, len(raw), start)
        except ProtocolFault as fault:
            self._note(fault)
            return []
        places = []
        position = start
        for tag, content in _mapping(elements).items():
            if not isinstance(content, bytes):
                raise TypeError(f"tag {tag} is not bytes")
            behind = position + plain.build({tag: content})[1]
            places.append((tag, position, behind - len(content), behind))
            position = behind
        return places

    def _value_of(self, known: Content, tag: str, start: int, end: int) -> Value | None:
        raw = self.payload[start:end]
        try:
            return _mapping(known.parse(raw, len(raw), start))[tag]
        except ProtocolFault as fault:
            self._note(fault)
            return None


def _end(field: FieldSpec, codec: FieldCodec, path: str, source: bytes, offset: int) -> int | None:
    """The byte behind a field whose content is wrong; None where its size is wrong too."""
    if not codec.prefix_bytes:
        size = codec.fixed_bytes
    else:
        reader = prefix_reader(codec.prefix_encoding, LENGTH_DIGITS[field.length], path)
        try:
            count = reader(source, offset)
        except ProtocolFault:
            return None
        if count > codec.maximum:
            return None
        size = (count + 1) // 2 if codec.counts_digits else count
    end = offset + codec.prefix_bytes + size
    return end if end <= len(source) else None


def _mapping(value: Value) -> Mapping[str, Value]:
    if isinstance(value, str | bytes):
        raise TypeError("not a composite")
    return value
