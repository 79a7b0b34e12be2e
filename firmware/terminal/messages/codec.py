"""Packs and parses messages by the generated spec table, in the caller's buffer.

Text fields are `str`, binary and TLV fields are `bytes`; `tlv` reads inside the latter.
"""

from binascii import hexlify, unhexlify

from terminal.messages.spec_table import BCD, BYTES, JUSTIFIED, ROWS, TRACK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAC_BYTES = 8
_ROW_BYTES = 4


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
    secondary = False
    for number in fields:
        if number > 64:
            secondary = True
    bitmap = 2
    offset = bitmap + (16 if secondary else 8)
    buffer[0:2] = unhexlify(mti)
    for index in range(bitmap, offset):
        buffer[index] = 0
    if secondary:
        buffer[bitmap] = 0x80
    for row in range(0, len(ROWS), _ROW_BYTES):
        number = ROWS[row]
        if number in fields:
            _mark(buffer, number)
            offset = _write(buffer, offset, row, fields[number])
    mac_number = 128 if secondary else 64
    _mark(buffer, mac_number)
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
    bits = 64
    if payload[2] & 0x80:
        bits = 128
    offset = 2 + bits // 8
    if size < offset or (bits == 128 and not any(payload[10:18])):
        raise MessageFault(1)
    fields: "dict[int, str | bytes]" = {}
    for number in range(2, bits + 1):
        if payload[2 + (number - 1) // 8] & (0x80 >> ((number - 1) % 8)):
            row = _row(number)
            fields[number], offset = _read(payload, offset, row)
    if offset != size:
        raise MessageFault(0)
    return mti, fields


def _mark(buffer: bytearray, number: int) -> None:
    buffer[2 + (number - 1) // 8] |= 0x80 >> ((number - 1) % 8)


def _row(number: int) -> int:
    for row in range(0, len(ROWS), _ROW_BYTES):
        if ROWS[row] == number:
            return row
    raise MessageFault(number)


def _write(buffer: bytearray, offset: int, row: int, value: "str | bytes") -> int:
    number = ROWS[row]
    form = ROWS[row + 1]
    prefix = ROWS[row + 2]
    size = ROWS[row + 3] | (form & 0xF0) << 4
    form &= 0x0F
    if isinstance(value, str) != (form != BYTES):
        raise MessageFault(number)
    count = size if form == JUSTIFIED and len(value) < size else len(value)
    if count > size or (prefix == 0 and count != size):
        raise MessageFault(number)
    start = offset + prefix
    end = start + ((count + 1) // 2 if form <= TRACK else count)
    if end > len(buffer):
        raise MessageFault(number)
    left = count
    for index in range(start - 1, offset - 1, -1):
        buffer[index] = left // 10 % 10 << 4 | left % 10
        left //= 100
    if not isinstance(value, str):
        buffer[start:end] = value
    elif form <= TRACK:
        if not _write_digits(buffer, start, value, form):
            raise MessageFault(number)
    else:
        for index in range(count):
            character = ord(value[index]) if index < len(value) else 32
            if not 32 <= character <= 126:
                raise MessageFault(number)
            buffer[start + index] = character
    return end


def _write_digits(buffer: bytearray, start: int, value: str, form: int) -> bool:
    # A filler nibble makes an odd count whole: a leading 0 for numbers, a trailing F on a track.
    nibble = len(value) & 1 if form == BCD else 0
    if nibble:
        buffer[start] = 0
    for character in value:
        digit = ord(character) - 48
        # "=" is a track's separator and packs as D.
        if not (0 <= digit <= 9 or (digit == 13 and form == TRACK)):
            return False
        at = start + nibble // 2
        buffer[at] = digit << 4 if nibble % 2 == 0 else buffer[at] | digit
        nibble += 1
    if nibble % 2:
        buffer[start + nibble // 2] |= 0x0F
    return True


def _read(payload: bytes, offset: int, row: int) -> "tuple[str | bytes, int]":
    number = ROWS[row]
    form = ROWS[row + 1]
    prefix = ROWS[row + 2]
    size = ROWS[row + 3] | (form & 0xF0) << 4
    form &= 0x0F
    count = size
    if prefix:
        digits = hexlify(payload[offset : offset + prefix]).decode()
        if len(digits) != prefix * 2 or not digits.isdigit():
            raise MessageFault(number)
        count = int(digits)
        offset += prefix
    end = offset + ((count + 1) // 2 if form <= TRACK else count)
    if count > size or end > len(payload):
        raise MessageFault(number)
    raw = payload[offset:end]
    if form == BYTES:
        return raw, end
    if form <= TRACK:
        text = hexlify(raw).decode()
        if count & 1:
            if form == BCD:
                filler, text = text[0], text[1:]
            else:
                filler, text = text[-1], text[:-1]
            if filler != ("0" if form == BCD else "f"):
                raise MessageFault(number)
        if form == TRACK:
            text = text.replace("d", "=")
        plain = text.replace("=", "")
        if plain and not plain.isdigit():
            raise MessageFault(number)
        return text, end
    for character in raw:
        if not 32 <= character <= 126:
            raise MessageFault(number)
    text = raw.decode()
    return (text.rstrip(" ") if form == JUSTIFIED else text), end
