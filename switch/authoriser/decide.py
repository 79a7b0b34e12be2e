"""The authoriser's one entrance: what was decided before finds its stored reply, the rest its rules."""

from protocol.dialect import (
    IRR,
    Processing,
    ResponseCode,
    TransactionType,
    is_debit_return,
    read_processing_code,
)
from switch.authoriser.context import Context
from switch.authoriser.dates import CLOCK_AHEAD_MAX_S
from switch.authoriser.debit_returning import decide_debit_return
from switch.authoriser.decision import Decision, Reply, refusal, reply_of
from switch.authoriser.draft import Outlay, decline
from switch.authoriser.enrolment import decide_enrolment
from switch.authoriser.facts import local_day_at
from switch.authoriser.file_action import decide_file_action
from switch.authoriser.holder import NOBODY, Holder, holder_of, merchant_fault
from switch.authoriser.inquiry import decide_inquiry
from switch.authoriser.movement import decide_movement
from switch.authoriser.purchase import decide_purchase
from switch.authoriser.reconciliation import decide_reconciliation
from switch.authoriser.request import (
    FileAction,
    Financial,
    Identity,
    PinState,
    Reconciliation,
    Request,
    Step,
)
from switch.authoriser.returning import decide_return
from switch.authoriser.reversal import decide_reversal
from switch.journal.entries import FileActionEntry, ForwardedEntry, ReconciliationEntry, TransactionEntry
from switch.ledger.records import Role, TerminalRecord
from switch.ledger.state import State
from switch.rules.caps import CapPer
from switch.rules.counting import KEPT_DAYS
from switch.rules.local_time import DAY_S
from switch.rules.outcome import CounterKey, CounterMove
from switch.rules.table import RuleTable

_INQUIRIES = (TransactionType.BALANCES, TransactionType.AVAILABLE_FUNDS, TransactionType.WOULD_EARN)
_ENROLMENTS = (
    TransactionType.CARD_ACTIVATION,
    TransactionType.ENROLMENT,
    TransactionType.CARD_REPLACEMENT,
)
# What only the club itself may do to a member's purses.
_OF_HOST = (
    TransactionType.DEBIT_ADJUSTMENT,
    TransactionType.CREDIT_ADJUSTMENT,
    TransactionType.EVENT,
    TransactionType.TRANSFER,
    TransactionType.CONVERSION,
    TransactionType.RELEASE,
)

_REMEMBERED = (TransactionEntry, FileActionEntry, ReconciliationEntry, ForwardedEntry)

PIN_TRIES_MAX = 3


def decide(state: State, table: RuleTable, request: Request, now_ms: int) -> Decision:
    """Decide a request of a known terminal that has signed on and proved itself by its MAC.

    `table` is the one in force; `now_ms` is the switch's time, epoch milliseconds. Changes nothing: the
    caller journals the decision's entry and gives it to `State.apply`.
    """
    identity = request.identity
    terminal = state.terminal(identity.terminal_id)
    if terminal is None or (isinstance(request, FileAction) and terminal.role != Role.HOST):
        return refusal(ResponseCode.NOT_PERMITTED_TO_TERMINAL)
    processing = read_processing_code(request.processing_code) if isinstance(request, Financial) else None
    if isinstance(request, Financial) and is_inquiry(request.processing_code):
        # Inquiries leave no trace, so whoever asks must learn nothing of a PIN.
        request = request._replace(pin=PinState.RIGHT)
        return _inquire(_context(state, table, request, terminal, now_ms))
    known = _decided_before(state, identity)
    if known is not None:
        return known
    if identity.transmitted_s > now_ms // 1000 + CLOCK_AHEAD_MAX_S:
        return refusal(ResponseCode.INVALID_TRANSACTION)
    if isinstance(request, Financial):
        context = _context(state, table, request, terminal, now_ms)
        return _decide_financial(context, processing)
    if isinstance(request, FileAction):
        return decide_file_action(state, request, now_ms)
    if isinstance(request, Reconciliation):
        return decide_reconciliation(state, request, terminal, now_ms)
    return decide_reversal(state, table, request, terminal, now_ms)


def is_inquiry(processing_code: str) -> bool:
    """Whether a request of this field 3 only asks, and leaves nothing behind."""
    processing = read_processing_code(processing_code)
    return processing is not None and processing.type in _INQUIRIES


def _decide_financial(context: Context, processing: Processing | None) -> Decision:
    request, terminal = context.request, context.terminal
    if processing is None or _is_too_late(context):
        return decline(context, ResponseCode.INVALID_TRANSACTION)
    gives_back_debit = is_debit_return(request.processing_code)
    if (processing.type in _OF_HOST or gives_back_debit) and terminal.role != Role.HOST:
        return decline(context, ResponseCode.NOT_PERMITTED_TO_TERMINAL)
    fault = merchant_fault(context.state, request.merchant_id, terminal)
    fault = fault or _currency_fault(context)
    if processing.type in _ENROLMENTS and fault is None:
        return decide_enrolment(context, processing)
    fault = fault or context.holder_fault
    if fault is not None:
        return decline(context, fault)
    if request.pin != PinState.ABSENT:
        tries = pin_tries(context)
        if context.state.counters.value(tries) >= PIN_TRIES_MAX:
            return decline(context, ResponseCode.PIN_TRIES_EXCEEDED)
        if request.pin == PinState.WRONG:
            counted = Outlay(counter_moves=(CounterMove(tries, 1, restore=False, is_use=True),))
            return decline(context, ResponseCode.INCORRECT_PIN, outlay=counted)
    if processing.type == TransactionType.PURCHASE:
        return decide_purchase(context)
    if gives_back_debit:
        return decide_debit_return(context, processing.to_purse)
    if processing.type == TransactionType.RETURN:
        return decide_return(context)
    return decide_movement(context, processing)


def pin_tries(context: Context) -> CounterKey:
    """Counter of a card's wrong PINs of a day: a PIN of four digits is soon guessed."""
    # Whatever day a message tells of: an advice may name any.
    today = local_day_at(context.state.rule_table, context.now_s).ordinal
    reference = context.holder.card_reference or 0
    return CounterKey("pin", CapPer.CARD << 56 | reference, today, today + 2)


def _inquire(context: Context) -> Decision:
    fault = merchant_fault(context.state, context.request.merchant_id, context.terminal)
    fault = fault or _currency_fault(context) or context.holder_fault
    if context.request.step != Step.AUTHORISATION:
        fault = ResponseCode.INVALID_TRANSACTION
    return decide_inquiry(context) if fault is None else Decision(None, Reply(fault))


def _is_too_late(context: Context) -> bool:
    """Whether an advice is of a day whose counters may be gone: no cap or limit would hold for it."""
    if context.request.step != Step.ADVICE:
        return False
    today = max(context.now_s // DAY_S, context.state.counters.day)
    return today - local_day_at(context.table, context.looked_at_s).ordinal > KEPT_DAYS


def _currency_fault(context: Context) -> ResponseCode | None:
    if context.request.currency not in _currencies(context.request, context.table):
        return ResponseCode.INVALID_TRANSACTION
    return None


def _context(
    state: State, table: RuleTable, request: Financial, terminal: TerminalRecord, now_ms: int
) -> Context:
    """Everything a decision starts from.

    An advice tells of a sale that happened while the terminal had no link: rules and table are those of then.
    """
    looked_at_s = now_ms // 1000
    version = state.rule_table_version
    if request.step == Step.ADVICE:
        looked_at_s = min(request.identity.transmitted_s, looked_at_s)
        then = state.table_at(looked_at_s)
        version, table = then.version, then.table
    if request.card_token is None and terminal.role != Role.HOST:
        named: tuple[Holder, ResponseCode | None] = (NOBODY, ResponseCode.INVALID_CARD_NUMBER)
    else:
        named = holder_of(state, request, local_day_at(table, looked_at_s).date)
    return Context(
        state=state,
        table=table,
        table_version=version,
        request=request,
        terminal=terminal,
        holder=named[0],
        holder_fault=named[1],
        now_ms=now_ms,
        looked_at_s=looked_at_s,
        balances=named[0].balances(state, table, now_ms // 1000),
        counters=state.counters,
    )


def _currencies(request: Financial, table: RuleTable) -> tuple[str, ...]:
    """Sales are in rial; what moves within a purse is in the purse's own unit."""
    processing = read_processing_code(request.processing_code)
    if processing is None:
        return (IRR,)
    if processing.type in (TransactionType.PURCHASE, TransactionType.RETURN) and not processing.to_purse:
        return (IRR,)
    purse = table.purses.get(processing.from_purse or processing.to_purse)
    return (IRR,) if purse is None else (IRR, purse.currency)


def _decided_before(state: State, identity: Identity) -> Decision | None:
    """What a known, reversed or possibly forgotten identity gets; None for a new one."""
    window = state.window(identity.terminal_id)
    if window is None:
        return None
    key = identity.key
    position = window.find(key)
    undone_by = window.undone_by(key)
    entry = None if position is None else state.find_entry(position)
    if position is None or entry is None:
        if undone_by is not None:
            return refusal(ResponseCode.NO_ACTION_TAKEN, undone_by)
        # One whose entry the journal no longer has is as good as forgotten.
        if position is not None or window.is_forgotten(key):
            return refusal(ResponseCode.DUPLICATE_TRANSMISSION)
        return None
    if not isinstance(entry, _REMEMBERED) or entry.digest != identity.digest:
        return refusal(ResponseCode.DUPLICATE_TRANSMISSION)
    if undone_by is not None:
        return refusal(ResponseCode.NO_ACTION_TAKEN, position)
    return Decision(None, reply_of(position, entry), repeats=position)
