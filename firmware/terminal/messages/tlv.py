"""BER-TLV with two-byte tags inside fields 48 and 120; tags are integers, as 0xDF01."""

from binascii import hexlify, unhexlify


def find(data: "bytes | memoryview", tag: int) -> "bytes | None":
    """Content of a tag as bytes, or None. Stops at the first element that is not whole."""
    position = 0
    end = len(data)
    while position < end:
        found = data[position]
        position += 1
        if found & 0x1F == 0x1F:
            while position < end:
                byte = data[position]
                found = found << 8 | byte
                position += 1
                if byte < 0x80:
                    break
        if position >= end:
            return None
        length = data[position]
        position += 1
        if length >= 0x80:
            width = length & 0x7F
            if width > 2 or position + width > end:
                return None
            length = 0
            for index in range(width):
                length = length << 8 | data[position + index]
            position += width
        if position + length > end:
            return None
        if found == tag:
            return bytes(data[position : position + length])
        position += length
    return None


def number(data: "bytes | memoryview", tag: int) -> int:
    """Value of a numeric (BCD) tag; 0 where it is absent or no number."""
    content = find(data, tag)
    digits = hexlify(content).decode() if content else ""
    return int(digits) if digits.isdigit() else 0


def text(data: "bytes | memoryview", tag: int) -> str:
    """Text of a tag; empty where it is absent or not UTF-8."""
    content = find(data, tag)
    try:
        return content.decode() if content else ""
    except UnicodeError:
        return ""


def put(buffer: bytearray, offset: int, tag: int, content: bytes) -> int:
    """Write one element with a two-byte tag and up to 127 bytes of content; returns the next offset."""
    size = len(content)
    if size > 127 or offset + 3 + size > len(buffer):
        raise ValueError("element does not fit")
    buffer[offset] = tag >> 8
    buffer[offset + 1] = tag & 0xFF
    buffer[offset + 2] = size
    buffer[offset + 3 : offset + 3 + size] = content
    return offset + 3 + size


def digits(value: int, count: int) -> bytes:
    """A number as BCD content of `count` digits, an even number of them."""
    return unhexlify("%0*d" % (count, value))
