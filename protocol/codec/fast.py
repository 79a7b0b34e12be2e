"""Whole messages to bytes and back, by the compiled table.

`decode` reads every field. Where only some are wanted, `protocol.codec.view` reads those.
"""

from protocol.codec.table import FIELDS, CodecTable, codec_table
from protocol.faults import FaultCode, ProtocolFault
from protocol.message import Message, Value
from protocol.security.mac import MAC_BYTES, Mac
from protocol.spec import SpecDocument

_FIRST_SECONDARY_FIELD = 65
_FIRST_TERTIARY_FIELD = 129


def decode(spec: SpecDocument, payload: bytes) -> Message:
    """Read a payload (a frame without its length). Anything but the one right form is a ProtocolFault,
    whose `partial` holds what had been read by then."""
    table = codec_table(spec)
    check_size(table, payload)
    message = Message(table.read_mti(payload))
    try:
        _read_fields(table, payload, message.fields)
    except ProtocolFault as fault:
        fault.partial = message
        raise
    return message


def encode(spec: SpecDocument, message: Message) -> bytes:
    """Write a message as a payload. A value that does not fit is a ProtocolFault of the local side."""
    table = codec_table(spec)
    numbers = sorted(message.fields)
    codecs = table.fields
    pieces = []
    for number in numbers:
        codec = codecs[number] if 0 < number < FIELDS else None
        if codec is None:
            raise table.unknown_field(number)
        pieces.append(codec.write(message.fields[number]))
    payload = b"".join((table.write_mti(message.mti), table.write_bitmap(numbers), *pieces))
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


def check_size(table: CodecTable, payload: bytes) -> None:
    """Refuse a payload that is too long for its spec before anything of it is read."""
    if len(payload) > table.payload_maximum_bytes:
        raise ProtocolFault(
            FaultCode.OVERSIZE_FRAME, expected=table.payload_maximum_bytes, actual=len(payload)
        )


def _read_fields(table: CodecTable, payload: bytes, fields: dict[int, Value]) -> None:
    bits, width, offset = table.read_bitmap(payload)
    codecs = table.fields
    for number in field_numbers(bits, width):
        codec = codecs[number]
        if codec is None:
            raise ProtocolFault(FaultCode.UNKNOWN_FIELD, str(number), offset=offset)
        fields[number], offset = codec.read(payload, offset)
    if offset != len(payload):
        raise ProtocolFault(FaultCode.TRAILING_BYTES, offset=offset, expected=offset, actual=len(payload))


def field_numbers(bits: int, width: int) -> list[int]:
    """Fields of a bitmap in order, without the bits that announce its further words."""
    numbers = []
    while bits:
        number = width + 1 - bits.bit_length()
        bits &= (1 << (width - number)) - 1
        if number > 1 and (number != _FIRST_SECONDARY_FIELD or width < _FIRST_TERTIARY_FIELD):
            numbers.append(number)
    return numbers
