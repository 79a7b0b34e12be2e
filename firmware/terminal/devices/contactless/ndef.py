"""NDEF messages: NFC Forum NDEF 1.0, RTD Text 1.0, RTD URI 1.0.

A member's tag holds `vafa:CARDNUMBER` as a URI record without prefix or as a text record in UTF-8; the first
record that claims to be one counts, and others may stand beside it.
"""

from terminal.constant import const
from terminal.devices.card_number import from_payload, is_payload
from terminal.devices.misread import Misread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.devices.card_number import CardNumber

_FIRST = const(0x80)
_LAST = const(0x40)
_CHUNKED = const(0x20)
_SHORT = const(0x10)
_WITH_ID = const(0x08)
_WELL_KNOWN = const(0x01)
_TEXT = const(0x54)
_URI = const(0x55)
_UTF_16 = const(0x80)
_LANGUAGE = const(0x3F)
_RECORDS = const(8)
_LONGEST_PAYLOAD = const(64)


def member_card(message: "bytes | bytearray | memoryview", entry_mode: str) -> "CardNumber":
    """The member number in an NDEF message.

    Raises:
        Misread: ndef (no whole message), form (no member number), pan or luhn.
    """
    at = 0
    size = len(message)
    for number in range(_RECORDS):
        if at + 3 > size:
            raise Misread("ndef")
        flags = message[at]
        type_size = message[at + 1]
        header = 3 if flags & _SHORT else 6
        id_size = 0
        if flags & _WITH_ID:
            header += 1
        if at + header > size or flags & _CHUNKED or bool(flags & _FIRST) != (number == 0):
            raise Misread("ndef")
        payload_size = message[at + 2]
        if not flags & _SHORT:
            payload_size = int.from_bytes(message[at + 2 : at + 6], "big")
        if flags & _WITH_ID:
            id_size = message[at + header - 1]
        payload_at = at + header + type_size + id_size
        end = payload_at + payload_size
        if end > size:
            raise Misread("ndef")
        if flags & 7 == _WELL_KNOWN and type_size == 1:
            text = _text(message[at + header], message[payload_at:end])
            if is_payload(text):
                return from_payload(text, entry_mode)
        if flags & _LAST:
            raise Misread("form")
        at = end
    raise Misread("ndef")


def _text(kind: int, payload: "bytes | bytearray | memoryview") -> str:
    """The ASCII text of a text or URI record; empty for any other and for what can't be a member number."""
    if not payload or len(payload) > _LONGEST_PAYLOAD:
        return ""
    if kind == _URI and payload[0] == 0:
        start = 1
    elif kind == _TEXT and not payload[0] & _UTF_16:
        start = 1 + (payload[0] & _LANGUAGE)
    else:
        return ""
    text = ""
    for value in payload[start:]:
        if not 0x20 <= value <= 0x7E:
            return ""
        text += chr(value)
    return text
