"""The switch's codec: a spec compiled once into a flat table of readers and writers."""

from functools import cache

from protocol.codec.scalar import Reader, Writer, reader_of, writer_of
from protocol.codec.tlv import tlv_reader_of, tlv_writer_of
from protocol.faults import FaultCode, ProtocolFault
from protocol.message import Message, Value
from protocol.security.mac import MAC_BYTES, Mac
from protocol.spec import SpecDocument

_MTI_BYTES = 2
_BITMAP_BYTES = 8
_FIRST_SECONDARY_FIELD = 65


class _Table:
    """Readers and writers by field number; None where the spec has no field."""

    def __init__(self, spec: SpecDocument) -> None:
        self.payload_maximum_bytes = spec.frame_maximum_bytes
        self.readers: list[Reader | None] = [None] * 129
        self.writers: list[Writer | None] = [None] * 129
        for number, field in spec.fields.items():
            if field.kind == "tlv":
                self.readers[number] = tlv_reader_of(number, field, spec.tags)
                self.writers[number] = tlv_writer_of(number, field, spec.tags)
            else:
                self.readers[number] = reader_of(number, field)
                self.writers[number] = writer_of(number, field)


_table = cache(_Table)


def decode(spec: SpecDocument, payload: bytes) -> Message:
    """Read a payload (a frame without its length). Anything but the one right form is a ProtocolFault."""
    table = _table(spec)
    if len(payload) > table.payload_maximum_bytes:
        raise ProtocolFault(
            FaultCode.OVERSIZE_FRAME, expected=table.payload_maximum_bytes, actual=len(payload)
        )
    mti = payload[:_MTI_BYTES].hex()
    if len(mti) != _MTI_BYTES * 2 or not mti.isdecimal():
        raise ProtocolFault(FaultCode.BAD_MESSAGE_TYPE, "mti", offset=0)
    bits, bitmap_bytes = _read_bitmap(payload)
    offset = _MTI_BYTES + bitmap_bytes
    width = bitmap_bytes * 8
    fields: dict[int, Value] = {}
    readers = table.readers
    while bits:
        number = width + 1 - bits.bit_length()
        bits &= (1 << (width - number)) - 1
        reader = readers[number]
        if reader is None:
            raise ProtocolFault(FaultCode.UNKNOWN_FIELD, str(number), offset=offset)
        fields[number], offset = reader(payload, offset)
    if offset != len(payload):
        raise ProtocolFault(FaultCode.TRAILING_BYTES, offset=offset, expected=offset, actual=len(payload))
    return Message(mti, fields)


def encode(spec: SpecDocument, message: Message) -> bytes:
    """Write a message as a payload. A value that does not fit is a ProtocolFault of the local side."""
    table = _table(spec)
    mti = message.mti
    if len(mti) != _MTI_BYTES * 2 or not (mti.isascii() and mti.isdecimal()):
        raise ProtocolFault(FaultCode.BAD_MESSAGE_TYPE, "mti", side="local")
    numbers = sorted(message.fields)
    secondary = bool(numbers) and numbers[-1] >= _FIRST_SECONDARY_FIELD
    width = 128 if secondary else 64
    bits = 1 << (width - 1) if secondary else 0
    body = bytearray()
    for number in numbers:
        writer = table.writers[number] if 0 < number < len(table.writers) else None
        if writer is None:
            raise ProtocolFault(FaultCode.UNKNOWN_FIELD, str(number), side="local")
        bits |= 1 << (width - number)
        writer(body, message.fields[number])
    payload = bytes.fromhex(mti) + bits.to_bytes(width // 8, "big") + body
    if len(payload) > table.payload_maximum_bytes:
        raise ProtocolFault(
            FaultCode.OVERSIZE_FRAME, expected=table.payload_maximum_bytes, actual=len(payload), side="local"
        )
    return payload


def encode_sealed(spec: SpecDocument, message: Message, mac: Mac) -> bytes:
    """Write a message with its MAC over all before it, in field 64, or 128 behind a secondary bitmap."""
    fields = {number: value for number, value in message.fields.items() if number not in (64, 128)}
    fields[mac_field(fields)] = bytes(MAC_BYTES)
    payload = encode(spec, Message(message.mti, fields))
    covered = payload[:-MAC_BYTES]
    return covered + mac.sign(covered)


def mac_field(fields: dict[int, Value]) -> int:
    """The field that holds the MAC of a message with these other fields."""
    return 128 if any(number >= _FIRST_SECONDARY_FIELD for number in fields) else 64


def _read_bitmap(payload: bytes) -> tuple[int, int]:
    """The bitmap without its own first bit, and its size in bytes."""
    size = _BITMAP_BYTES
    if len(payload) < _MTI_BYTES + size:
        raise ProtocolFault(FaultCode.TRUNCATED, "bitmap", offset=_MTI_BYTES, expected=size)
    if payload[_MTI_BYTES] & 0x80:
        size *= 2
        if len(payload) < _MTI_BYTES + size:
            raise ProtocolFault(FaultCode.TRUNCATED, "bitmap", offset=_MTI_BYTES, expected=size)
        if not any(payload[_MTI_BYTES + _BITMAP_BYTES : _MTI_BYTES + size]):
            raise ProtocolFault(FaultCode.BAD_BITMAP, "bitmap", offset=_MTI_BYTES)
    bits = int.from_bytes(payload[_MTI_BYTES : _MTI_BYTES + size], "big")
    return bits & ~(1 << (size * 8 - 1)), size
