"""BER-TLV (ISO/IEC 8825-1, definite lengths) of composite fields.

Tags that the spec knows become text; any other tag stays bytes and is written back as it came.
"""

from collections.abc import Mapping

from protocol.codec.scalar import Reader, Writer, length_writer_of, taker_of
from protocol.faults import FaultCode, ProtocolFault
from protocol.message import Value
from protocol.spec import FieldSpec, TagSpec

MAXIMUM_TAGS = 64
MAXIMUM_TAG_BYTES = 3


def tlv_reader_of(number: int, spec: FieldSpec, tags: Mapping[str, TagSpec]) -> Reader:
    """Reader of a composite field: a dict from tag to value, in the order of the bytes."""
    take = taker_of(number, spec)

    def read(payload: bytes, offset: int) -> tuple[Value, int]:
        _, start, end = take(payload, offset)
        return _parse(payload, start, end, str(number), tags), end

    return read


def tlv_writer_of(number: int, spec: FieldSpec, tags: Mapping[str, TagSpec]) -> Writer:
    """Writer of a composite field: takes a mapping from tag to value and keeps its order."""
    put_length = length_writer_of(number, spec)

    def write(out: bytearray, value: Value) -> None:
        if isinstance(value, str | bytes):
            raise ProtocolFault(FaultCode.WRONG_VALUE_TYPE, str(number), side="local")
        body = bytearray()
        if len(value) > MAXIMUM_TAGS:
            raise ProtocolFault(
                FaultCode.TOO_MANY_TAGS,
                str(number),
                expected=MAXIMUM_TAGS,
                actual=len(value),
                side="local",
            )
        for tag, content in value.items():
            path = f"{number}.{tag}"
            raw = _content_to_bytes(content, tags.get(tag), path)
            body += _tag_to_bytes(tag, path)
            body += _length_to_bytes(len(raw))
            body += raw
        put_length(out, len(body))
        out += body

    return write


def _parse(
    payload: bytes, start: int, end: int, path: str, tags: Mapping[str, TagSpec]
) -> dict[str, str | bytes]:
    found: dict[str, str | bytes] = {}
    position = start
    while position < end:
        tag, content_offset, next_position = _element(payload, position, end, path)
        if tag in found:
            raise ProtocolFault(FaultCode.DUPLICATE_TAG, f"{path}.{tag}", offset=position)
        if len(found) == MAXIMUM_TAGS:
            raise ProtocolFault(FaultCode.TOO_MANY_TAGS, path, offset=position)
        raw = payload[content_offset:next_position]
        spec = tags.get(tag)
        found[tag] = raw if spec is None else _content_from_bytes(raw, spec, f"{path}.{tag}", content_offset)
        position = next_position
    return found


def _element(payload: bytes, position: int, end: int, path: str) -> tuple[str, int, int]:
    """One element: its tag, where its content starts and ends."""
    tag_end = position + 1
    if payload[position] & 0x1F == 0x1F:
        while True:
            if tag_end >= end:
                raise ProtocolFault(FaultCode.TRUNCATED, path, offset=position)
            if tag_end - position >= MAXIMUM_TAG_BYTES:
                raise ProtocolFault(FaultCode.BAD_TAG, path, offset=position)
            tag_end += 1
            if payload[tag_end - 1] < 0x80:
                break
        # X.690 8.1.2.4.2: no leading zeros, and numbers below 31 belong in the first byte.
        if payload[position + 1] == 0x80:
            raise ProtocolFault(FaultCode.BAD_TAG, path, offset=position)
    tag = payload[position:tag_end].hex().upper()
    if tag_end >= end:
        raise ProtocolFault(FaultCode.TRUNCATED, f"{path}.{tag}", offset=tag_end)
    length = payload[tag_end]
    content = tag_end + 1
    if length >= 0x80:
        width = length & 0x7F
        if width not in (1, 2) or content + width > end:
            raise ProtocolFault(FaultCode.BAD_LENGTH, f"{path}.{tag}", offset=tag_end)
        length = int.from_bytes(payload[content : content + width], "big")
        content += width
        if length < 0x80 or (width == 2 and length < 0x100):
            raise ProtocolFault(FaultCode.NON_MINIMAL_LENGTH, f"{path}.{tag}", offset=tag_end)
    if content + length > end:
        raise ProtocolFault(
            FaultCode.TRUNCATED, f"{path}.{tag}", offset=content, expected=length, actual=end - content
        )
    return tag, content, content + length


def _content_from_bytes(raw: bytes, spec: TagSpec, path: str, offset: int) -> str | bytes:
    if spec.kind == "n":
        if len(raw) * 2 != spec.size:
            raise ProtocolFault(
                FaultCode.BAD_LENGTH, path, offset=offset, expected=spec.size, actual=len(raw) * 2
            )
        digits = raw.hex()
        if not digits.isdecimal():
            raise ProtocolFault(FaultCode.BAD_NIBBLE, path, offset=offset)
        return digits
    if len(raw) > spec.size:
        raise ProtocolFault(
            FaultCode.LENGTH_OVER_MAXIMUM, path, offset=offset, expected=spec.size, actual=len(raw)
        )
    if spec.kind == "b":
        return raw
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise ProtocolFault(FaultCode.BAD_CHARACTER, path, offset=offset) from None


def _content_to_bytes(content: str | bytes, spec: TagSpec | None, path: str) -> bytes:
    if spec is None or spec.kind == "b":
        if not isinstance(content, bytes):
            raise ProtocolFault(FaultCode.WRONG_VALUE_TYPE, path, side="local")
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
    if len(raw) > spec.size:
        raise ProtocolFault(
            FaultCode.LENGTH_OVER_MAXIMUM, path, expected=spec.size, actual=len(raw), side="local"
        )
    return raw


def _tag_to_bytes(tag: str, path: str) -> bytes:
    try:
        raw = bytes.fromhex(tag)
        whole = _element(raw + b"\x00", 0, len(raw) + 1, path)[0]
    except (ValueError, IndexError, ProtocolFault):
        whole = ""
    if whole != tag:
        raise ProtocolFault(FaultCode.BAD_TAG, path, side="local")
    return raw


def _length_to_bytes(length: int) -> bytes:
    if length < 0x80:
        return bytes((length,))
    width = 1 if length < 0x100 else 2
    return bytes((0x80 | width,)) + length.to_bytes(width, "big")
