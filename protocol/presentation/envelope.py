"""What may stand around a payload in a capture: lengths and transport headers."""

from enum import StrEnum

_FRAMES_MAXIMUM = 10_000
_TPDU_BYTES = 5
_TPDU_IDENTIFIERS = (0x60, 0x68)


class Envelope(StrEnum):
    """Ways to send a payload; all lengths count what follows them."""

    NONE = "none"
    LENGTH_2_BYTES = "length-2"
    LENGTH_4_ASCII = "length-4-ascii"
    TPDU = "tpdu"
    LENGTH_2_BYTES_TPDU = "length-2-tpdu"

    @property
    def in_words(self) -> str:
        """A name for people."""
        return _TITLES[self]


_TITLES = {
    Envelope.NONE: "bare payload",
    Envelope.LENGTH_2_BYTES: "length of two bytes",
    Envelope.LENGTH_4_ASCII: "length of four ASCII digits",
    Envelope.TPDU: "TPDU header of five bytes",
    Envelope.LENGTH_2_BYTES_TPDU: "length of two bytes and TPDU header",
}


class EnvelopeFault(ValueError):  # noqa: N818  (a fault is the field's word)
    """Bytes are not in this envelope."""


def open_envelope(envelope: Envelope, data: bytes) -> list[bytes]:
    """Payloads inside; keep-alives, which have none, are left out. Raises EnvelopeFault."""
    if envelope == Envelope.NONE:
        return [data]
    if envelope == Envelope.TPDU:
        return [_without_tpdu(data)]
    if envelope == Envelope.LENGTH_4_ASCII:
        payloads = _frames(data, 4, binary=False)
    else:
        payloads = _frames(data, 2, binary=True)
    if envelope == Envelope.LENGTH_2_BYTES_TPDU:
        payloads = [_without_tpdu(payload) for payload in payloads]
    return payloads


def in_envelope(envelope: Envelope, payload: bytes) -> bytes:
    """The payload with the length that the envelope asks for. Raises EnvelopeFault where it asks for a TPDU,
    whose addresses nobody here knows, or cannot count so far."""
    if envelope == Envelope.NONE:
        return payload
    if envelope == Envelope.LENGTH_2_BYTES and len(payload) <= 0xFFFF:
        return len(payload).to_bytes(2, "big") + payload
    if envelope == Envelope.LENGTH_4_ASCII and len(payload) <= 9999:
        return f"{len(payload):04d}".encode("ascii") + payload
    raise EnvelopeFault(f"cannot write a {envelope.in_words} around {len(payload)} bytes")


def _frames(data: bytes, size: int, *, binary: bool) -> list[bytes]:
    payloads: list[bytes] = []
    position = 0
    while position < len(data):
        head = data[position : position + size]
        if len(head) < size:
            raise EnvelopeFault(f"the last length at byte {position} is cut off")
        if binary:
            length = int.from_bytes(head, "big")
        elif head.isdigit():
            length = int(head)
        else:
            raise EnvelopeFault(f"the length at byte {position} is not {size} ASCII digits")
        start = position + size
        if start + length > len(data):
            missing = start + length - len(data)
            raise EnvelopeFault(f"by the length at byte {position}, {missing} bytes are missing")
        if length:
            payloads.append(data[start : start + length])
        if len(payloads) > _FRAMES_MAXIMUM:
            raise EnvelopeFault(f"more than {_FRAMES_MAXIMUM} frames")
        position = start + length
    if not payloads:
        raise EnvelopeFault("only keep-alives")
    return payloads


def _without_tpdu(data: bytes) -> bytes:
    """A TPDU is an identifier and two addresses of two bytes."""
    if len(data) < _TPDU_BYTES or data[0] not in _TPDU_IDENTIFIERS:
        raise EnvelopeFault("no TPDU identifier (60 or 68) in front")
    return data[_TPDU_BYTES:]
