"""All that is wrong with a message: its bytes, its characters, and what its type asks for."""

from protocol.codec.characters import CLASSES
from protocol.faults import FaultCode, ProtocolFault
from protocol.message import Message
from protocol.presentation.spans import Element, Reading
from protocol.rules_of_type import validate


def all_faults(reading: Reading) -> list[ProtocolFault]:
    """Faults of the bytes first, then of characters, then of the message type's rules."""
    return [*reading.faults, *character_faults(reading), *type_faults(reading)]


def character_faults(reading: Reading) -> list[ProtocolFault]:
    """Text with characters that its kind does not have, where the spec leaves that to `validate`."""
    if reading.spec.characters == "codec":
        return []
    return [
        ProtocolFault(FaultCode.BAD_CHARACTER, leaf.path, offset=leaf.content)
        for element in reading.elements
        for leaf in element.leaves()
        if _has_wrong_characters(leaf)
    ]


def type_faults(reading: Reading) -> list[ProtocolFault]:
    """Faults of the fields that the bitmap names against the message type, readable or not.

    None where the type could not be read, and where the spec has no message types to judge by.
    """
    if reading.mti is None or not reading.fields_start or not reading.spec.messages:
        return []
    return validate(reading.spec, Message(reading.mti, dict.fromkeys(reading.announced, "")))


def _has_wrong_characters(leaf: Element) -> bool:
    belongs = CLASSES.get(leaf.kind)
    return belongs is not None and isinstance(leaf.value, str) and not belongs(leaf.value)
