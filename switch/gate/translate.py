"""Between wire messages and the authoriser's requests and replies."""

import hmac
from collections.abc import Callable, Mapping
from functools import lru_cache

from protocol.balances import BALANCES_MAX, Balance, pack_balances
from protocol.dialect import AVAILABLE_BALANCE, NO_CURRENCY, FileName, Tag
from protocol.faults import ProtocolFault
from protocol.message import Message, Value
from protocol.message_type import Function, original_of
from protocol.original_data import OriginalData
from protocol.reconciliation import read_records, read_totals
from protocol.rules_of_type import validate
from protocol.security.dukpt import KeySerialNumber
from protocol.security.faults import SecurityFault
from protocol.security.pin_block import PIN_BLOCK_BYTES_FORMAT_4, decipher_format_4
from protocol.spec import SpecDocument
from switch.authoriser.dates import resolve_transmission
from switch.authoriser.decision import Reply
from switch.authoriser.request import (
    FileAction,
    Financial,
    Identity,
    PinState,
    Reconciliation,
    Request,
    Reversal,
    Step,
    Uploaded,
)
from switch.gate.details import FieldFault, details_of, number_of, positive_number_of, tag_fault
from switch.keyring import Keyring
from switch.ledger.business_day import BusinessDays
from switch.ledger.records import TerminalRecord
from switch.rules.purses import BALANCE_MAX, Purse

__all__ = ("FieldFault", "PinChecks", "check_fields", "fields_of_reply", "request_of", "with_business_day")

# Check value of a card's PIN by the card's token; empty where the card is unknown or has no PIN.
PinChecks = Callable[[bytes], bytes]

_RECORD_TAGS = frozenset(
    {
        Tag.MEMBER_NAME,
        Tag.MEMBER_TIER,
        Tag.MEMBER_TEXT_FA,
        Tag.MEMBER_TEXT_EN,
        Tag.MEMBER_NUMBER,
        Tag.STATUS,
        Tag.RECORD_MERCHANT_ID,
        Tag.BRANCH_NUMBER,
        Tag.CARD_TYPE,
        Tag.KEY_GENERATION,
        Tag.LINK_ROLE,
        Tag.SUBJECT_TERMINAL_ID,
        Tag.CARD_REFERENCE,
        Tag.GROUP,
        Tag.ORGANISATION,
        Tag.SEGMENTS,
        Tag.AGREEMENTS,
        Tag.ENROLLED_ON,
        Tag.BORN_ON,
        Tag.INTRODUCER,
        Tag.INTRODUCED_UNTIL,
        Tag.HOUSEHOLD,
        Tag.RISK_CLASS,
        Tag.CLUB_LEVEL,
        Tag.ENROL_CHANNEL,
        Tag.GUILD,
        Tag.SECTOR,
        Tag.CITY,
        Tag.EXPIRES_ON,
        Tag.PIN_CHECK,
    }
)
_RULES_TAGS = frozenset(
    {
        Tag.RULES_PART,
        Tag.RULES_PART_NUMBER,
        Tag.RULES_PARTS,
        Tag.RULES_DIGEST,
        Tag.RULES_EXPECTED_VERSION,
    }
)
_DOWNLOAD_TAGS = frozenset({Tag.FILE_OFFSET, Tag.FILE_VARIANT})
_KNOWN_TAGS = {
    FileName.RULES.value: _RULES_TAGS,
    FileName.FIRMWARE.value: _DOWNLOAD_TAGS,
    FileName.PARAMETERS.value: _DOWNLOAD_TAGS,
    FileName.OFFLINE.value: _DOWNLOAD_TAGS,
}
_MAC_BYTES = 8
_CLASSES_WITH_POSITION = frozenset("124")
_CLASSES_OF_TOTALS = frozenset("24")


def check_fields(spec: SpecDocument, message: Message) -> None:
    """Check a message against its type. Raises FieldFault."""
    fault = _type_fault(spec, original_of(message.mti), tuple(message.fields))
    if fault:
        raise FieldFault(fault)


def request_of(
    message: Message,
    payload: bytes,
    keyring: Keyring,
    now_ms: int,
    *,
    terminal: TerminalRecord,
    pin_checks: PinChecks,
) -> Request:
    """The typed request of a checked message of class 1 to 5 of `terminal`. Raises FieldFault."""
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
        return _file_action(message, identity, keyring, terminal)
    if kind == "5":
        return _reconciliation(message, identity, now_s)
    if kind in "12":
        return _financial(message, identity, keyring, terminal, pin_checks)
    try:
        original = OriginalData.unpack(message.text(90))
    except ProtocolFault:
        raise FieldFault("90") from None
    return Reversal(
        identity,
        processing_code=message.text(3),
        amount=int(message.text(4)),
        currency=message.text(49),
        merchant_id=message.text(42),
        original_mti=original.mti,
        original_stan=int(original.stan),
        original_s=_resolved(original.transmission_time, now_s, "90"),
    )


def fields_of_reply(request_mti: str, reply: Reply, purses: Mapping[int, Purse]) -> dict[int, Value]:
    """Own fields of the response; the others are echoed from the request. Field 54 tells the first six
    balances."""
    own: dict[int, Value] = {39: str(reply.response_code)}
    if request_mti[1] in _CLASSES_WITH_POSITION:
        if reply.position:
            own[37] = f"{reply.position:012d}"
        if reply.approval_code:
            own[38] = reply.approval_code
    if reply.balances:
        own[54] = pack_balances(
            [
                Balance(
                    f"{purse:02d}",
                    AVAILABLE_BALANCE,
                    purses[purse].currency if purse in purses else NO_CURRENCY,
                    _clamped(balance),
                )
                for purse, balance in reply.balances[:BALANCES_MAX]
            ]
        )
    if reply.tags:
        own[48] = dict(reply.tags)
    own.update(reply.fields)
    return own


def with_business_day(
    own: dict[int, Value], mti: str, position: int, business: BusinessDays
) -> dict[int, Value]:
    """Own fields with field 15: on which business day the entry at `position`, 0 for none, is counted."""
    month_day = business.month_day(position) if position and mti[1] in _CLASSES_OF_TOTALS else ""
    return {**own, 15: month_day} if month_day else own


def _file_action(
    message: Message, identity: Identity, keyring: Keyring, terminal: TerminalRecord
) -> FileAction:
    """A PIN comes as a block under the host's key and is kept as its check value only."""
    file_name = message.text(101)
    known = _KNOWN_TAGS.get(file_name, _RECORD_TAGS)
    record = tuple(
        (tag, value)
        for tag, value in message.tags(120).items()
        if tag in known and isinstance(value, str | bytes)
    )
    card_token = keyring.card_token(message.text(2)) if 2 in message.fields else None
    if Tag.PIN_BLOCK in message.tags(120):
        if card_token is None:
            raise tag_fault(Tag.PIN_BLOCK)
        try:
            block, serial = _pin_block(message.tags(120))
            pin = decipher_format_4(keyring.pin_key(terminal, serial), block, message.text(2))
        except SecurityFault:
            raise tag_fault(Tag.PIN_BLOCK) from None
        record = (*record, (Tag.PIN_CHECK.value, keyring.pin_check(card_token, pin)))
    return FileAction(identity, message.text(91), file_name, card_token, record)


def _reconciliation(message: Message, identity: Identity, now_s: int) -> Reconciliation:
    """Totals, or the records of an upload."""
    tags = message.tags(48)
    is_upload = int(message.mti[2]) == Function.ADVICE
    try:
        if not is_upload:
            return Reconciliation(
                identity,
                is_upload,
                merchant_id=message.text(42),
                month_day=message.text(15),
                totals=read_totals(message),
                announced=number_of(tags, Tag.UPLOAD_COUNT),
            )
        records = read_records(tags.get(Tag.UPLOAD_RECORDS, b""))
    except ProtocolFault as fault:
        raise FieldFault(fault.path) from None
    return Reconciliation(
        identity,
        is_upload,
        merchant_id=message.text(42),
        month_day=message.text(15),
        records=tuple(
            Uploaded(
                record.mti,
                record.processing_code,
                int(record.stan),
                _resolved(record.transmitted_at, now_s, "48.DF35"),
                record.amount,
                record.rrn,
            )
            for record in records
        ),
    )


def _financial(
    message: Message, identity: Identity, keyring: Keyring, terminal: TerminalRecord, pin_checks: PinChecks
) -> Financial:
    tags = message.tags(48)
    card_number = _card_number(message)
    member_number = positive_number_of(tags, Tag.MEMBER_NUMBER)
    if card_number is None and member_number is None:
        raise FieldFault("2|35")
    if card_number is not None and member_number is not None:
        raise tag_fault(Tag.MEMBER_NUMBER)
    card_token = None if card_number is None else keyring.card_token(card_number)
    pin = PinState.ABSENT
    if Tag.PIN_BLOCK in tags:
        if card_number is None or card_token is None:
            raise tag_fault(Tag.PIN_BLOCK)
        pin = _pin_state(keyring, terminal, tags, card_number, pin_checks(card_token))
    elif Tag.PIN_KEY_SERIAL in tags:
        raise tag_fault(Tag.PIN_KEY_SERIAL)
    return Financial(
        identity,
        step=_step(message.mti),
        processing_code=message.text(3),
        amount=int(message.text(4)) if 4 in message.fields else 0,
        currency=message.text(49),
        merchant_id=message.text(42),
        entry_mode=message.text(22),
        card_token=card_token,
        member_number=member_number,
        details=details_of(tags, keyring),
        pin=pin,
    )


def _step(mti: str) -> Step:
    if mti[1] == "1":
        return Step.AUTHORISATION
    return Step.ADVICE if int(mti[2]) == Function.ADVICE else Step.FINANCIAL


def _card_number(message: Message) -> str | None:
    """The card's number from field 2 or from track 2, where a separator ends it; None without a card."""
    if 2 not in message.fields:
        return message.text(35).partition("=")[0] if 35 in message.fields else None
    if 35 in message.fields:
        raise FieldFault("35")
    return message.text(2)


def _pin_block(tags: Mapping[str, Value]) -> tuple[bytes, bytes]:
    """The block, and the serial number of its key; empty where it is under the sender's static key."""
    block, serial = tags[Tag.PIN_BLOCK], tags.get(Tag.PIN_KEY_SERIAL, b"")
    if not isinstance(block, bytes) or len(block) != PIN_BLOCK_BYTES_FORMAT_4:
        raise tag_fault(Tag.PIN_BLOCK)
    if not isinstance(serial, bytes):
        raise tag_fault(Tag.PIN_KEY_SERIAL)
    if Tag.PIN_KEY_SERIAL in tags:
        try:
            KeySerialNumber.parse(serial)
        except SecurityFault:  # not a wrong PIN: the customer did nothing
            raise tag_fault(Tag.PIN_KEY_SERIAL) from None
    return block, serial


def _pin_state(
    keyring: Keyring, terminal: TerminalRecord, tags: Mapping[str, Value], card_number: str, stored: bytes
) -> PinState:
    """Whether a block holds the PIN whose check value is stored; one that can't be read is a wrong PIN."""
    block, serial = _pin_block(tags)
    try:
        pin = decipher_format_4(keyring.pin_key(terminal, serial), block, card_number)
    except SecurityFault:
        return PinState.WRONG
    found = keyring.pin_check(keyring.card_token(card_number), pin)
    return PinState.RIGHT if hmac.compare_digest(found, stored) else PinState.WRONG


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
