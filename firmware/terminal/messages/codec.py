"""Packs and parses messages by the generated spec table, in the caller's buffer.

Text fields are `str`, binary and TLV fields are `bytes`; `tlv` reads inside the latter.
"""

from binascii import hexlify, unhexlify

from terminal.constant import const
from terminal.messages.spec_table import BCD, BYTES, JUSTIFIED, ROWS, TRACK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAC_BYTES = 8
_ROW_BYTES = const(4)
_BITMAP = const(2)
_SEPARATOR = const(0x3D)
# Digits up to this many are a small integer when they are read as hexadecimal: packing them takes no heap.
_SMALL_DIGITS = const(7)


class MessageFault(Exception):  # noqa: N818  (a fault is the field's word)
    """A message does not fit the spec; says which field, never its value."""


def pack(
    buffer: bytearray,
    mti: str,
    fields: "Mapping[int, str | bytes]",
    mac: "Callable[[bytearray, int], bytes]",
) -> int:
    """Write a message into `buffer` from its start, with the MAC in its last field.

    `fields` maps numbers to values, without the MAC; `mac(buffer, length)` returns the 8 bytes that
    authenticate the first `length` bytes of the buffer. Returns the payload's length.
    """
    secondary = bool(fields) and max(fields) > 64
    offset = _BITMAP + (16 if secondary else 8)
    if not _write_digits(buffer, 0, _BITMAP, mti.encode()):
        raise MessageFault(0)
    for index in range(_BITMAP, offset):
        buffer[index] = 0
    if secondary:
        buffer[_BITMAP] = 0x80
    left = len(fields)
    for row in range(0, len(ROWS), _ROW_BYTES):
        number = ROWS[row]
        if number in fields:
            left -= 1
            bit = number - 1
            buffer[_BITMAP + (bit >> 3)] |= 0x80 >> (bit & 7)
            offset = _write(buffer, offset, row, fields[number])
    if left:
        raise MessageFault(0)
    mac_number = 128 if secondary else 64
    buffer[_BITMAP + (mac_number >> 3) - 1] |= 0x01
    if offset + MAC_BYTES > len(buffer):
        raise MessageFault(mac_number)
    buffer[offset : offset + MAC_BYTES] = mac(buffer, offset)
    return offset + MAC_BYTES


def unpack(payload: "bytes | bytearray | memoryview") -> "tuple[str, dict[int, str | bytes]]":
    """Read a payload: (message type, fields by number, the MAC among them).

    Refuses what the spec does not know. The MAC is not checked here.
    """
    size = len(payload)
    if size < 10:
        raise MessageFault(0)
    payload = bytes(payload)
    mti = hexlify(payload[0:2]).decode()
    if not mti.isdigit():
        raise MessageFault(0)
    bits = 128 if payload[_BITMAP] & 0x80 else 64
    offset = _BITMAP + bits // 8
    if size < offset or (bits == 128 and not any(payload[10:18])):
        raise MessageFault(1)
    for index in range(bits // 8):
        unknown = payload[_BITMAP + index] & ~_KNOWN[index]
        if unknown:
            raise MessageFault(_first_number(index, unknown))
    fields: "dict[int, str | bytes]" = {}
    for row in range(0, len(ROWS), _ROW_BYTES):
        number = ROWS[row]
        if number > bits:
            break
        if payload[_BITMAP + (number - 1 >> 3)] & 0x80 >> (number - 1 & 7):
            fields[number], offset = _read(payload, offset, row)
    if offset != size:
        raise MessageFault(0)
    return mti, fields


def _known() -> bytearray:
    bitmap = bytearray(16)
    # The first bit says that the secondary bitmap follows.
    bitmap[0] = 0x80
    for row in range(0, len(ROWS), _ROW_BYTES):
        bitmap[ROWS[row] - 1 >> 3] |= 0x80 >> (ROWS[row] - 1 & 7)
    return bitmap


_KNOWN = _known()


def _first_number(index: int, bits: int) -> int:
    number = index * 8 + 1
    while not bits & 0x80:
        bits <<= 1
        number += 1
    return number


def _write(buffer: bytearray, offset: int, row: int, value: "str | bytes") -> int:
    form = ROWS[row + 1]
    prefix = ROWS[row + 2]
    size = ROWS[row + 3]
    if form > 0x0F:
        size |= (form & 0xF0) << 4
        form &= 0x0F
    if isinstance(value, str):
        if form == BYTES:
            raise MessageFault(ROWS[row])
        content = value.encode()
    elif form == BYTES:
        content = value
    else:
        raise MessageFault(ROWS[row])
    count = len(content)
    width = size if form == JUSTIFIED else count
    start = offset + prefix
    end = start + (width if form > TRACK else (width + 1) // 2)
    if count > size or (width != size and not prefix) or end > len(buffer):
        raise MessageFault(ROWS[row])
    if prefix:
        buffer[start - 1] = width // 10 % 10 << 4 | width % 10
        if prefix > 1:
            buffer[offset] = width // 100
    if form > TRACK:
        if form != BYTES and not _printable(content):
            raise MessageFault(ROWS[row])
        buffer[start : start + count] = content
        for index in range(start + count, end):
            buffer[index] = 0x20
    elif not (_write_digits if form == BCD else _write_track)(buffer, start, end, content):
        raise MessageFault(ROWS[row])
    return end


def _write_digits(buffer: bytearray, start: int, end: int, digits: bytes) -> bool:
    # A leading 0 makes an odd count whole.
    if not digits.isdigit():
        return not digits
    count = len(digits)
    if count <= _SMALL_DIGITS:
        number = int(digits, 16)
        while end > start:
            end -= 1
            buffer[end] = number & 0xFF
            number >>= 8
    else:
        buffer[start:end] = unhexlify(b"0" + digits if count & 1 else digits)
    return True


def _write_track(buffer: bytearray, start: int, end: int, track: bytes) -> bool:
    for character in track:
        if not (0x30 <= character <= 0x39 or character == _SEPARATOR):
            return False
    # The separator packs as D, and a trailing F makes an odd count whole.
    digits = track.replace(b"=", b"d")
    buffer[start:end] = unhexlify(digits + b"f" if len(digits) & 1 else digits)
    return True


def _printable(text: bytes) -> bool:
    return not text or text.isdigit() or (min(text) >= 0x20 and max(text) <= 0x7E)


def _read(payload: bytes, offset: int, row: int) -> "tuple[str | bytes, int]":
    number = ROWS[row]
    form = ROWS[row + 1]
    prefix = ROWS[row + 2]
    size = ROWS[row + 3] | (form & 0xF0) << 4
    form &= 0x0F
    count = size
    if prefix:
        count = _read_length(payload, offset, prefix)
        offset += prefix
    end = offset + ((count + 1) // 2 if form <= TRACK else count)
    if not 0 <= count <= size or end > len(payload):
        raise MessageFault(number)
    content = payload[offset:end]
    if form == BYTES:
        return content, end
    if form > TRACK:
        if not _printable(content):
            raise MessageFault(number)
        text = content.decode()
        return (text.rstrip(" ") if form == JUSTIFIED else text), end
    text = hexlify(content).decode()
    if count & 1:
        if form == BCD:
            filler, text = text[0], text[1:]
        else:
            filler, text = text[-1], text[:-1]
        if filler != ("0" if form == BCD else "f"):
            raise MessageFault(number)
    plain = text
    if form == TRACK:
        text = text.replace("d", "=")
        plain = text.replace("=", "")
    if plain and not plain.isdigit():
        raise MessageFault(number)
    return text, end


def _read_length(payload: bytes, offset: int, prefix: int) -> int:
    if offset + prefix > len(payload):
        return -1
    length = 0
    for index in range(offset, offset + prefix):
        high = payload[index] >> 4
        low = payload[index] & 0x0F
        if high > 9 or low > 9:
            return -1
        length = length * 100 + high * 10 + low
    return length
