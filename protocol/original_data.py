"""Field 90: original data elements (ISO 8583:1987) name the message that a reversal undoes."""

from dataclasses import dataclass

from protocol.faults import FaultCode, ProtocolFault

_DIGITS = 42


@dataclass(frozen=True, slots=True)
class OriginalData:
    """Type, STAN and transmission time (field 7) of the original; institutions are not used and zero."""

    mti: str
    stan: str
    transmission_time: str

    def pack(self) -> str:
        """Text of field 90."""
        return f"{self.mti}{self.stan}{self.transmission_time}".ljust(_DIGITS, "0")

    @classmethod
    def unpack(cls, text: str) -> "OriginalData":
        """Read field 90; institutions other than zero are refused, as nobody here could honour them."""
        if len(text) != _DIGITS:
            raise ProtocolFault(FaultCode.BAD_LENGTH, "90", expected=_DIGITS, actual=len(text))
        if text[20:].strip("0"):
            raise ProtocolFault(FaultCode.BAD_CHARACTER, "90")
        return cls(text[:4], text[4:10], text[10:20])
