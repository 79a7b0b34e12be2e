"""Returns of adjustments that took from a purse: units come back, whole or in parts, with their times."""

from protocol.dialect import ResponseCode, Tag
from switch.authoriser.context import Context
from switch.authoriser.decision import Decision
from switch.authoriser.draft import Outlay, approve, decline
from switch.authoriser.request import Step
from switch.authoriser.returning import bounds_fault, is_debit_adjustment, taken_lots
from switch.journal.entries import NO_GRANT, Reason, TransactionEntry, transfer_number
from switch.ledger.posting import Overflow, Shortage
from switch.ledger.returns import NOT_RETURNED


def decide_debit_return(context: Context, purse: int) -> Decision:
    """Decide a return of the adjustment that ORIGINAL_RRN names. The amount is units of the purse."""
    request, state = context.request, context.state
    position = request.details.original_rrn
    if request.step == Step.AUTHORISATION or request.details.lines:
        return decline(context, ResponseCode.INVALID_TRANSACTION)
    entry = state.find_entry(position) if position else None
    if not isinstance(entry, TransactionEntry) or not is_debit_adjustment(entry):
        return decline(context, ResponseCode.RECORD_NOT_FOUND)
    taken = entry.transfers[0]
    if taken.purse != purse:
        return decline(context, ResponseCode.INVALID_TRANSACTION)
    fault = ResponseCode.INVALID_AMOUNT if request.amount == 0 else bounds_fault(context, entry)
    if fault is not None:
        return decline(context, fault)
    before = state.returns.get(position, NOT_RETURNED)
    if before.is_undone or before.amount + request.amount > taken.amount:
        return decline(context, ResponseCode.EXCEEDS_LIMIT)
    posting = context.posting()
    try:
        posting.give_back(
            taken.credit,
            taken.debit,
            request.amount,
            Reason.RETURN,
            NO_GRANT,
            taken_lots(entry, 0),
            before.amount,
            transfer_number(position, 0),
        )
    except Shortage:
        return decline(context, ResponseCode.INSUFFICIENT_FUNDS)
    except Overflow:
        return decline(context, ResponseCode.EXCEEDS_LIMIT)
    return approve(
        context,
        posting,
        Outlay(concerns=position),
        ((Tag.REFUND_UNITS.value, f"{request.amount:012d}"),),
    )
