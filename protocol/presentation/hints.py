"""The likely cause of a fault, from the bytes around it."""

from protocol.faults import FaultCode, ProtocolFault
from protocol.presentation.envelope import Envelope, EnvelopeFault, open_envelope
from protocol.presentation.spans import Reading

_ASCII_DIGITS = frozenset(b"0123456789")
_EBCDIC_DIGITS = frozenset(range(0xF0, 0xFA))
_SCRIPTS = {"ASCII": _ASCII_DIGITS, "EBCDIC": _EBCDIC_DIGITS}
_ENVELOPES = (Envelope.LENGTH_2_BYTES, Envelope.LENGTH_4_ASCII, Envelope.TPDU)


def hint(reading: Reading, fault: ProtocolFault) -> str | None:
    """One sentence for people, without any value; None where nothing is known."""
    if fault.offset is None:
        return None
    envelope = _envelope(reading.payload) if _is_in_front(fault) else None
    if envelope is not None:
        return f"the bytes in front look like a {envelope.in_words}"
    written = _type_written(reading)
    if written is not None:
        return written
    found = _script(reading.payload[fault.offset : fault.offset + 4])
    expected = _expected(reading, fault)
    if found and expected and found != expected:
        return f"the bytes look like {found} digits where the spec says {expected}"
    if fault.code == FaultCode.TRUNCATED:
        return "the message ends too early: cut off, or a length before this is wrong"
    if fault.code == FaultCode.TRAILING_BYTES and not reading.faults[1:]:
        return "the bitmap may lack a field, or another message follows"
    if fault.code == FaultCode.UNKNOWN_FIELD:
        return f"the bitmap names a field that {reading.spec.name} does not have: another spec may fit"
    if fault.code in (FaultCode.BAD_LENGTH, FaultCode.LENGTH_OVER_MAXIMUM):
        return "a field before this may have another size than the spec says"
    return None


def _is_in_front(fault: ProtocolFault) -> bool:
    codes = (FaultCode.UNKNOWN_FIELD, FaultCode.OVERSIZE_FRAME)
    return fault.path in ("mti", "bitmap") or fault.code in codes


def _envelope(payload: bytes) -> Envelope | None:
    for envelope in _ENVELOPES:
        try:
            open_envelope(envelope, payload)
        except EnvelopeFault:
            continue
        return envelope
    return None


def _type_written(reading: Reading) -> str | None:
    """Four digits of another script in front; packed they would be a type that no ISO 8583 has."""
    front = reading.payload[:4]
    if reading.spec.mti_encoding != "bcd" or len(front) < 4:
        return None
    name = next((name for name, digits in _SCRIPTS.items() if digits.issuperset(front)), None)
    return f"the message type looks like {name} digits where the spec says BCD" if name else None


def _script(raw: bytes) -> str | None:
    """How digits are written here, where two bytes or more leave no doubt."""
    if len(raw) < 2:
        return None
    if raw[:2].hex().isdecimal() and not _ASCII_DIGITS.issuperset(raw[:2]):
        return "BCD"
    return next((name for name, digits in _SCRIPTS.items() if digits.issuperset(raw[:2])), None)


def _expected(reading: Reading, fault: ProtocolFault) -> str | None:
    """How the spec wants digits written at the fault: the type's, the length's or the content's encoding."""
    if fault.path == "mti":
        return _name(reading.spec.mti_encoding)
    number = fault.path.partition(".")[0]
    if number == "bitmap" or not number.isdecimal():
        return None
    field = reading.spec.fields.get(int(number))
    if field is None or "." in fault.path:
        return None
    if fault.offset == reading.read_end and field.length != "fixed":
        return _name(field.length_encoding or reading.spec.length_encoding)
    return _name(field.encoding) if field.kind == "n" else None


def _name(encoding: str) -> str:
    return "EBCDIC" if encoding.startswith("ebcdic") else encoding.upper()
