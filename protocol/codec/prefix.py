"""Length prefixes: how many bytes they take, reading and writing them."""

from collections.abc import Callable

from protocol.codec.characters import FROM_LATIN_1, TO_LATIN_1
from protocol.faults import FaultCode, ProtocolFault

# Value of a byte as two BCD digits, -1 where it is none.
BCD_BYTES = tuple(
    (byte >> 4) * 10 + (byte & 15) if byte >> 4 < 10 and byte & 15 < 10 else -1 for byte in range(256)
)

PrefixReader = Callable[[bytes, int], int]


def prefix_bytes(encoding: str, digits: int) -> int:
    """Bytes of a prefix of so many digits; a binary prefix takes a byte for each."""
    return (digits + 1) // 2 if encoding == "bcd" else digits


def count_maximum(encoding: str, digits: int) -> int:
    """The greatest count that such a prefix can say."""
    return int(256**digits if encoding == "binary" else 10**digits) - 1


def prefix_reader(encoding: str, digits: int, path: str) -> PrefixReader:
    """Function (payload, offset) -> count. Raises ProtocolFault TRUNCATED or BAD_LENGTH."""
    size = prefix_bytes(encoding, digits)

    def read(payload: bytes, offset: int) -> int:
        raw = payload[offset : offset + size]
        if len(raw) < size:
            raise ProtocolFault(FaultCode.TRUNCATED, path, offset=offset, expected=size, actual=len(raw))
        if encoding == "binary":
            return int.from_bytes(raw, "big")
        if encoding == "bcd":
            text = raw.hex()
        else:
            text = (raw.translate(TO_LATIN_1[encoding]) if encoding != "ascii" else raw).decode("latin-1")
        if not (text.isascii() and text.isdecimal()) or (encoding == "bcd" and digits % 2 and text[0] != "0"):
            raise ProtocolFault(FaultCode.BAD_LENGTH, path, offset=offset)
        return int(text)

    return read


def prefix_writer(encoding: str, digits: int) -> Callable[[int], bytes]:
    """Function count -> bytes; the count must fit."""
    size = prefix_bytes(encoding, digits)

    def write(count: int) -> bytes:
        if encoding == "binary":
            return count.to_bytes(size, "big")
        if encoding == "bcd":
            return bytes.fromhex(f"{count:0{size * 2}d}")
        raw = f"{count:0{digits}d}".encode("ascii")
        return raw if encoding == "ascii" else raw.translate(FROM_LATIN_1[encoding])

    return write
