"""Movements between purses without a sale: loads, adjustments, transfers, conversions, events, releases."""

from collections.abc import Callable

from protocol.dialect import Processing, ResponseCode, TransactionType
from switch.authoriser.context import Context
from switch.authoriser.decision import Decision
from switch.authoriser.draft import (
    Outlay,
    approve,
    decline,
    grant_records,
    post_grants,
)
from switch.authoriser.facts import (
    TRIGGER_CONVERSION,
    TRIGGER_PURCHASE,
    Tender,
    facts_of,
    local_day_at,
)
from switch.authoriser.purchase import first_text, refuse
from switch.authoriser.request import Step
from switch.journal.entries import NO_GRANT, Reason, TransactionEntry
from switch.ledger.accounts import ProgrammeAccount, programme_account
from switch.ledger.posting import Overflow, Posting, Shortage
from switch.ledger.state import purse_account
from switch.rules.evaluator import evaluate
from switch.rules.local_time import clock_of
from switch.rules.outcome import NEVER_S, EffectType
from switch.rules.purses import Purse, PurseUnit

# Triggers that only a sale or a conversion may pull.
_NOT_EVENTS = (TRIGGER_PURCHASE, TRIGGER_CONVERSION, "burn_request")


def decide_movement(context: Context, processing: Processing) -> Decision:
    """Decide one of the movements of this module."""
    request = context.request
    if request.step == Step.AUTHORISATION:
        return decline(context, ResponseCode.INVALID_TRANSACTION)
    if processing.type == TransactionType.EVENT:
        return _event(context)
    if processing.type == TransactionType.RELEASE:
        return _release(context)
    purse = context.table.purses.get(processing.from_purse or processing.to_purse)
    if purse is None or not context.holder.can_hold:
        return decline(context, ResponseCode.INVALID_TRANSACTION)
    if request.amount == 0:
        return decline(context, ResponseCode.INVALID_AMOUNT)
    posting = context.posting()
    try:
        if processing.type == TransactionType.CONVERSION:
            return _convert(context, posting, processing)
        fault = _MOVES[processing.type](context, posting, purse)
    except Shortage:
        return decline(context, ResponseCode.INSUFFICIENT_FUNDS)
    except Overflow:
        return decline(context, ResponseCode.EXCEEDS_LIMIT)
    if fault is not None:
        return decline(context, fault)
    return approve(context, posting, Outlay(activity=processing.type == TransactionType.LOAD))


def _load(context: Context, posting: Posting, purse: Purse) -> ResponseCode | None:
    """The merchant took money for stored value, so it owes the programme what the holder now has."""
    if purse.unit != PurseUnit.MONEY:
        return ResponseCode.INVALID_TRANSACTION
    posting.earn(
        context.merchant_account(purse.code),
        context.account(purse.code),
        context.request.amount,
        Reason.LOAD,
        NO_GRANT,
        0,
        NEVER_S,
    )
    return None


def _credit_adjustment(context: Context, posting: Posting, purse: Purse) -> ResponseCode | None:
    if not context.request.details.reason:
        return ResponseCode.FORMAT_ERROR
    posting.earn(
        programme_account(ProgrammeAccount.ADJUSTMENT, purse.code),
        context.account(purse.code),
        context.request.amount,
        Reason.ADJUST,
        NO_GRANT,
        0,
        _expires_at_s(context),
    )
    return None


def _expires_at_s(context: Context) -> int:
    """The end of the last day on which what is given can be spent, as rules count days."""
    valid_days = context.request.details.valid_days
    if not valid_days:
        return NEVER_S
    today = local_day_at(context.table, context.looked_at_s).ordinal
    return clock_of(context.table.programme.time_zone).midnight_s(today + valid_days + 1)


def _debit_adjustment(context: Context, posting: Posting, purse: Purse) -> ResponseCode | None:
    if not context.request.details.reason:
        return ResponseCode.FORMAT_ERROR
    posting.spend(
        context.account(purse.code),
        programme_account(ProgrammeAccount.ADJUSTMENT, purse.code),
        context.request.amount,
        Reason.ADJUST,
        NO_GRANT,
    )
    return None


def _transfer(context: Context, posting: Posting, purse: Purse) -> ResponseCode | None:
    """What a member gives another keeps its expiry: giving points in a circle must not make them younger."""
    other_number = context.request.details.other_member
    other = None if other_number is None else context.state.members.get(other_number)
    if other is None:
        return ResponseCode.RECORD_NOT_FOUND
    if not purse.is_transferable:
        return ResponseCode.NOT_PERMITTED_TO_CARDHOLDER
    source, target = context.account(purse.code), purse_account(other, purse)
    if source == target:
        return ResponseCode.INVALID_TRANSACTION
    posting.spend(source, target, context.request.amount, Reason.TRANSFER, NO_GRANT)
    return None


_MOVES: dict[TransactionType, Callable[[Context, Posting, Purse], ResponseCode | None]] = {
    TransactionType.LOAD: _load,
    TransactionType.CREDIT_ADJUSTMENT: _credit_adjustment,
    TransactionType.DEBIT_ADJUSTMENT: _debit_adjustment,
    TransactionType.TRANSFER: _transfer,
}


def _convert(context: Context, posting: Posting, processing: Processing) -> Decision:
    """From one purse to another at the rate of a rule; each purse balances through its conversion account."""
    facts = facts_of(
        context,
        trigger=TRIGGER_CONVERSION,
        amount=0,
        tender=Tender(processing.from_purse, None, context.request.amount),
        reward=str(processing.to_purse),
    )
    outcome = evaluate(context.table, facts, context.counters)
    if outcome.refusal is not None:
        return refuse(context, outcome.refusal)
    for index, cost in enumerate(outcome.costs):
        posting.spend(
            context.account(cost.purse),
            programme_account(ProgrammeAccount.CONVERSION, cost.purse),
            cost.granted,
            Reason.CONVERT,
            index,
        )
    for index, grant in enumerate(outcome.grants, start=len(outcome.costs)):
        posting.earn(
            programme_account(ProgrammeAccount.CONVERSION, grant.purse),
            context.account(grant.purse),
            grant.granted,
            Reason.CONVERT,
            index,
            grant.available_from_s,
            grant.expires_at_s,
        )
    outlay = Outlay(grants=grant_records(outcome), counter_moves=outcome.counter_moves)
    return approve(context, posting, outlay, texts=first_text(outcome))


def _event(context: Context) -> Decision:
    """Something that earns without a sale: a review, a referral, a visit, a trade."""
    details = context.request.details
    if not details.event or details.event in _NOT_EVENTS:
        return decline(context, ResponseCode.INVALID_TRANSACTION)
    facts = facts_of(
        context,
        trigger=details.event,
        amount=context.request.amount,
        lines=details.lines,
    )
    outcome = evaluate(context.table, facts, context.counters)
    if outcome.refusal is not None:
        return refuse(context, outcome.refusal)
    posting = context.posting()
    try:
        post_grants(context, posting, outcome)
    except Shortage:
        return decline(context, ResponseCode.INSUFFICIENT_FUNDS)
    except Overflow:
        return decline(context, ResponseCode.EXCEEDS_LIMIT)
    outlay = Outlay(
        grants=grant_records(outcome), counter_moves=outcome.counter_moves, activity=bool(outcome.grants)
    )
    return approve(context, posting, outlay, texts=first_text(outcome))


def _release(context: Context) -> Decision:
    """Make what a sale or event earned on action spendable."""
    position = context.request.details.original_rrn
    entry = context.state.find_entry(position) if position else None
    if not isinstance(entry, TransactionEntry) or entry.member_number != context.holder.member_number:
        return decline(context, ResponseCode.RECORD_NOT_FOUND)
    posting = context.posting()
    released = 0
    for transfer in entry.transfers:
        grant = None if transfer.grant == NO_GRANT else entry.grants[transfer.grant]
        waits = grant is not None and grant.available_from_s == NEVER_S
        if grant is not None and waits and grant.type in (EffectType.EARN, EffectType.CONVERT):
            released += posting.activate(transfer.credit, transfer.amount, grant.expires_at_s)
    if not released:
        return decline(context, ResponseCode.NO_ACTION_TAKEN)
    return approve(context, posting, Outlay(concerns=position))
