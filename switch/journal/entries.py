"""Kinds of journal entries: outcomes, so that replay decides nothing again.

Each kind has a version of its own; a reader that meets an unknown one stops. Numbers are big-endian.
"""

import struct
from enum import IntEnum
from typing import NamedTuple

from protocol.dialect import Tag
from switch.ledger.purses import PurseCode

DIGEST_BYTES = 16
ENTRY_VERSION = 1


class EntryKind(IntEnum):
    """First byte of an entry's type."""

    TRANSACTION = 1
    FILE_ACTION = 2
    RULE_TABLE = 3


class Reason(IntEnum):
    """Why a transfer was made."""

    EARN = 1
    SPEND = 2
    REVERSE = 3


class EntryFault(Exception):  # noqa: N818  (a fault is the field's word)
    """An entry's bytes are of a kind or form that this software doesn't know."""


class Transfer(NamedTuple):
    """One immutable movement: `amount` from the debit to the credit account (flat account numbers).

    `undoes` numbers the transfer that this one gives back (see `transfer_number`), 0 where it's none.
    """

    purse: PurseCode
    debit: int
    credit: int
    amount: int
    reason: Reason
    rule_id: str
    undoes: int


class TransactionEntry(NamedTuple):
    """A financial request or reversal and its outcome, approved or not.

    Times are UTC: `at_ms` when the switch decided, `transmitted_s` field 7 with its year. `reverses` is the
    position of the undone transaction or 0; `original_s` and `original_stan` are the identity that a reversal
    names, also where no such transaction is known. `reply_tags` are the tags of field 48 as sent.
    """

    at_ms: int
    mti: str
    terminal_id: str
    stan: int
    transmitted_s: int
    digest: bytes
    processing_code: str
    amount: int
    currency: str
    merchant_id: str
    branch_number: int
    card_reference: int | None
    member_number: int | None
    response_code: str
    approval_code: str
    rule_table_version: int
    reverses: int
    original_s: int
    original_stan: int
    transfers: tuple[Transfer, ...]
    balances: tuple[tuple[PurseCode, int], ...]
    reply_tags: tuple[tuple[str, str], ...]


class FileActionEntry(NamedTuple):
    """A change of a card, member or terminal record. A card's number is only here as its token."""

    at_ms: int
    terminal_id: str
    stan: int
    transmitted_s: int
    digest: bytes
    action: str
    file_name: str
    response_code: str
    card_token: bytes
    record: tuple[tuple[str, str], ...]


class RuleTableEntry(NamedTuple):
    """A compiled rule table came into force."""

    at_ms: int
    version: int
    table: bytes


Entry = TransactionEntry | FileActionEntry | RuleTableEntry

_TRANSACTION = struct.Struct(f">QH8sIQ{DIGEST_BYTES}sIQHIQQ2s6sIQQI")
_TRANSFER = struct.Struct(">BQQQBQ")
_BALANCE = struct.Struct(">Bq")
_FILE_ACTION = struct.Struct(f">Q8sIQ{DIGEST_BYTES}s1s2s{DIGEST_BYTES}s")
_RULE_TABLE = struct.Struct(">QI")

# Looked up rather than called: an enum's call costs more than all else of a transfer.
_PURSE_CODES = {int(code): code for code in PurseCode}
_REASONS = {int(reason): reason for reason in Reason}
_TAG_BYTES = {tag.value: bytes.fromhex(tag) for tag in Tag}
_TAG_NAMES = {raw: name for name, raw in _TAG_BYTES.items()}

# A reference or number that isn't there; real ones have at most 12 digits.
_ABSENT = 0xFFFF_FFFF_FFFF_FFFF


def transfer_number(position: int, index: int) -> int:
    """Number of a transfer for ever: its entry's position and its place in it."""
    return position << 8 | index


def pack(entry: Entry) -> tuple[EntryKind, bytes]:
    """Kind and body of an entry."""
    if isinstance(entry, TransactionEntry):
        return EntryKind.TRANSACTION, _pack_transaction(entry)
    if isinstance(entry, FileActionEntry):
        return EntryKind.FILE_ACTION, _pack_file_action(entry)
    return EntryKind.RULE_TABLE, _RULE_TABLE.pack(entry.at_ms, entry.version) + entry.table


def unpack(kind: int, version: int, body: bytes) -> Entry:
    """The entry of a body. Raises EntryFault for anything but what `pack` writes."""
    if version != ENTRY_VERSION:
        raise EntryFault(f"version {version} of entry kind {kind} is unknown")
    try:
        if kind == EntryKind.TRANSACTION:
            return _unpack_transaction(body)
        if kind == EntryKind.FILE_ACTION:
            return _unpack_file_action(body)
        if kind == EntryKind.RULE_TABLE:
            at_ms, number = _RULE_TABLE.unpack_from(body)
            return RuleTableEntry(at_ms, number, body[_RULE_TABLE.size :])
    except (struct.error, ValueError, LookupError) as error:
        raise EntryFault(f"entry of kind {kind} is malformed: {type(error).__name__}") from None
    raise EntryFault(f"entry kind {kind} is unknown")


def _pack_transaction(entry: TransactionEntry) -> bytes:
    parts = [
        _TRANSACTION.pack(
            entry.at_ms,
            int(entry.mti),
            entry.terminal_id.encode("ascii"),
            entry.stan,
            entry.transmitted_s,
            entry.digest,
            int(entry.processing_code),
            entry.amount,
            int(entry.currency),
            entry.branch_number,
            _ABSENT if entry.card_reference is None else entry.card_reference,
            _ABSENT if entry.member_number is None else entry.member_number,
            entry.response_code.encode("ascii"),
            entry.approval_code.encode("ascii"),
            entry.rule_table_version,
            entry.reverses,
            entry.original_s,
            entry.original_stan,
        ),
        _pack_text(entry.merchant_id),
        bytes((len(entry.transfers),)),
    ]
    for transfer in entry.transfers:
        purse, debit, credit, amount, reason, rule_id, undoes = transfer
        parts.append(_TRANSFER.pack(purse, debit, credit, amount, reason, undoes))
        parts.append(_pack_text(rule_id))
    parts.append(bytes((len(entry.balances),)))
    parts += [_BALANCE.pack(purse, amount) for purse, amount in entry.balances]
    parts.append(_pack_tags(entry.reply_tags))
    return b"".join(parts)


def _unpack_transaction(body: bytes) -> TransactionEntry:
    (
        at_ms,
        mti,
        terminal_id,
        stan,
        transmitted_s,
        digest,
        processing_code,
        amount,
        currency,
        branch_number,
        card_reference,
        member_number,
        response_code,
        approval_code,
        rule_table_version,
        reverses,
        original_s,
        original_stan,
    ) = _TRANSACTION.unpack_from(body)
    merchant_id, offset = _unpack_text(body, _TRANSACTION.size)
    transfers = []
    count, offset = body[offset], offset + 1
    for _ in range(count):
        purse, debit, credit, moved, reason, undoes = _TRANSFER.unpack_from(body, offset)
        rule_id, offset = _unpack_text(body, offset + _TRANSFER.size)
        transfers.append(
            Transfer(_PURSE_CODES[purse], debit, credit, moved, _REASONS[reason], rule_id, undoes)
        )
    balances = []
    count, offset = body[offset], offset + 1
    for _ in range(count):
        purse, balance = _BALANCE.unpack_from(body, offset)
        balances.append((_PURSE_CODES[purse], balance))
        offset += _BALANCE.size
    reply_tags, offset = _unpack_tags(body, offset)
    _check_end(body, offset)
    return TransactionEntry(
        at_ms=at_ms,
        mti=f"{mti:04d}",
        terminal_id=_text(terminal_id),
        stan=stan,
        transmitted_s=transmitted_s,
        digest=digest,
        processing_code=f"{processing_code:06d}",
        amount=amount,
        currency=f"{currency:03d}",
        merchant_id=merchant_id,
        branch_number=branch_number,
        card_reference=None if card_reference == _ABSENT else card_reference,
        member_number=None if member_number == _ABSENT else member_number,
        response_code=_text(response_code),
        approval_code=_text(approval_code),
        rule_table_version=rule_table_version,
        reverses=reverses,
        original_s=original_s,
        original_stan=original_stan,
        transfers=tuple(transfers),
        balances=tuple(balances),
        reply_tags=reply_tags,
    )


def _pack_file_action(entry: FileActionEntry) -> bytes:
    head = _FILE_ACTION.pack(
        entry.at_ms,
        entry.terminal_id.encode("ascii"),
        entry.stan,
        entry.transmitted_s,
        entry.digest,
        entry.action.encode("ascii"),
        entry.response_code.encode("ascii"),
        entry.card_token,
    )
    return head + _pack_text(entry.file_name) + _pack_tags(entry.record)


def _unpack_file_action(body: bytes) -> FileActionEntry:
    at_ms, terminal_id, stan, transmitted_s, digest, action, response_code, card_token = (
        _FILE_ACTION.unpack_from(body)
    )
    file_name, offset = _unpack_text(body, _FILE_ACTION.size)
    record, offset = _unpack_tags(body, offset)
    _check_end(body, offset)
    return FileActionEntry(
        at_ms=at_ms,
        terminal_id=_text(terminal_id),
        stan=stan,
        transmitted_s=transmitted_s,
        digest=digest,
        action=_text(action),
        file_name=file_name,
        response_code=_text(response_code),
        card_token=card_token,
        record=record,
    )


def _text(padded: bytes) -> str:
    return padded.rstrip(b"\0").decode("ascii")


def _pack_text(text: str) -> bytes:
    raw = text.encode("utf-8")
    return bytes((len(raw),)) + raw


def _unpack_text(body: bytes, offset: int) -> tuple[str, int]:
    start = offset + 1
    end = start + body[offset]
    _check_within(body, end)
    return body[start:end].decode("utf-8"), end


def _pack_tags(tags: tuple[tuple[str, str], ...]) -> bytes:
    parts = [bytes((len(tags),))]
    for tag, text in tags:
        raw = text.encode("utf-8")
        parts += (_TAG_BYTES[tag], bytes((len(raw),)), raw)
    return b"".join(parts)


def _unpack_tags(body: bytes, offset: int) -> tuple[tuple[tuple[str, str], ...], int]:
    tags = []
    count, offset = body[offset], offset + 1
    for _ in range(count):
        text, end = _unpack_text(body, offset + 2)
        tags.append((_TAG_NAMES[body[offset : offset + 2]], text))
        offset = end
    return tuple(tags), offset


def _check_within(body: bytes, end: int) -> None:
    if end > len(body):
        raise ValueError("text runs over the end")


def _check_end(body: bytes, offset: int) -> None:
    if offset != len(body):
        raise ValueError("bytes behind the end")
