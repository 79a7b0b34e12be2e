"""Message type identifiers of ISO 8583: version, class, function, origin.

The function digit is even for a request or advice, odd for its response; an odd origin digit marks a repeat.
"""

from dataclasses import dataclass
from enum import IntEnum


class Version(IntEnum):
    """First digit: the edition of the standard."""

    ISO_1987 = 0
    ISO_1993 = 1
    ISO_2003 = 2
    NATIONAL = 8
    PRIVATE = 9


class MessageClass(IntEnum):
    """Second digit: what the message is about."""

    AUTHORISATION = 1
    FINANCIAL = 2
    FILE_ACTION = 3
    REVERSAL = 4
    RECONCILIATION = 5
    ADMINISTRATIVE = 6
    FEE_COLLECTION = 7
    NETWORK_MANAGEMENT = 8


class Function(IntEnum):
    """Third digit: its part in the exchange."""

    REQUEST = 0
    REQUEST_RESPONSE = 1
    ADVICE = 2
    ADVICE_RESPONSE = 3
    NOTIFICATION = 4
    NOTIFICATION_ACKNOWLEDGEMENT = 5
    INSTRUCTION = 6
    INSTRUCTION_ACKNOWLEDGEMENT = 7


class Origin(IntEnum):
    """Fourth digit: who sends it, and whether again."""

    ACQUIRER = 0
    ACQUIRER_REPEAT = 1
    ISSUER = 2
    ISSUER_REPEAT = 3
    OTHER = 4
    OTHER_REPEAT = 5


@dataclass(frozen=True, slots=True)
class MessageType:
    """The four digits by their meaning."""

    version: Version
    message_class: MessageClass
    function: Function
    origin: Origin

    @classmethod
    def parse(cls, mti: str) -> "MessageType":
        """Digits to meaning; ValueError where a digit has none or there are not four."""
        if len(mti) != 4 or not (mti.isascii() and mti.isdecimal()):
            raise ValueError("a message type has four digits")
        return cls(
            Version(int(mti[0])), MessageClass(int(mti[1])), Function(int(mti[2])), Origin(int(mti[3]))
        )

    def __str__(self) -> str:
        return f"{self.version:d}{self.message_class:d}{self.function:d}{self.origin:d}"


def response_of(mti: str) -> str:
    """Type of the response: "0200" and its repeat "0201" both give "0210"."""
    return f"{mti[:2]}{int(mti[2]) | 1}{_original_origin(mti)}"


def repeat_of(mti: str) -> str:
    """Type of the repeat of a request or advice: "0200" gives "0201"."""
    return f"{mti[:3]}{int(mti[3]) | 1}"


def original_of(mti: str) -> str:
    """Type without the repeat mark: "0401" gives "0400"."""
    return f"{mti[:3]}{_original_origin(mti)}"


def is_repeat(mti: str) -> bool:
    """Whether the sender says that it sent this before."""
    return int(mti[3]) & 1 == 1


def is_response(mti: str) -> bool:
    """Whether this answers a request or an advice."""
    return int(mti[2]) & 1 == 1


def _original_origin(mti: str) -> int:
    return int(mti[3]) & ~1
