"""Between wire messages and the authoriser's requests and replies."""

from functools import lru_cache

from protocol.balances import Balance, pack_balances
from protocol.dialect import AVAILABLE_BALANCE, Tag
from protocol.faults import ProtocolFault
from protocol.message import Message, Value
from protocol.message_type import original_of
from protocol.original_data import OriginalData
from protocol.rules_of_type import validate
from protocol.spec import SpecDocument
from switch.authoriser.dates import resolve_transmission
from switch.authoriser.decision import Reply
from switch.authoriser.request import FileAction, Identity, Inquiry, Purchase, Request, Reversal
from switch.keyring import Keyring
from switch.ledger.purses import BALANCE_MAX, PURSES

_RECORD_TAGS = frozenset(
    {
        Tag.MEMBER_NAME,
        Tag.MEMBER_TIER,
        Tag.MEMBER_NUMBER,
        Tag.STATUS,
        Tag.RECORD_MERCHANT_ID,
        Tag.BRANCH_NUMBER,
        Tag.CARD_TYPE,
        Tag.KEY_GENERATION,
        Tag.LINK_ROLE,
        Tag.SUBJECT_TERMINAL_ID,
        Tag.CARD_REFERENCE,
    }
)
_MAC_BYTES = 8


class FieldFault(Exception):  # noqa: N818  (a fault is the field's word)
    """A whole message lacks a field of its type or holds an impossible value; the text is the field."""


def check_fields(spec: SpecDocument, message: Message) -> None:
    """Check a message against its type. Raises FieldFault."""
    fault = _type_fault(spec, original_of(message.mti), tuple(message.fields))
    if fault:
        raise FieldFault(fault)


def request_of(message: Message, payload: bytes, keyring: Keyring, now_ms: int) -> Request:
    """The typed request of a checked message of class 1, 2, 3 or 4. Raises FieldFault."""
    fields = message.fields
    now_s = now_ms // 1000
    identity = Identity(
        terminal_id=message.text(41),
        stan=int(message.text(11)),
        transmitted_s=_resolved(message.text(7), now_s, "7"),
        digest=keyring.content_digest(_content(payload)),
    )
    if identity.stan == 0:
        raise FieldFault("11")
    kind = message.mti[1]
    if kind == "3":
        record = tuple(
            (tag, value)
            for tag, value in message.tags(120).items()
            if tag in _RECORD_TAGS and isinstance(value, str)
        )
        card_token = keyring.card_token(message.text(2)) if 2 in fields else None
        return FileAction(identity, message.text(91), message.text(101), card_token, record)
    processing_code, currency, merchant_id = message.text(3), message.text(49), message.text(42)
    if kind == "1":
        return Inquiry(identity, processing_code, currency, merchant_id, _card_token(message, keyring))
    amount = int(message.text(4))
    if kind == "2":
        return Purchase(
            identity, processing_code, amount, currency, merchant_id, _card_token(message, keyring)
        )
    try:
        original = OriginalData.unpack(message.text(90))
    except ProtocolFault:
        raise FieldFault("90") from None
    return Reversal(
        identity,
        processing_code,
        amount,
        currency,
        merchant_id,
        original.mti,
        int(original.stan),
        _resolved(original.transmission_time, now_s, "90"),
    )


def fields_of_reply(request_mti: str, reply: Reply) -> dict[int, Value]:
    """Own fields of the response; the others are echoed from the request."""
    own: dict[int, Value] = {39: str(reply.response_code)}
    if request_mti[1] in "24":
        if reply.position:
            own[37] = f"{reply.position:012d}"
        if reply.approval_code:
            own[38] = reply.approval_code
    if reply.balances:
        own[54] = pack_balances(
            [
                Balance(str(int(purse)), AVAILABLE_BALANCE, PURSES[purse].currency, _clamped(balance))
                for purse, balance in reply.balances
            ]
        )
    if reply.tags:
        own[48] = dict(reply.tags)
    return own


def _card_token(message: Message, keyring: Keyring) -> bytes:
    """Token of the card, from its number or from track 2, where a separator ends the number."""
    number = message.text(2) if 2 in message.fields else message.text(35).partition("=")[0]
    return keyring.card_token(number)


def _resolved(text: str, now_s: int, field: str) -> int:
    resolved = resolve_transmission(text, now_s)
    if resolved is None:
        raise FieldFault(field)
    return resolved


def _content(payload: bytes) -> bytes:
    """Everything but repeat mark and MAC: the mark is the last bit of the message type."""
    return payload[:1] + bytes((payload[1] & 0xFE,)) + payload[2:-_MAC_BYTES]


def _clamped(balance: int) -> int:
    """Reversals may leave more than field 54 can say; the ledger stays exact."""
    return max(-BALANCE_MAX, min(BALANCE_MAX, balance))


@lru_cache(maxsize=256)
def _type_fault(spec: SpecDocument, mti: str, numbers: tuple[int, ...]) -> str:
    """First fault of a message with these fields, or nothing. Terminals send few different sets of fields."""
    faults = validate(spec, Message(mti, dict.fromkeys(numbers, "")))
    return faults[0].path or str(faults[0]) if faults else ""
