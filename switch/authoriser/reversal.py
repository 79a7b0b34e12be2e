"""Reversals: everything the original did is given back by new transfers that name the old ones."""

from protocol.dialect import ResponseCode, Tag, TransactionType
from switch.authoriser.context import Context
from switch.authoriser.decision import Decision, reply_of
from switch.authoriser.draft import balances_after, member_tags
from switch.authoriser.enrolment import undo_changes
from switch.authoriser.holder import Holder, merchant_fault
from switch.authoriser.request import Financial, Reversal, Step
from switch.authoriser.returning import is_returnable, taken_lots
from switch.journal.entries import (
    NO_GRANT,
    LotMove,
    Reason,
    RecordChange,
    Stage,
    TransactionEntry,
    Transfer,
    transfer_number,
)
from switch.ledger.accounts import has_lots
from switch.ledger.posting import Overflow, Posting, Shortage
from switch.ledger.records import CardRecord, Status, TerminalRecord
from switch.ledger.requests import RequestWindow, request_key
from switch.ledger.state import State
from switch.ledger.stores import Window
from switch.rules.outcome import CounterMove
from switch.rules.table import RuleTable

_REVERSIBLE = {"0100": "0100", "0101": "0100", "0200": "0200", "0201": "0200", "0220": "0220", "0221": "0220"}


def decide_reversal(
    state: State, table: RuleTable, request: Reversal, terminal: TerminalRecord, now_ms: int
) -> Decision:
    """Decide a reversal. One of an unknown original is approved and kept as a tombstone for its late arrival.

    A further reversal of the same original is approved and moves nothing. An original that was forgotten
    can't be given back: 25 tells the sender so.
    """
    window = state.window(request.identity.terminal_id) or RequestWindow()
    original, position, fault = _original(state, window, request)
    fault = merchant_fault(state, request.merchant_id, terminal) or fault
    context = _context(state, table, request, terminal, original=original, now_ms=now_ms)
    is_undone = window.undone_by(request_key(request.original_s, request.original_stan)) is not None
    transfers: tuple[Transfer, ...] = ()
    lot_moves: tuple[LotMove, ...] = ()
    counter_moves: tuple[CounterMove, ...] = ()
    changes: tuple[RecordChange, ...] = ()
    concerns = 0
    line_returns: tuple[tuple[int, int], ...] = ()
    part_returns: tuple[tuple[int, int], ...] = ()
    undone_tag: tuple[tuple[str, str], ...] = ()
    takes_effect = fault is None and original is not None and not is_undone
    if takes_effect and original is not None and original.response_code == ResponseCode.APPROVED:
        posting = context.posting()
        fault, found = _undo(state, original, position, posting)
        if fault is None:
            transfers, lot_moves = posting.finish()
            counter_moves = tuple(move._replace(delta=-move.delta) for move in original.counter_moves)
            changes = found
            concerns, line_returns = original.concerns, original.line_returns
            part_returns = original.part_returns
            # Who never saw the approval learns here that there was one, and can count both.
            undone_tag = ((Tag.ORIGINAL_RRN.value, f"{position:012d}"),)
            original_day = state.business.month_day(position)
            if original_day:
                undone_tag = (*undone_tag, (Tag.ORIGINAL_DAY.value, original_day))
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
        member_number=None if original is None else original.member_number,
        response_code=fault or ResponseCode.APPROVED,
        approval_code="",
        rule_table_version=state.rule_table_version,
        reverses=0 if fault else position,
        original_s=request.original_s,
        original_stan=request.original_stan,
        looked_at_s=now_ms // 1000,
        concerns=concerns,
        net_amount=0,
        discount=0,
        tendered=0,
        hold_until_s=0,
        grants=() if original is None or not transfers else original.grants,
        transfers=transfers,
        lot_moves=lot_moves,
        counter_moves=counter_moves,
        lines=(),
        line_returns=line_returns,
        part_returns=part_returns,
        activity=False,
        record_changes=changes,
        balances=balances_after(context, lot_moves),
        reply_tags=() if fault else (*undone_tag, *_tags(context)),
    )
    return Decision(entry, reply_of(state.position + 1, entry))


def _context(
    state: State,
    table: RuleTable,
    request: Reversal,
    terminal: TerminalRecord,
    *,
    original: TransactionEntry | None,
    now_ms: int,
) -> Context:
    """The original's holder, as a decision about a financial request would have it."""
    member = None if original is None or original.member_number is None else original.member_number
    financial = Financial(
        request.identity,
        Step.FINANCIAL,
        request.processing_code,
        request.amount,
        request.currency,
        request.merchant_id,
        "",
        None,
        member,
    )
    holder = Holder(None, None)
    if member is not None:
        holder = Holder(None, state.members.get(member))
    elif original is not None and original.card_reference is not None and original.transfers:
        holder = Holder(_gift_card(original.card_reference), None)
    return Context(
        state=state,
        table=table,
        table_version=state.rule_table_version,
        request=financial,
        terminal=terminal,
        holder=holder,
        holder_fault=None,
        now_ms=now_ms,
        looked_at_s=now_ms // 1000,
        balances=holder.balances(state, table, now_ms // 1000),
        counters=state.counters,
    )


def _gift_card(reference: int) -> CardRecord:
    """A card of which only the account matters."""
    return CardRecord(reference, 0, "", Status.ACTIVE)


def _tags(context: Context) -> tuple[tuple[str, str], ...]:
    member = context.holder.member
    if member is None:
        return ()
    version = (Tag.RULE_TABLE_VERSION.value, f"{context.table_version:08d}")
    return (*member_tags(context, member), version)


def _original(
    state: State, window: Window, request: Reversal
) -> tuple[TransactionEntry | None, int, ResponseCode | None]:
    """The transaction that field 90 names, its position, and why it can't be undone.

    None and 0 for one that isn't known.
    """
    mti = _REVERSIBLE.get(request.original_mti)
    if mti is None:
        return None, 0, ResponseCode.INVALID_TRANSACTION
    key = request_key(request.original_s, request.original_stan)
    position = window.find(key)
    entry = None if position is None else state.find_entry(position)
    if position is not None and entry is not None:
        if not isinstance(entry, TransactionEntry) or entry.mti != mti:
            return None, 0, ResponseCode.INVALID_TRANSACTION
        return entry, position, _mismatch(request, entry)
    # An original whose entry the journal no longer has is as good as forgotten.
    if window.undone_by(key) is None and (position is not None or window.is_forgotten(key)):
        return None, 0, ResponseCode.RECORD_NOT_FOUND
    return None, 0, None


def _mismatch(request: Reversal, original: TransactionEntry) -> ResponseCode | None:
    if request.processing_code != original.processing_code or request.currency != original.currency:
        return ResponseCode.INVALID_TRANSACTION
    if request.amount != original.amount:
        return ResponseCode.INVALID_AMOUNT
    return None


def _undo(
    state: State, original: TransactionEntry, position: int, posting: Posting
) -> tuple[ResponseCode | None, tuple[RecordChange, ...]]:
    """Post the opposite of everything.

    What stays: a sale or adjustment that was returned in part, or is too old to tell; a hold that is gone.
    """
    if original.processing_code.startswith(TransactionType.RELEASE.value) or position in state.returns:
        return ResponseCode.NO_ACTION_TAKEN, ()
    if position < state.returns.floor and is_returnable(original):
        return ResponseCode.RECORD_NOT_FOUND, ()
    changes = undo_changes(state, original) if original.record_changes else ()
    if changes is None:
        return ResponseCode.NO_ACTION_TAKEN, ()
    try:
        for index, transfer in reversed(list(enumerate(original.transfers))):
            if transfer.stage == Stage.PENDING:
                hold = state.holds.get(position)
                if hold is None:
                    return ResponseCode.NO_ACTION_TAKEN, ()
                posting.release(hold)
            elif transfer.stage == Stage.VOID_PENDING:
                if len(original.transfers) == 1:
                    return ResponseCode.NO_ACTION_TAKEN, ()
            else:
                _undo_transfer(original, index, transfer_number(position, index), posting)
    except Shortage:
        return ResponseCode.INSUFFICIENT_FUNDS, ()
    except Overflow:
        return ResponseCode.EXCEEDS_LIMIT, ()
    return None, changes


def _undo_transfer(original: TransactionEntry, index: int, number: int, posting: Posting) -> None:
    transfer = original.transfers[index]
    debit, credit, amount = transfer.credit, transfer.debit, transfer.amount
    if has_lots(credit):
        lots = taken_lots(original, index)
        posting.give_back(debit, credit, amount, Reason.REVERSE, transfer.grant, lots, 0, number)
    elif has_lots(debit):
        for move in original.lot_moves:
            if move.transfer == index and move.account == debit and move.delta > 0:
                posting.take_back(
                    debit,
                    credit,
                    move.delta,
                    Reason.REVERSE,
                    transfer.grant,
                    move.available_from_s,
                    move.expires_at_s,
                    _may_go_negative(original, transfer),
                    number,
                )
    else:
        posting.plain(debit, credit, amount, Reason.REVERSE, transfer.grant, number)


def _may_go_negative(original: TransactionEntry, transfer: Transfer) -> bool:
    if transfer.grant == NO_GRANT:
        return False
    return original.grants[transfer.grant].allow_negative
