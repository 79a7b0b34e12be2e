"""Readers and writers of one field, made once from its spec.

A reader takes (payload, offset) and returns (value, next offset); a writer appends to a bytearray. Both raise
ProtocolFault without the value.
"""

from collections.abc import Callable

from protocol.faults import FaultCode, ProtocolFault
from protocol.message import Value
from protocol.spec import FieldSpec

Reader = Callable[[bytes, int], tuple[Value, int]]
Writer = Callable[[bytearray, Value], None]

_PREFIX_BYTES = {"fixed": 0, "LL": 1, "LLL": 2}


def reader_of(number: int, spec: FieldSpec) -> Reader:
    """Reader of a scalar field: everything but tlv."""
    path = str(number)
    take = taker_of(number, spec)
    if spec.encoding == "bcd":
        parse_digits = _track_from_nibbles if spec.kind == "z" else _digits_from_nibbles

        def read_bcd(payload: bytes, offset: int) -> tuple[Value, int]:
            digits, start, end = take(payload, offset)
            return parse_digits(payload[start:end].hex(), digits, spec.pad, path, start), end

        return read_bcd

    if spec.kind == "b":

        def read_bytes(payload: bytes, offset: int) -> tuple[Value, int]:
            _, start, end = take(payload, offset)
            return payload[start:end], end

        return read_bytes

    check = _CHARACTER_CHECKS[spec.kind]
    strip = spec.justify is not None

    def read_ascii(payload: bytes, offset: int) -> tuple[Value, int]:
        _, start, end = take(payload, offset)
        raw = payload[start:end]
        text = raw.decode("latin-1")
        if not check(text):
            raise ProtocolFault(FaultCode.BAD_CHARACTER, path, offset=start)
        return (text.rstrip(" ") if strip else text), end

    return read_ascii


def taker_of(number: int, spec: FieldSpec) -> Callable[[bytes, int], tuple[int, int, int]]:
    """Function that finds a field's content: (count in the spec's unit, start, end)."""
    path = str(number)
    maximum = spec.size
    prefix = _PREFIX_BYTES[spec.length]
    nibbles = spec.unit == "digits"

    def take(payload: bytes, offset: int) -> tuple[int, int, int]:
        start = offset + prefix
        count = maximum
        if prefix:
            if start > len(payload):
                raise ProtocolFault(
                    FaultCode.TRUNCATED, path, offset=offset, expected=prefix, actual=len(payload) - offset
                )
            digits = payload[offset:start].hex()
            if not digits.isdecimal():
                raise ProtocolFault(FaultCode.BAD_LENGTH, path, offset=offset)
            count = int(digits)
            if count > maximum:
                raise ProtocolFault(
                    FaultCode.LENGTH_OVER_MAXIMUM, path, offset=offset, expected=maximum, actual=count
                )
        size = (count + 1) // 2 if nibbles else count
        end = start + size
        if end > len(payload):
            raise ProtocolFault(
                FaultCode.TRUNCATED, path, offset=start, expected=size, actual=len(payload) - start
            )
        return count, start, end

    return take


def writer_of(number: int, spec: FieldSpec) -> Writer:
    """Writer of a scalar field: everything but tlv."""
    path = str(number)
    put_length = length_writer_of(number, spec)

    if spec.kind == "b":

        def write_bytes(out: bytearray, value: Value) -> None:
            if not isinstance(value, bytes):
                raise ProtocolFault(FaultCode.WRONG_VALUE_TYPE, path, side="local")
            put_length(out, len(value))
            out += value

        return write_bytes

    if spec.encoding == "bcd":
        check, to_nibbles = _CHARACTER_CHECKS[spec.kind], _NIBBLES[spec.kind]
        filler = "f" if spec.kind == "z" else "0"

        def write_bcd(out: bytearray, value: Value) -> None:
            if not isinstance(value, str):
                raise ProtocolFault(FaultCode.WRONG_VALUE_TYPE, path, side="local")
            if not check(value):
                raise ProtocolFault(FaultCode.BAD_CHARACTER, path, side="local")
            put_length(out, len(value))
            nibbles = to_nibbles(value)
            if len(nibbles) % 2:
                nibbles = filler + nibbles if spec.pad == "left" else nibbles + filler
            out += bytes.fromhex(nibbles)

        return write_bcd

    text_check = _CHARACTER_CHECKS[spec.kind]
    width = spec.size if spec.justify else 0

    def write_ascii(out: bytearray, value: Value) -> None:
        if not isinstance(value, str):
            raise ProtocolFault(FaultCode.WRONG_VALUE_TYPE, path, side="local")
        if not text_check(value):
            raise ProtocolFault(FaultCode.BAD_CHARACTER, path, side="local")
        text = value.ljust(width)
        put_length(out, len(text))
        out += text.encode("ascii")

    return write_ascii


def length_writer_of(number: int, spec: FieldSpec) -> Callable[[bytearray, int], None]:
    """Function that checks a count against the spec and writes the length prefix, if the field has one."""
    path = str(number)
    maximum = spec.size
    prefix = _PREFIX_BYTES[spec.length]

    def put(out: bytearray, count: int) -> None:
        if count > maximum or (not prefix and count != maximum):
            code = FaultCode.LENGTH_OVER_MAXIMUM if count > maximum else FaultCode.BAD_LENGTH
            raise ProtocolFault(code, path, expected=maximum, actual=count, side="local")
        if prefix:
            out += bytes.fromhex(f"{count:0{prefix * 2}d}")

    return put


def _digits_from_nibbles(nibbles: str, digits: int, pad: str | None, path: str, start: int) -> str:
    if not nibbles.isdecimal() and nibbles:
        raise ProtocolFault(FaultCode.BAD_NIBBLE, path, offset=start)
    if len(nibbles) == digits:
        return nibbles
    filler, text = (nibbles[0], nibbles[1:]) if pad == "left" else (nibbles[-1], nibbles[:-1])
    if filler != "0":
        raise ProtocolFault(FaultCode.BAD_PADDING, path, offset=start)
    return text


def _track_from_nibbles(nibbles: str, digits: int, pad: str | None, path: str, start: int) -> str:
    if len(nibbles) != digits:
        filler, nibbles = (nibbles[0], nibbles[1:]) if pad == "left" else (nibbles[-1], nibbles[:-1])
        if filler != "f":
            raise ProtocolFault(FaultCode.BAD_PADDING, path, offset=start)
    if not nibbles.replace("d", "").isdecimal() and nibbles.replace("d", ""):
        raise ProtocolFault(FaultCode.BAD_NIBBLE, path, offset=start)
    return nibbles.replace("d", "=")


def _is_digits(text: str) -> bool:
    return text.isascii() and (text.isdecimal() or not text)


def _is_track(text: str) -> bool:
    return _is_digits(text.replace("=", ""))


def _is_alphanumeric(text: str) -> bool:
    return text.isascii() and (text.isalnum() or not text)


def _is_printable(text: str) -> bool:
    return text.isascii() and text.isprintable()


_CHARACTER_CHECKS: dict[str, Callable[[str], bool]] = {
    "n": _is_digits,
    "z": _is_track,
    "an": _is_alphanumeric,
    "ans": _is_printable,
}
_NIBBLES: dict[str, Callable[[str], str]] = {
    "n": lambda text: text,
    "z": lambda text: text.replace("=", "d"),
}
