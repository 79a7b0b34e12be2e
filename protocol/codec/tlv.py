"""BER-TLV (ISO/IEC 8825-1, definite lengths) of composite fields.

Tags that the spec knows become text, or mappings where they are constructed; any other tag stays bytes and is
written back as it came.
"""

from collections.abc import Callable, Mapping

from protocol.codec.content import Content
from protocol.faults import FaultCode, ProtocolFault
from protocol.message import Value
from protocol.spec import TagSpec

MAXIMUM_TAGS = 64
MAXIMUM_TAG_BYTES = 3
MAXIMUM_DEPTH = 4


Writer = Callable[[Value], bytes]


def tlv_content(tags: Mapping[str, TagSpec], path: str) -> Content:
    """Content codec of a composite field whose elements are BER-TLV."""
    writers = {tag: _writer(tag, spec, f"{path}.{tag}") for tag, spec in tags.items() if spec.kind != "tlv"}

    def parse(raw: bytes, count: int, offset: int) -> Value:
        return _parse(raw, 0, len(raw), path, tags, offset, 1)

    def build(value: Value) -> tuple[bytes, int]:
        if isinstance(value, str | bytes):
            raise ProtocolFault(FaultCode.WRONG_VALUE_TYPE, path, side="local")
        if len(value) <= MAXIMUM_TAGS and value.keys() <= writers.keys():
            raw = b"".join([writers[tag](content) for tag, content in value.items()])
        else:
            raw = _build(value, path, tags, 1)
        return raw, len(raw)

    return Content(parse, build)


def _writer(tag: str, spec: TagSpec, path: str) -> Writer:
    """Writer of a whole element of a known tag."""
    tag_bytes = _tag_bytes(tag, path)
    if spec.kind == "n":
        size, head = spec.size, tag_bytes + _length_bytes(spec.size // 2, path)

        def write_number(value: Value) -> bytes:
            if isinstance(value, str) and len(value) == size and value.isascii() and value.isdecimal():
                return head + bytes.fromhex(value)
            return head + _to_bytes(value, spec, path)  # raises

        return write_number

    def write(value: Value) -> bytes:
        raw = _to_bytes(value, spec, path)
        return tag_bytes + _length_bytes(len(raw), path) + raw

    return write


def _parse(  # noqa: PLR0917  (what the recursion carries)
    raw: bytes, start: int, end: int, path: str, tags: Mapping[str, TagSpec], base: int, depth: int
) -> dict[str, Value]:
    found: dict[str, Value] = {}
    position = start
    while position < end:
        tag, content, next_position = _element(raw, position, end, path, base)
        inner = f"{path}.{tag}"
        if tag in found:
            raise ProtocolFault(FaultCode.DUPLICATE_TAG, inner, offset=base + position)
        if len(found) == MAXIMUM_TAGS:
            raise ProtocolFault(FaultCode.TOO_MANY_TAGS, path, offset=base + position)
        spec = tags.get(tag)
        if spec is None:
            found[tag] = raw[content:next_position]
        elif spec.kind == "tlv":
            if depth == MAXIMUM_DEPTH:
                raise ProtocolFault(FaultCode.NESTED_TOO_DEEP, inner, offset=base + position)
            _check_size(next_position - content, spec, inner, base + content)
            found[tag] = _parse(raw, content, next_position, inner, tags, base, depth + 1)
        else:
            found[tag] = _from_bytes(raw[content:next_position], spec, inner, base + content)
        position = next_position
    return found


def _element(raw: bytes, position: int, end: int, path: str, base: int) -> tuple[str, int, int]:
    """One element: its tag, where its content starts and ends."""
    tag_end = position + 1
    if raw[position] & 0x1F == 0x1F:
        while True:
            if tag_end >= end:
                raise ProtocolFault(FaultCode.TRUNCATED, path, offset=base + position)
            if tag_end - position >= MAXIMUM_TAG_BYTES:
                raise ProtocolFault(FaultCode.BAD_TAG, path, offset=base + position)
            tag_end += 1
            if raw[tag_end - 1] < 0x80:
                break
        # X.690 8.1.2.4.2: a tag number has no leading zeros.
        if raw[position + 1] == 0x80:
            raise ProtocolFault(FaultCode.BAD_TAG, path, offset=base + position)
    tag = raw[position:tag_end].hex().upper()
    if tag_end >= end:
        raise ProtocolFault(FaultCode.TRUNCATED, f"{path}.{tag}", offset=base + tag_end)
    length = raw[tag_end]
    content = tag_end + 1
    if length >= 0x80:
        width = length & 0x7F
        if width not in (1, 2) or content + width > end:
            raise ProtocolFault(FaultCode.BAD_LENGTH, f"{path}.{tag}", offset=base + tag_end)
        length = int.from_bytes(raw[content : content + width], "big")
        content += width
        if length < 0x80 or (width == 2 and length < 0x100):
            raise ProtocolFault(FaultCode.NON_MINIMAL_LENGTH, f"{path}.{tag}", offset=base + tag_end)
    if content + length > end:
        raise ProtocolFault(
            FaultCode.TRUNCATED, f"{path}.{tag}", offset=base + content, expected=length, actual=end - content
        )
    return tag, content, content + length


def _check_size(size: int, spec: TagSpec, path: str, offset: int | None) -> None:
    if size > spec.size:
        raise ProtocolFault(
            FaultCode.LENGTH_OVER_MAXIMUM,
            path,
            offset=offset,
            expected=spec.size,
            actual=size,
            side="local" if offset is None else "peer",
        )


def _from_bytes(raw: bytes, spec: TagSpec, path: str, offset: int) -> str | bytes:
    if spec.kind == "n":
        if len(raw) * 2 != spec.size:
            raise ProtocolFault(
                FaultCode.BAD_LENGTH, path, offset=offset, expected=spec.size, actual=len(raw) * 2
            )
        digits = raw.hex()
        if not digits.isdecimal():
            raise ProtocolFault(FaultCode.BAD_NIBBLE, path, offset=offset)
        return digits
    _check_size(len(raw), spec, path, offset)
    if spec.kind == "b":
        return raw
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise ProtocolFault(FaultCode.BAD_CHARACTER, path, offset=offset) from None


def _build(value: Value, path: str, tags: Mapping[str, TagSpec], depth: int) -> bytes:
    if isinstance(value, str | bytes):
        raise ProtocolFault(FaultCode.WRONG_VALUE_TYPE, path, side="local")
    if len(value) > MAXIMUM_TAGS:
        raise ProtocolFault(
            FaultCode.TOO_MANY_TAGS, path, expected=MAXIMUM_TAGS, actual=len(value), side="local"
        )
    if depth > MAXIMUM_DEPTH:
        raise ProtocolFault(FaultCode.NESTED_TOO_DEEP, path, side="local")
    body = bytearray()
    for tag, content in value.items():
        inner = f"{path}.{tag}"
        spec = tags.get(tag)
        if spec is not None and spec.kind == "tlv":
            raw = _build(content, inner, tags, depth + 1)
            _check_size(len(raw), spec, inner, None)
        else:
            raw = _to_bytes(content, spec, inner)
        body += _tag_bytes(tag, inner)
        body += _length_bytes(len(raw), inner)
        body += raw
    return bytes(body)


def _to_bytes(content: Value, spec: TagSpec | None, path: str) -> bytes:
    if spec is None or spec.kind == "b":
        if not isinstance(content, bytes):
            raise ProtocolFault(FaultCode.WRONG_VALUE_TYPE, path, side="local")
        if spec is not None:
            _check_size(len(content), spec, path, None)
        return content
    if not isinstance(content, str):
        raise ProtocolFault(FaultCode.WRONG_VALUE_TYPE, path, side="local")
    if spec.kind == "n":
        if not (content.isascii() and content.isdecimal()):
            raise ProtocolFault(FaultCode.BAD_CHARACTER, path, side="local")
        if len(content) != spec.size:
            raise ProtocolFault(
                FaultCode.BAD_LENGTH, path, expected=spec.size, actual=len(content), side="local"
            )
        return bytes.fromhex(content)
    try:
        raw = content.encode("utf-8")
    except UnicodeEncodeError:
        raise ProtocolFault(FaultCode.BAD_CHARACTER, path, side="local") from None
    _check_size(len(raw), spec, path, None)
    return raw


def _tag_bytes(tag: str, path: str) -> bytes:
    try:
        raw = bytes.fromhex(tag)
        whole = _element(raw + b"\x00", 0, len(raw) + 1, path, 0)[0]
    except (ValueError, IndexError, ProtocolFault):
        raw, whole = b"", ""
    if whole != tag:
        # What is no tag may be anything, also a value: the path ends before it.
        raise ProtocolFault(FaultCode.BAD_TAG, path.rpartition(".")[0], side="local")
    return raw


def _length_bytes(length: int, path: str) -> bytes:
    if length < 0x80:
        return bytes((length,))
    if length > 0xFFFF:
        raise ProtocolFault(FaultCode.LENGTH_OVER_MAXIMUM, path, expected=0xFFFF, actual=length, side="local")
    width = 1 if length < 0x100 else 2
    return bytes((0x80 | width,)) + length.to_bytes(width, "big")
