"""Journal entry of a financial request: everything that was asked, decided and moved, and its bytes."""

import struct
from functools import lru_cache
from typing import NamedTuple

from switch.journal.grants import (
    GrantRecord,
    pack_counter_moves,
    pack_grants,
    pack_lines,
    unpack_counter_moves,
    unpack_grants,
    unpack_lines,
)
from switch.journal.text_bytes import (
    RecordTags,
    Tags,
    pack_tags,
    pack_text,
    padded_text,
    unpack_record_tags,
    unpack_tags,
    unpack_text,
)
from switch.journal.transfers import (
    LotMove,
    Transfer,
    pack_lot_moves,
    pack_transfers,
    unpack_lot_moves,
    unpack_transfers,
)
from switch.rules.facts import Line
from switch.rules.outcome import CounterMove

DIGEST_BYTES = 16
TOKEN_BYTES = 16


class RecordChange(NamedTuple):
    """A record that a transaction sets or deletes, as a file action would. `card_token` is for cards only."""

    file_name: str
    delete: bool
    card_token: bytes
    record: RecordTags


class TransactionEntry(NamedTuple):
    """A financial request or reversal and its outcome, approved or not.

    Times are UTC: `at_ms` when the switch decided, `transmitted_s` field 7 with its year, `looked_at_s` the
    time that the rules looked at, `hold_until_s` when the hold of an authorisation ends (0: holds nothing).
    `reverses` is the position of the undone transaction or 0; `original_s` and `original_stan` are the
    identity that a reversal names, also where no such transaction is known. `concerns` is the position of the
    sale or hold that a return, completion or activation is about, or 0; the reversal of a return names the
    sale too. `net_amount`, `discount` and `tendered` are minor units as in `switch.rules.outcome.Outcome`.
    `line_returns` are the amounts given back by the index of the sale's line, `part_returns` what a return
    settled of each part of its sale (see `switch.authoriser.returning`). `activity` tells that this
    counts as a purchase or earning of the member. `reply_tags` are the tags of field 48 as sent.
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
    looked_at_s: int
    concerns: int
    net_amount: int
    discount: int
    tendered: int
    hold_until_s: int
    activity: bool
    transfers: tuple[Transfer, ...]
    lot_moves: tuple[LotMove, ...]
    counter_moves: tuple[CounterMove, ...]
    grants: tuple[GrantRecord, ...]
    lines: tuple[Line, ...]
    line_returns: tuple[tuple[int, int], ...]
    record_changes: tuple[RecordChange, ...]
    balances: tuple[tuple[int, int], ...]
    reply_tags: Tags
    part_returns: tuple[tuple[int, int], ...] = ()


_HEAD = struct.Struct(f">QH8sIQ{DIGEST_BYTES}sIQHIQQ2s6sIQQIQQQQQQ?")
_BALANCE = struct.Struct(">Bq")
_LINE_RETURN = struct.Struct(">BQ")
_PART_RETURN = struct.Struct(">HQ")
_CHANGE = struct.Struct(f">?{TOKEN_BYTES}s")

# A reference or number that isn't there; real ones have at most 12 digits.
_ABSENT = 0xFFFF_FFFF_FFFF_FFFF

_FOUR_DIGITS = [f"{number:04d}" for number in range(10_000)]


def pack_transaction(entry: TransactionEntry) -> bytes:
    """Body of a transaction entry."""
    parts = [
        _HEAD.pack(
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
            entry.looked_at_s,
            entry.concerns,
            entry.net_amount,
            entry.discount,
            entry.tendered,
            entry.hold_until_s,
            entry.activity,
        ),
        pack_text(entry.merchant_id),
        pack_transfers(entry.transfers),
        pack_lot_moves(entry.lot_moves),
        pack_counter_moves(entry.counter_moves),
        bytes((len(entry.line_returns),)),
        *[_LINE_RETURN.pack(index, amount) for index, amount in entry.line_returns],
        len(entry.part_returns).to_bytes(2, "big"),
        *[_PART_RETURN.pack(part, amount) for part, amount in entry.part_returns],
        bytes((len(entry.record_changes),)),
        *[_pack_change(change) for change in entry.record_changes],
        pack_grants(entry.grants),
        pack_lines(entry.lines),
        bytes((len(entry.balances),)),
        *[_BALANCE.pack(purse, amount) for purse, amount in entry.balances],
        pack_tags(entry.reply_tags),
    ]
    return b"".join(parts)


def unpack_transaction(body: bytes, for_replay: bool) -> TransactionEntry:
    """Transaction entry of a body. Raises ValueError, LookupError or struct.error for other bytes.

    `for_replay` leaves grants, lines, balances and reply tags empty: they change no state.
    """
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
        looked_at_s,
        concerns,
        net_amount,
        discount,
        tendered,
        hold_until_s,
        activity,
    ) = _HEAD.unpack_from(body)
    merchant_id, offset = unpack_text(body, _HEAD.size)
    transfers, offset = unpack_transfers(body, offset)
    lot_moves, offset = unpack_lot_moves(body, offset)
    counter_moves, offset = unpack_counter_moves(body, offset)
    line_returns, offset = _unpack_pairs(_LINE_RETURN, body, offset)
    part_returns, offset = _unpack_pairs(_PART_RETURN, body, offset, count_bytes=2)
    record_changes, offset = _unpack_changes(body, offset)
    grants: tuple[GrantRecord, ...] = ()
    lines: tuple[Line, ...] = ()
    balances: tuple[tuple[int, int], ...] = ()
    reply_tags: Tags = ()
    if not for_replay:
        grants, offset = unpack_grants(body, offset)
        lines, offset = unpack_lines(body, offset)
        balances, offset = _unpack_pairs(_BALANCE, body, offset)
        reply_tags, offset = unpack_tags(body, offset)
        if offset != len(body):
            raise ValueError("bytes behind the end")
    return TransactionEntry(
        at_ms,
        _FOUR_DIGITS[mti],
        padded_text(terminal_id),
        stan,
        transmitted_s,
        digest,
        _six_digits(processing_code),
        amount,
        _FOUR_DIGITS[currency][1:],
        merchant_id,
        branch_number,
        None if card_reference == _ABSENT else card_reference,
        None if member_number == _ABSENT else member_number,
        padded_text(response_code),
        approval_code.rstrip(b"\0").decode("ascii"),
        rule_table_version,
        reverses,
        original_s,
        original_stan,
        looked_at_s,
        concerns,
        net_amount,
        discount,
        tendered,
        hold_until_s,
        activity,
        transfers,
        lot_moves,
        counter_moves,
        grants,
        lines,
        line_returns,
        record_changes,
        balances,
        reply_tags,
        part_returns,
    )


@lru_cache(maxsize=4096)
def _six_digits(number: int) -> str:
    return f"{number:06d}"


def _unpack_pairs(
    form: struct.Struct, body: bytes, offset: int, count_bytes: int = 1
) -> tuple[tuple[tuple[int, int], ...], int]:
    end = offset + count_bytes
    if end > len(body):
        raise ValueError("list runs over the end")
    count, offset = int.from_bytes(body[offset:end], "big"), end
    pairs = []
    for _ in range(count):
        first, second = form.unpack_from(body, offset)
        pairs.append((first, second))
        offset += form.size
    return tuple(pairs), offset


def _pack_change(change: RecordChange) -> bytes:
    if len(change.card_token) != TOKEN_BYTES:
        raise ValueError("a card token has 16 bytes; zeros where there is no card")
    head = _CHANGE.pack(change.delete, change.card_token)
    return head + pack_text(change.file_name) + pack_tags(change.record)


def _unpack_changes(body: bytes, offset: int) -> tuple[tuple[RecordChange, ...], int]:
    count, offset = body[offset], offset + 1
    changes = []
    for _ in range(count):
        delete, card_token = _CHANGE.unpack_from(body, offset)
        file_name, offset = unpack_text(body, offset + _CHANGE.size)
        record, offset = unpack_record_tags(body, offset)
        changes.append(RecordChange(file_name, delete, card_token, record))
    return tuple(changes), offset
