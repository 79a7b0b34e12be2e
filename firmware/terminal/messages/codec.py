"""Packs and parses messages by the generated spec table, in the caller's buffer.

Text fields are `str`, binary and TLV fields are `bytes`; `tlv` reads inside the latter.
"""

from binascii import hexlify, unhexlify

from terminal.messages.spec_table import ASCII, BCD, BYTES, JUSTIFIED, ROWS, TRACK

MAC_BYTES = 8
_ROW_BYTES = 4


class MessageFault(Exception):
    """A message does not fit the spec; says which field, never its value."""


def pack(buffer, mti, fields, mac):
    """Write a message into `buffer` from its start, with the MAC in its last field.

    `fields` maps numbers to values, without the MAC; `mac(buffer, length)` returns the 8 bytes that authenticate
    the first `length` bytes of the buffer. Returns the payload's length.
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


def unpack(payload):
    """Read a payload: (message type, fields by number, the MAC among them). Refuses what the spec does not know.

    The MAC is not checked here.
    """
    size = len(payload)
    if size < 10:
        raise MessageFault(0)
    payload = bytes(payload)
    mti = hexlify(payload[0:2]).decode()
    bits = 64
    if payload[2] & 0x80:
        bits = 128
    offset = 2 + bits // 8
    if size < offset:
        raise MessageFault(1)
    fields = {}
    for number in range(2, bits + 1):
        if payload[2 + (number - 1) // 8] & (0x80 >> ((number - 1) % 8)):
            row = _row(number)
            fields[number], offset = _read(payload, offset, row)
    if offset != size:
        raise MessageFault(0)
    return mti, fields


def _mark(buffer, number):
    buffer[2 + (number - 1) // 8] |= 0x80 >> ((number - 1) % 8)


def _row(number):
    for row in range(0, len(ROWS), _ROW_BYTES):
        if ROWS[row] == number:
            return row
    raise MessageFault(number)


def _write(buffer, offset, row, value):
    number = ROWS[row]
    form = ROWS[row + 1]
    prefix = ROWS[row + 2]
    size = ROWS[row + 3] | (form & 0xF0) << 4
    form &= 0x0F
    count = len(value)
    if form == JUSTIFIED:
        value = value + " " * (size - count)
        count = len(value)
    if count > size or (prefix == 0 and count != size):
        raise MessageFault(number)
    for index in range(prefix - 1, -1, -1):
        digits = count // (1 if index == prefix - 1 else 100) % 100
        if offset + index >= len(buffer):
            raise MessageFault(number)
        buffer[offset + index] = digits // 10 << 4 | digits % 10
    offset += prefix
    end = offset + ((count + 1) // 2 if form <= TRACK else count)
    if end > len(buffer):
        raise MessageFault(number)
    if form <= TRACK:
        # A filler nibble makes an odd count whole: a leading 0 for numbers, a trailing F on a track.
        nibble = count & 1 if form == BCD else 0
        if nibble:
            buffer[offset] = 0
        for character in value:
            digit = ord(character) - 48
            if digit == 13 and form == TRACK:
                pass  # "=" is the separator and packs as D
            elif not 0 <= digit <= 9:
                raise MessageFault(number)
            at = offset + nibble // 2
            buffer[at] = digit << 4 if nibble % 2 == 0 else buffer[at] | digit
            nibble += 1
        if nibble % 2:
            buffer[offset + nibble // 2] |= 0x0F
    elif form == BYTES:
        buffer[offset:end] = value
    else:
        for index in range(count):
            character = ord(value[index])
            if not 32 <= character <= 126:
                raise MessageFault(number)
            buffer[offset + index] = character
    return end


def _read(payload, offset, row):
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


assert BCD < TRACK < ASCII < JUSTIFIED < BYTES
