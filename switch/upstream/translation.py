"""Between a request as our terminal sent it and as the partner gets it, and the replies back."""

from collections.abc import Callable

from protocol.dialect import ResponseCode, Tag
from protocol.message import Message, Value
from protocol.original_data import OriginalData
from protocol.security.faults import SecurityFault
from protocol.security.pin_block import decipher_format_4, encipher_format_4
from switch.authoriser.dates import transmission_text
from switch.ledger.records import TerminalRecord
from switch.upstream.saf_types import Forwarded
from switch.upstream.terminals import UpstreamTerminal

Fields = dict[int, Value]
PinKey = Callable[[TerminalRecord, bytes], bytes]

_MACS = frozenset({64, 128})
_OWN_FIELDS_OF_REPLY = (37, 38, 39, 48, 54)
_COPIED_INTO_REVERSAL = (3, 4, 12, 13, 49)
# What these say of a request they say of our link, not of the card: the terminal has done nothing wrong.
_OF_THE_LINK = frozenset(
    {
        ResponseCode.INVALID_MERCHANT.value,
        ResponseCode.NOT_PERMITTED_TO_TERMINAL.value,
        ResponseCode.SECURITY_VIOLATION.value,
    }
)


class PinFault(Exception):  # noqa: N818  (a fault is the field's word)
    """A PIN can't be sent to the partner: there is no key for it, or it can't be read."""


def request_upstream(
    message: Message,
    identity: tuple[int, int],
    terminal: UpstreamTerminal,
    pin_key: Callable[[bytes], bytes],
) -> Message:
    """The request as the partner gets it; `identity` is (epoch seconds of field 7, STAN).

    `pin_key` gives the key of our terminal's block by its key serial number. Raises PinFault.
    """
    sent_s, stan = identity
    fields = {number: value for number, value in message.fields.items() if number not in _MACS}
    fields |= {
        7: transmission_text(sent_s),
        11: f"{stan:06d}",
        41: terminal.terminal_id,
        42: terminal.merchant_id,
    }
    tags = message.tags(48)
    block = tags.get(Tag.PIN_BLOCK)
    if isinstance(block, bytes):
        kept = {tag: value for tag, value in tags.items() if tag != Tag.PIN_KEY_SERIAL}
        fields[48] = {**kept, Tag.PIN_BLOCK.value: _translated(block, message, terminal, pin_key)}
    return Message(message.mti, fields)


def reversal_upstream(message: Message, original: Forwarded, terminal: UpstreamTerminal) -> Message:
    """The reversal of a forwarded request, but for fields 7 and 11.

    `message` is the request itself, or the terminal's own reversal of it.
    """
    fields: Fields = {
        number: message.fields[number] for number in _COPIED_INTO_REVERSAL if number in message.fields
    }
    fields.setdefault(4, "0" * 12)
    named = OriginalData(original.mti, f"{original.stan:06d}", transmission_text(original.sent_s))
    fields |= {41: terminal.terminal_id, 42: terminal.merchant_id, 90: named.pack()}
    return Message("0400", fields)


def own_fields(reply: Message) -> Fields:
    """Of the partner's reply, what our terminal's reply doesn't echo from its request."""
    fields: Fields = {
        number: reply.fields[number] for number in _OWN_FIELDS_OF_REPLY if number in reply.fields
    }
    if fields[39] in _OF_THE_LINK:
        return refusal(ResponseCode.SWITCH_INOPERATIVE)
    return fields


def refusal(code: ResponseCode) -> Fields:
    """Own fields of a reply that only tells a code."""
    return {39: code.value}


def _translated(
    block: bytes, message: Message, terminal: UpstreamTerminal, pin_key: Callable[[bytes], bytes]
) -> bytes:
    """A PIN block of our terminal's key under the partner's static one."""
    if not terminal.pin_key:
        raise PinFault("no PIN key of the partner")
    number = message.text(2) if 2 in message.fields else message.text(35).partition("=")[0]
    try:
        serial = message.tags(48).get(Tag.PIN_KEY_SERIAL, b"")
        pin = decipher_format_4(pin_key(serial if isinstance(serial, bytes) else b""), block, number)
        return encipher_format_4(terminal.pin_key, pin, number)
    except SecurityFault:
        raise PinFault("PIN block can't be read") from None
