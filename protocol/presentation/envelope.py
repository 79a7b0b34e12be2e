"""What may stand around a payload in a capture: lengths and transport headers."""

from enum import StrEnum

from protocol.faults import ProtocolFault
from protocol.framing import LengthForm, frame, split_tpdu

_FRAMES_MAXIMUM = 10_000


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
    payloads = _frames(data, _length_form(envelope))
    if envelope == Envelope.LENGTH_2_BYTES_TPDU:
        payloads = [_without_tpdu(payload) for payload in payloads]
    return payloads


def in_envelope(envelope: Envelope, payload: bytes) -> bytes:
    """The payload with the length that the envelope asks for. Raises EnvelopeFault where it asks for a TPDU,
    whose addresses nobody here knows, or cannot count so far."""
    if envelope == Envelope.NONE:
        return payload
    if envelope in (Envelope.LENGTH_2_BYTES, Envelope.LENGTH_4_ASCII):
        try:
            return frame(payload, _length_form(envelope))
        except ProtocolFault:
            pass
    raise EnvelopeFault(f"cannot write a {envelope.in_words} around {len(payload)} bytes")


def _length_form(envelope: Envelope) -> LengthForm:
    return LengthForm.ASCII_4 if envelope == Envelope.LENGTH_4_ASCII else LengthForm.BINARY_2


def _frames(data: bytes, form: LengthForm) -> list[bytes]:
    payloads: list[bytes] = []
    position = 0
    while position < len(data):
        start = position + form.size
        if start > len(data):
            raise EnvelopeFault(f"the last length at byte {position} is cut off")
        try:
            length = form.read(data[position:start])
        except ProtocolFault:
            raise EnvelopeFault(f"the length at byte {position} is not {form.size} ASCII digits") from None
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
    try:
        return split_tpdu(data)[1]
    except ProtocolFault:
        raise EnvelopeFault("no TPDU identifier (60 or 68) in front") from None
