"""Reconciliation: a terminal's totals of a day against the journal's, its upload where they differ.

Nothing of an upload is posted. What the journal doesn't know, or knows otherwise, is noted for people to
judge.
"""

from typing import NamedTuple

from protocol.dialect import ResponseCode, SettlementCode, TransactionType
from protocol.reconciliation import NO_TOTALS, is_debit
from switch.authoriser.decision import Decision, refusal, reply_of
from switch.authoriser.holder import merchant_fault
from switch.authoriser.request import Reconciliation, Uploaded
from switch.journal.entries import (
    ForwardedEntry,
    ReconciliationEntry,
    TransactionEntry,
    UploadedItem,
    Verdict,
)
from switch.ledger.business_day import UPLOAD_MAX, DayBook
from switch.ledger.records import Role, TerminalRecord
from switch.ledger.requests import request_key
from switch.ledger.state import State
from switch.rules.local_time import local_day

_REVERSAL = "0400"


class _Found(NamedTuple):
    """What came of a message; `differences` as in `ReconciliationEntry`."""

    response_code: ResponseCode
    settlement_code: str
    differences: int
    items: tuple[UploadedItem, ...] = ()


def decide_reconciliation(
    state: State, request: Reconciliation, terminal: TerminalRecord, now_ms: int
) -> Decision:
    """Decide a 0500 or 0520 of a terminal; hosts have no till to reconcile.

    Totals that agree settle the day (00), others open an upload (95). A 0500 that ends the upload settles the
    day with the differences found, unless items are missing (95 again).
    """
    if terminal.role == Role.HOST:
        return refusal(ResponseCode.NOT_PERMITTED_TO_TERMINAL)
    fault = merchant_fault(state, request.merchant_id, terminal)
    if fault is not None:
        return refusal(fault)
    book = day_of(state.business.books, request.month_day)
    if book is None:
        return refusal(ResponseCode.RECORD_NOT_FOUND)
    found = _upload(state, book, request) if request.is_upload else _compare(book, request)
    if isinstance(found, ResponseCode):
        return refusal(found)
    terminal_id = request.identity.terminal_id
    entry = ReconciliationEntry(
        at_ms=now_ms,
        mti="0520" if request.is_upload else "0500",
        terminal_id=terminal_id,
        stan=request.identity.stan,
        transmitted_s=request.identity.transmitted_s,
        digest=request.identity.digest,
        merchant_id=request.merchant_id,
        branch_number=terminal.branch_number,
        day=book.day,
        response_code=found.response_code,
        settlement_code=found.settlement_code,
        claimed=request.totals,
        counted=NO_TOTALS if request.is_upload else book.totals(terminal_id),
        announced=request.announced,
        differences=found.differences,
        first_position=book.first_position,
        last_position=book.last_position,
        items=found.items,
    )
    return Decision(entry, reply_of(state.position + 1, entry))


def day_of(books: tuple[DayBook, ...], month_day: str) -> DayBook | None:
    """The newest known business day of field 15 (MMDD)."""
    return next(
        (book for book in reversed(books) if f"{local_day(book.day).date:08d}"[4:] == month_day), None
    )


def _compare(book: DayBook, request: Reconciliation) -> _Found | ResponseCode:
    terminal_id = request.identity.terminal_id
    counted = book.totals(terminal_id)
    if request.announced is None:
        if request.totals == counted:
            return _Found(ResponseCode.APPROVED, SettlementCode.IN_BALANCE, 0)
        return _Found(ResponseCode.RECONCILE_ERROR, SettlementCode.OUT_OF_BALANCE, 0)
    upload = book.uploads.get(terminal_id)
    if upload is None:
        return ResponseCode.INVALID_TRANSACTION
    if request.announced != len(upload.seen):
        return _Found(ResponseCode.RECONCILE_ERROR, SettlementCode.ERROR, 0)
    differences = upload.differences + counted.number - len(upload.met)
    code = SettlementCode.OUT_OF_BALANCE if differences else SettlementCode.IN_BALANCE
    return _Found(ResponseCode.APPROVED, code, differences)


def _upload(state: State, book: DayBook, request: Reconciliation) -> _Found | ResponseCode:
    terminal_id = request.identity.terminal_id
    upload = book.uploads.get(terminal_id)
    if upload is None:
        return ResponseCode.INVALID_TRANSACTION
    fresh = {
        request_key(record.transmitted_s, record.stan): record
        for record in request.records
        if request_key(record.transmitted_s, record.stan) not in upload.seen
    }
    if len(upload.seen) + len(fresh) > UPLOAD_MAX:
        return ResponseCode.EXCEEDS_LIMIT
    items = tuple(_judged(state, book, terminal_id, record) for record in fresh.values())
    differences = sum(item.verdict is not Verdict.EQUAL for item in items)
    return _Found(ResponseCode.APPROVED, "", differences, items)


def _judged(state: State, book: DayBook, terminal_id: str, record: Uploaded) -> UploadedItem:
    found = _journaled(state, terminal_id, record)
    if found is None:
        return UploadedItem(*record, 0, Verdict.UNKNOWN)
    position, entry = found
    content = (entry.mti, entry.processing_code, entry.amount)
    if not _is_counted(state, position, entry):
        verdict = Verdict.NOT_COUNTED
    elif not book.holds(position):
        verdict = Verdict.OTHER_DAY
    elif content != (record.mti, record.processing_code, record.amount) or record.rrn not in (
        0,
        _told_rrn(position, entry),
    ):
        verdict = Verdict.DIFFERENT
    else:
        verdict = Verdict.EQUAL
    return UploadedItem(*record, position, verdict)


def _told_rrn(position: int, entry: TransactionEntry | ForwardedEntry) -> int:
    """The RRN that the terminal was told: of a partner's card the partner's, 0 for none."""
    if isinstance(entry, TransactionEntry):
        return position
    text = dict(entry.reply_fields).get(37, "")
    return int(text) if text.isascii() and text.isdecimal() else 0


def _journaled(
    state: State, terminal_id: str, record: Uploaded
) -> tuple[int, TransactionEntry | ForwardedEntry] | None:
    """The transaction of this identity: among those remembered, else at its RRN."""
    window = state.window(terminal_id)
    known = None if window is None else window.find(request_key(record.transmitted_s, record.stan))
    position = record.rrn if known is None else known
    entry = state.find_entry(position) if position else None
    if not isinstance(entry, TransactionEntry | ForwardedEntry):
        return None
    identity = (entry.terminal_id, entry.transmitted_s, entry.stan)
    return (position, entry) if identity == (terminal_id, record.transmitted_s, record.stan) else None


def _is_counted(state: State, position: int, entry: TransactionEntry | ForwardedEntry) -> bool:
    """Whether a transaction is in the totals of its day."""
    if entry.response_code != ResponseCode.APPROVED:
        return False
    if isinstance(entry, ForwardedEntry):
        return _is_forwarded_counted(state, position, entry)
    if entry.mti == _REVERSAL:
        window = state.window(entry.terminal_id)
        key = request_key(entry.original_s, entry.original_stan)
        if not entry.reverses or window is None or window.undone_by(key) not in (position, None):
            return False
        original = state.find_entry(entry.reverses)
        return (
            isinstance(original, TransactionEntry)
            and original.mti != _REVERSAL
            and _is_counted(state, entry.reverses, original)
        )
    if is_debit(entry.mti, entry.processing_code, entry.currency, entry.amount) is None:
        return False
    voids = any(transfer.origin for transfer in entry.transfers)
    return not (voids and entry.processing_code.startswith(TransactionType.RETURN.value))


def _is_forwarded_counted(state: State, position: int, entry: ForwardedEntry) -> bool:
    """The same of an approved request that a partner decided, which is found by its identity only."""
    window = state.window(entry.terminal_id)
    if window is None:
        return False
    if entry.mti != _REVERSAL:
        return window.is_counted(request_key(entry.transmitted_s, entry.stan))
    key = request_key(entry.original_s, entry.original_stan)
    return window.undone_by(key) in (position, None) and (window.is_counted(key) or window.is_forgotten(key))
