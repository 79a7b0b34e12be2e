"""Kinds of journal entries: outcomes, so that replay decides nothing again.

A reader that meets an unknown kind or version stops. Numbers are big-endian.
"""

import struct
import zlib
from enum import IntEnum
from typing import NamedTuple

from switch.journal.forwarded import Fate, ForwardedEntry, pack_forwarded, unpack_forwarded
from switch.journal.grants import GrantRecord
from switch.journal.orders import Effect, OrderEntry, Outcome, pack_order, unpack_order
from switch.journal.reconciliation import (
    MET,
    CutOverEntry,
    ReconciliationEntry,
    UploadedItem,
    Verdict,
    pack_cut_over,
    pack_reconciliation,
    unpack_cut_over,
    unpack_reconciliation,
)
from switch.journal.text_bytes import (
    RecordTags,
    Tags,
    pack_tags,
    pack_text,
    padded_text,
    unpack_record_tags,
    unpack_text,
)
from switch.journal.transaction import (
    DIGEST_BYTES,
    TOKEN_BYTES,
    RecordChange,
    TransactionEntry,
    pack_transaction,
    unpack_transaction,
)
from switch.journal.transfers import (
    NO_GRANT,
    NO_TRANSFER,
    TRANSFERS_MAX,
    LotMove,
    Reason,
    Stage,
    Transfer,
    pack_lot_moves,
    pack_transfers,
    transfer_number,
    transfer_position,
    unpack_lot_moves,
    unpack_transfers,
)

__all__ = [
    "DIGEST_BYTES",
    "ENTRY_VERSION",
    "MET",
    "NO_GRANT",
    "NO_TRANSFER",
    "TOKEN_BYTES",
    "TRANSFERS_MAX",
    "CutOverEntry",
    "Effect",
    "Entry",
    "EntryFault",
    "EntryKind",
    "Fate",
    "FileActionEntry",
    "ForwardedEntry",
    "GrantRecord",
    "LotMove",
    "MaintenanceEntry",
    "OrderEntry",
    "Outcome",
    "Reason",
    "ReconciliationEntry",
    "RecordChange",
    "RecordTags",
    "RuleTableEntry",
    "Stage",
    "Tags",
    "TransactionEntry",
    "Transfer",
    "UploadedItem",
    "Verdict",
    "inflate_table",
    "pack",
    "pack_rule_table",
    "transfer_number",
    "transfer_position",
    "unpack",
]

ENTRY_VERSION = 2


class EntryKind(IntEnum):
    """First byte of an entry's type."""

    TRANSACTION = 1
    FILE_ACTION = 2
    RULE_TABLE = 3
    MAINTENANCE = 4
    CUT_OVER = 5
    RECONCILIATION = 6
    FORWARDED = 7
    ORDER = 8


class EntryFault(Exception):  # noqa: N818  (a fault is the field's word)
    """An entry's bytes are of a kind or form that this software doesn't know."""


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
    record: RecordTags


class RuleTableEntry(NamedTuple):
    """A compiled rule table came into force."""

    at_ms: int
    version: int
    table: bytes


class MaintenanceEntry(NamedTuple):
    """What time itself moves: expired lots, balances of inactive members, expired holds.

    `released_holds` are the positions of the authorisations whose holds end.
    """

    at_ms: int
    transfers: tuple[Transfer, ...]
    lot_moves: tuple[LotMove, ...]
    released_holds: tuple[int, ...]


Entry = (
    TransactionEntry
    | FileActionEntry
    | RuleTableEntry
    | MaintenanceEntry
    | CutOverEntry
    | ReconciliationEntry
    | ForwardedEntry
    | OrderEntry
)

TABLE_BYTES_MAX = 64 << 20

_FILE_ACTION = struct.Struct(f">Q8sIQ{DIGEST_BYTES}s1s2s{TOKEN_BYTES}s")
_RULE_TABLE = struct.Struct(">QI")
_MAINTENANCE = struct.Struct(">QB")
_POSITION = struct.Struct(">Q")


def pack(entry: Entry) -> tuple[EntryKind, bytes]:
    """Kind and body of an entry."""
    if isinstance(entry, TransactionEntry):
        return EntryKind.TRANSACTION, pack_transaction(entry)
    if isinstance(entry, FileActionEntry):
        return EntryKind.FILE_ACTION, _pack_file_action(entry)
    if isinstance(entry, RuleTableEntry):
        return EntryKind.RULE_TABLE, pack_rule_table(entry.at_ms, entry.version, zlib.compress(entry.table))
    if isinstance(entry, MaintenanceEntry):
        return EntryKind.MAINTENANCE, _pack_maintenance(entry)
    if isinstance(entry, CutOverEntry):
        return EntryKind.CUT_OVER, pack_cut_over(entry)
    if isinstance(entry, ForwardedEntry):
        return EntryKind.FORWARDED, pack_forwarded(entry)
    if isinstance(entry, OrderEntry):
        return EntryKind.ORDER, pack_order(entry)
    return EntryKind.RECONCILIATION, pack_reconciliation(entry)


def unpack(kind: int, version: int, body: bytes, *, for_replay: bool = False) -> Entry:
    """The entry of a body. Raises EntryFault for anything but what `pack` writes.

    `for_replay` saves half the time: a transaction comes without what changes no state, which is its grants,
    lines, balances and reply tags; a forwarded request without its reply.
    """
    if version != ENTRY_VERSION:
        raise EntryFault(f"version {version} of entry kind {kind} is unknown")
    try:
        if kind == EntryKind.TRANSACTION:
            return unpack_transaction(body, for_replay)
        if kind == EntryKind.FILE_ACTION:
            return _unpack_file_action(body)
        if kind == EntryKind.RULE_TABLE:
            at_ms, number = _RULE_TABLE.unpack_from(body)
            return RuleTableEntry(at_ms, number, inflate_table(body[_RULE_TABLE.size :]))
        if kind == EntryKind.MAINTENANCE:
            return _unpack_maintenance(body)
        if kind == EntryKind.CUT_OVER:
            return unpack_cut_over(body)
        if kind == EntryKind.RECONCILIATION:
            return unpack_reconciliation(body)
        if kind == EntryKind.FORWARDED:
            return unpack_forwarded(body, for_replay=for_replay)
        if kind == EntryKind.ORDER:
            return unpack_order(body)
    except (struct.error, zlib.error, ValueError, LookupError) as error:
        raise EntryFault(f"entry of kind {kind} is malformed: {type(error).__name__}") from None
    raise EntryFault(f"entry kind {kind} is unknown")


def pack_rule_table(at_ms: int, version: int, deflated: bytes) -> bytes:
    """Body of a `RuleTableEntry` whose table has been deflated already, which takes a while."""
    return _RULE_TABLE.pack(at_ms, version) + deflated


def inflate_table(deflated: bytes) -> bytes:
    """The bytes of a deflated table (RFC 1950): one of ten thousand rules would not fit an entry otherwise.

    Raises ValueError or zlib.error for anything else, and for more than TABLE_BYTES_MAX.
    """
    stream = zlib.decompressobj()
    table = stream.decompress(deflated, TABLE_BYTES_MAX)
    if not stream.eof or stream.unused_data:
        raise ValueError("table is cut off, too long, or has bytes behind it")
    return table


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
    return head + pack_text(entry.file_name) + pack_tags(entry.record)


def _unpack_file_action(body: bytes) -> FileActionEntry:
    at_ms, terminal_id, stan, transmitted_s, digest, action, response_code, card_token = (
        _FILE_ACTION.unpack_from(body)
    )
    file_name, offset = unpack_text(body, _FILE_ACTION.size)
    record, offset = unpack_record_tags(body, offset)
    _check_end(body, offset)
    return FileActionEntry(
        at_ms=at_ms,
        terminal_id=padded_text(terminal_id),
        stan=stan,
        transmitted_s=transmitted_s,
        digest=digest,
        action=padded_text(action),
        file_name=file_name,
        response_code=padded_text(response_code),
        card_token=card_token,
        record=record,
    )


def _pack_maintenance(entry: MaintenanceEntry) -> bytes:
    return b"".join(
        [
            _MAINTENANCE.pack(entry.at_ms, len(entry.released_holds)),
            *[_POSITION.pack(position) for position in entry.released_holds],
            pack_transfers(entry.transfers),
            pack_lot_moves(entry.lot_moves),
        ]
    )


def _unpack_maintenance(body: bytes) -> MaintenanceEntry:
    at_ms, count = _MAINTENANCE.unpack_from(body)
    offset = _MAINTENANCE.size
    released = []
    for _ in range(count):
        released.append(_POSITION.unpack_from(body, offset)[0])
        offset += _POSITION.size
    transfers, offset = unpack_transfers(body, offset)
    lot_moves, offset = unpack_lot_moves(body, offset)
    _check_end(body, offset)
    return MaintenanceEntry(at_ms, transfers, lot_moves, tuple(released))


def _check_end(body: bytes, offset: int) -> None:
    if offset != len(body):
        raise ValueError("bytes behind the end")
