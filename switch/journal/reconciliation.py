"""Journal entries of the business day, and their bytes: its cut-over, and terminals' reconciliations."""

import struct
from enum import IntEnum
from typing import NamedTuple

from protocol.reconciliation import BatchTotals
from switch.journal.text_bytes import pack_text, padded_text, unpack_text

_DIGEST_BYTES = 16
# In the bytes: the terminal didn't end an upload.
_NOT_ANNOUNCED = 0xFFFF_FFFF


class Verdict(IntEnum):
    """What an uploaded transaction is against the journal.

    EQUAL is counted on the day as it was uploaded, DIFFERENT with another content. OTHER_DAY is counted on
    another business day. NOT_COUNTED is known and in no totals, as what was declined. UNKNOWN was never
    journaled: it is reported, not posted.
    """

    EQUAL = 1
    UNKNOWN = 2
    DIFFERENT = 3
    OTHER_DAY = 4
    NOT_COUNTED = 5


# What the terminal has, rightly or not, of the day's totals.
MET = (Verdict.EQUAL, Verdict.DIFFERENT)


class CutOverEntry(NamedTuple):
    """Everything behind this entry belongs to business day `day` (days since 1970-01-01)."""

    at_ms: int
    day: int


class UploadedItem(NamedTuple):
    """One uploaded transaction as the terminal has it, and what the journal has: `position` 0 is nothing."""

    mti: str
    processing_code: str
    stan: int
    transmitted_s: int
    amount: int
    rrn: int
    position: int
    verdict: Verdict


class ReconciliationEntry(NamedTuple):
    """A 0500 or 0520 of a terminal and what came of it.

    `settlement_code` is field 66, empty in the answer to an upload. `claimed` are the terminal's totals and
    `counted` the switch's; `announced` is the number of uploaded transactions with which the terminal ended
    its upload, None where it didn't. `items` are what this message uploaded for the first time. `differences`
    counts those of them that are not EQUAL; at the end of an upload all such items, and the transactions of
    the day that the upload lacks. `first_position` and `last_position` bound the day's positions; the last
    is 0 while the day is open.
    """

    at_ms: int
    mti: str
    terminal_id: str
    stan: int
    transmitted_s: int
    digest: bytes
    merchant_id: str
    branch_number: int
    day: int
    response_code: str
    settlement_code: str
    claimed: BatchTotals
    counted: BatchTotals
    announced: int | None
    differences: int
    first_position: int
    last_position: int
    items: tuple[UploadedItem, ...]


_CUT_OVER = struct.Struct(">QI")
_HEAD = struct.Struct(f">QH8sIQ{_DIGEST_BYTES}sII2s1sIIQQB")
_TOTALS = struct.Struct(">8Q")
_ITEM = struct.Struct(">HIIQQQQB")
_VERDICTS = {int(verdict): verdict for verdict in Verdict}


def pack_cut_over(entry: CutOverEntry) -> bytes:
    """Body of a cut-over."""
    return _CUT_OVER.pack(*entry)


def unpack_cut_over(body: bytes) -> CutOverEntry:
    """Cut-over of a body. Raises struct.error for other bytes."""
    return CutOverEntry(*_CUT_OVER.unpack(body))


def pack_reconciliation(entry: ReconciliationEntry) -> bytes:
    """Body of a reconciliation; at most 255 items."""
    return b"".join(
        [
            _HEAD.pack(
                entry.at_ms,
                int(entry.mti),
                entry.terminal_id.encode("ascii"),
                entry.stan,
                entry.transmitted_s,
                entry.digest,
                entry.branch_number,
                entry.day,
                entry.response_code.encode("ascii"),
                entry.settlement_code.encode("ascii"),
                _NOT_ANNOUNCED if entry.announced is None else entry.announced,
                entry.differences,
                entry.first_position,
                entry.last_position,
                len(entry.items),
            ),
            pack_text(entry.merchant_id),
            _TOTALS.pack(*entry.claimed),
            _TOTALS.pack(*entry.counted),
            *[
                _ITEM.pack(
                    int(item.mti),
                    int(item.processing_code),
                    item.stan,
                    item.transmitted_s,
                    item.amount,
                    item.rrn,
                    item.position,
                    item.verdict,
                )
                for item in entry.items
            ],
        ]
    )


def unpack_reconciliation(body: bytes) -> ReconciliationEntry:
    """Reconciliation of a body. Raises ValueError, LookupError or struct.error for other bytes."""
    (
        at_ms,
        mti,
        terminal_id,
        stan,
        transmitted_s,
        digest,
        branch_number,
        day,
        response_code,
        settlement_code,
        announced,
        differences,
        first_position,
        last_position,
        count,
    ) = _HEAD.unpack_from(body)
    merchant_id, offset = unpack_text(body, _HEAD.size)
    claimed = BatchTotals(*_TOTALS.unpack_from(body, offset))
    counted = BatchTotals(*_TOTALS.unpack_from(body, offset + _TOTALS.size))
    offset += 2 * _TOTALS.size
    if len(body) - offset != count * _ITEM.size:
        raise ValueError("not as many items as announced")
    return ReconciliationEntry(
        at_ms=at_ms,
        mti=f"{mti:04d}",
        terminal_id=padded_text(terminal_id),
        stan=stan,
        transmitted_s=transmitted_s,
        digest=digest,
        merchant_id=merchant_id,
        branch_number=branch_number,
        day=day,
        response_code=padded_text(response_code),
        settlement_code=padded_text(settlement_code),
        claimed=claimed,
        counted=counted,
        announced=None if announced == _NOT_ANNOUNCED else announced,
        differences=differences,
        first_position=first_position,
        last_position=last_position,
        items=tuple(_item(parts) for parts in _ITEM.iter_unpack(body[offset:])),
    )


def _item(parts: tuple[int, ...]) -> UploadedItem:
    mti, processing_code, stan, transmitted_s, amount, rrn, position, verdict = parts
    return UploadedItem(
        f"{mti:04d}",
        f"{processing_code:06d}",
        stan,
        transmitted_s,
        amount,
        rrn,
        position,
        _VERDICTS[verdict],
    )
