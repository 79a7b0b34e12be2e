"""Reversals: everything the original did is given back by new transfers that name the old ones."""

from protocol.dialect import ResponseCode, Tag
from switch.authoriser.dates import CLOCK_AHEAD_MAX_S
from switch.authoriser.decision import Decision, reply_of
from switch.authoriser.purchase import balances_after, member_tags
from switch.authoriser.request import Reversal
from switch.journal.entries import (
    Reason,
    TransactionEntry,
    Transfer,
    transfer_number,
    unpack,
)
from switch.ledger.purses import PURSES
from switch.ledger.records import TerminalRecord
from switch.ledger.requests import RequestWindow, request_key
from switch.ledger.state import State

_REVERSIBLE = ("0200", "0201")


def decide_reversal(state: State, request: Reversal, terminal: TerminalRecord, now_ms: int) -> Decision:
    """Decide a reversal. One of an unknown original is approved and kept as a tombstone for its late arrival.

    A further reversal of the same original is approved and moves nothing. An original that was forgotten
    can't be given back: 25 tells the sender so.
    """
    window = state.window(request.identity.terminal_id) or RequestWindow()
    original, position, fault = _original(window, request, now_ms)
    transfers: tuple[Transfer, ...] = ()
    is_undone = window.undone_by(request_key(request.original_s, request.original_stan)) is not None
    if fault is None and original is not None and not is_undone:
        transfers = tuple(
            _give_back(transfer, transfer_number(position, index))
            for index, transfer in enumerate(original.transfers)
        )
        fault = _ledger_fault(state, original, transfers)
    if fault is not None:
        transfers = ()
    member_number = None if original is None else original.member_number
    member = None if member_number is None else state.members.get(member_number)
    version = (Tag.RULE_TABLE_VERSION.value, f"{state.rule_table_version:08d}")
    entry = TransactionEntry(
        at_ms=now_ms,
        mti="0400",
        terminal_id=request.identity.terminal_id,
        stan=request.identity.stan,
        transmitted_s=request.identity.transmitted_s,
        digest=request.identity.digest,
        processing_code=request.processing_code,
        amount=request.amount,
        currency=request.currency,
        merchant_id=request.merchant_id,
        branch_number=terminal.branch_number,
        card_reference=None if original is None else original.card_reference,
        member_number=member_number,
        response_code=fault or ResponseCode.APPROVED,
        approval_code="",
        rule_table_version=state.rule_table_version,
        reverses=0 if fault else position,
        original_s=request.original_s,
        original_stan=request.original_stan,
        transfers=transfers,
        balances=balances_after(state, member_number, transfers),
        reply_tags=() if fault or member is None else (*member_tags(member), version),
    )
    return Decision(entry, reply_of(state.position + 1, entry))


def _original(
    window: RequestWindow, request: Reversal, now_ms: int
) -> tuple[TransactionEntry | None, int, ResponseCode | None]:
    """The transaction that field 90 names, its position, and why it can't be undone.

    None and 0 for one that isn't known.
    """
    if request.original_mti not in _REVERSIBLE:
        return None, 0, ResponseCode.INVALID_TRANSACTION
    key = request_key(request.original_s, request.original_stan)
    remembered = window.find(key)
    if remembered is not None:
        entry = unpack(remembered.kind, remembered.version, remembered.body)
        if not isinstance(entry, TransactionEntry) or entry.mti != "0200":
            return None, 0, ResponseCode.INVALID_TRANSACTION
        return entry, remembered.position, _mismatch(request, entry)
    if window.undone_by(key) is None:
        if window.is_forgotten(key):
            return None, 0, ResponseCode.RECORD_NOT_FOUND
        if request.original_s > now_ms // 1000 + CLOCK_AHEAD_MAX_S:
            return None, 0, ResponseCode.INVALID_TRANSACTION
    return None, 0, None


def _mismatch(request: Reversal, original: TransactionEntry) -> ResponseCode | None:
    if request.processing_code != original.processing_code or request.currency != original.currency:
        return ResponseCode.INVALID_TRANSACTION
    if request.amount != original.amount:
        return ResponseCode.INVALID_AMOUNT
    return None


def _give_back(transfer: Transfer, number: int) -> Transfer:
    return Transfer(
        transfer.purse,
        transfer.credit,
        transfer.debit,
        transfer.amount,
        Reason.REVERSE,
        transfer.rule_id,
        number,
    )


def _ledger_fault(
    state: State, original: TransactionEntry, transfers: tuple[Transfer, ...]
) -> ResponseCode | None:
    for purse, balance in balances_after(state, original.member_number, transfers):
        moved = any(transfer.purse == purse for transfer in transfers)
        if moved and balance < 0 and not PURSES[purse].reversal_may_overdraw:
            return ResponseCode.INSUFFICIENT_FUNDS
    if not all(state.accounts.has_room(transfer) for transfer in transfers):
        return ResponseCode.EXCEEDS_LIMIT
    return None
