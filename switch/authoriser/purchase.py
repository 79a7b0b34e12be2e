"""Purchases that earn and are paid from purses, authorisations that hold, and their completion."""

from protocol.dialect import ResponseCode, Tag, purse_of
from switch.authoriser.context import Context
from switch.authoriser.decision import Decision
from switch.authoriser.draft import (
    Outlay,
    Tags,
    approve,
    decline,
    grant_records,
    post_earnings,
    post_grants,
)
from switch.authoriser.facts import NO_TENDER, TRIGGER_BURN_REQUEST, TRIGGER_PURCHASE, Tender, facts_of
from switch.authoriser.request import Step
from switch.ledger.holds import Hold
from switch.ledger.posting import Overflow, Shortage
from switch.rules.evaluator import evaluate
from switch.rules.facts import Facts
from switch.rules.outcome import Outcome, Refusal
from switch.rules.purses import PurseUnit

MINUTE_S = 60

# What a receipt's text may have in UTF-8 (tags DF08 and DF09), and what parts the rule's and the member's.
TEXT_BYTES_MAX = 160
TEXT_SEPARATOR = " - "


def decide_purchase(context: Context) -> Decision:
    """Decide a purchase, a claim of a reward, an authorisation or the completion of one."""
    request = context.request
    tender, fault = _tender(context)
    if fault is not None:
        return decline(context, fault)
    hold: Hold | None = None
    if request.details.original_rrn:
        hold, fault = _hold_of(context, tender)
        if hold is None:
            return decline(context, fault or ResponseCode.RECORD_NOT_FOUND)
        tender = _completing_tender(context, hold, tender)
    elif request.step == Step.AUTHORISATION and not tender.purse:
        return decline(context, ResponseCode.INVALID_TRANSACTION)
    if request.amount == 0 and (not request.details.reward or tender.purse):
        return decline(context, ResponseCode.INVALID_AMOUNT)
    facts = purchase_facts(context, tender)
    outcome = evaluate(context.table, facts, context.counters)
    if outcome.refusal is not None:
        return refuse(context, outcome.refusal)
    if request.step == Step.AUTHORISATION:
        return _authorise(context, outcome)
    if request.details.reward and not _gives(outcome, request.details.reward):
        return decline(context, ResponseCode.NOT_PERMITTED_TO_CARDHOLDER)
    posting = context.posting()
    try:
        if hold is None:
            post_grants(context, posting, outcome)
        else:
            units = 0 if outcome.tender is None else outcome.tender.granted
            if units > hold.amount:
                return decline(context, ResponseCode.EXCEEDS_LIMIT)
            posting.complete(hold, units, len(outcome.discounts) + len(outcome.costs))
            post_earnings(context, posting, outcome)
    except Shortage:
        return decline(context, ResponseCode.INSUFFICIENT_FUNDS)
    except Overflow:
        return decline(context, ResponseCode.EXCEEDS_LIMIT)
    outlay = Outlay(
        net_amount=outcome.net_amount,
        discount=outcome.discount,
        tendered=outcome.tendered,
        concerns=0 if hold is None else hold.position,
        grants=grant_records(outcome),
        counter_moves=outcome.counter_moves,
        lines=request.details.lines,
        activity=request.amount > 0,
    )
    return approve(context, posting, outlay, sale_tags(outcome), receipt_texts(context, outcome))


def purchase_facts(context: Context, tender: Tender) -> Facts:
    """Facts of a purchase, or of a reward claimed without one."""
    request = context.request
    return facts_of(
        context,
        trigger=TRIGGER_PURCHASE if request.amount else TRIGGER_BURN_REQUEST,
        amount=request.amount,
        tender=tender,
        reward=request.details.reward,
        lines=request.details.lines,
    )


def _gives(outcome: Outcome, rule_id: str) -> bool:
    """Whether a rule gave anything."""
    return any(grant.granted and grant.rule_id == rule_id for grant in (*outcome.discounts, *outcome.grants))


def refuse(context: Context, refusal: Refusal) -> Decision:
    """Decline as a rule says."""
    return decline(context, refusal.response_code, (refusal.text_fa, refusal.text_en))


def sale_tags(outcome: Outcome) -> Tags:
    """What is left to pay, where that isn't simply the amount."""
    tags: Tags = ()
    if outcome.net_amount != outcome.amount:
        tags += ((Tag.NET_AMOUNT.value, f"{outcome.net_amount:012d}"),)
    if outcome.discount:
        tags += ((Tag.DISCOUNT_AMOUNT.value, f"{outcome.discount:012d}"),)
    return tags


def first_text(outcome: Outcome) -> tuple[str, str]:
    """Member text of the first rule that granted something: it speaks for the purchase."""
    return outcome.texts[0] if outcome.texts else ("", "")


def receipt_texts(context: Context, outcome: Outcome) -> tuple[str, str]:
    """The rule's text for the receipt, and behind it what the club has for this member."""
    text_fa, text_en = first_text(outcome)
    member = context.holder.member
    if member is None:
        return text_fa, text_en
    return _with_member_text(text_fa, member.text_fa), _with_member_text(text_en, member.text_en)


def _with_member_text(text: str, member_text: str) -> str:
    """Both, or the first alone where they are too long together."""
    if not member_text or not text:
        return text or member_text
    both = f"{text}{TEXT_SEPARATOR}{member_text}"
    return both if len(both.encode()) <= TEXT_BYTES_MAX else text


def _authorise(context: Context, outcome: Outcome) -> Decision:
    """Hold what is to be paid from the purse; nothing is earned, spent or counted before the completion."""
    tender = outcome.tender
    if tender is None:
        return decline(context, ResponseCode.INVALID_AMOUNT)
    posting = context.posting()
    try:
        posting.hold(context.account(tender.purse), context.merchant_account(tender.purse), tender.granted, 0)
    except Shortage:
        return decline(context, ResponseCode.INSUFFICIENT_FUNDS)
    except Overflow:
        return decline(context, ResponseCode.EXCEEDS_LIMIT)
    outlay = Outlay(
        net_amount=outcome.net_amount,
        discount=outcome.discount,
        tendered=outcome.tendered,
        hold_until_s=context.now_s + context.table.programme.hold_minutes * MINUTE_S,
        grants=grant_records(Outcome(None, 0, 0, 0, 0, (), (), tender, (), (), ())),
    )
    return approve(context, posting, outlay, sale_tags(outcome))


def _tender(context: Context) -> tuple[Tender, ResponseCode | None]:
    """What the processing code and field 48 say about paying from a purse."""
    request = context.request
    purse = purse_of(request.processing_code)
    details = request.details
    if purse == 0:
        if details.tender_amount is not None or details.tender_units is not None:
            return NO_TENDER, ResponseCode.INVALID_TRANSACTION
        return NO_TENDER, None
    known = context.table.purses.get(purse)
    if known is None or known.unit == PurseUnit.COUNT:
        return NO_TENDER, ResponseCode.INVALID_TRANSACTION
    if details.tender_amount is not None and details.tender_units is not None:
        return NO_TENDER, ResponseCode.INVALID_TRANSACTION
    return Tender(purse, details.tender_amount, details.tender_units), None


def _hold_of(context: Context, tender: Tender) -> tuple[Hold | None, ResponseCode | None]:
    """The open hold that a completion names, and why it can't be completed."""
    request = context.request
    hold = context.state.holds.get(request.details.original_rrn)
    if hold is None or hold.expires_at_s <= context.now_s:
        return None, ResponseCode.RECORD_NOT_FOUND
    if request.step == Step.AUTHORISATION:
        return None, ResponseCode.INVALID_TRANSACTION
    merchant = context.merchant_account(tender.purse or hold.purse)
    if hold.credit_account != merchant:
        return None, ResponseCode.INVALID_MERCHANT
    if tender.purse == 0 or hold.account != context.account(tender.purse):
        return None, ResponseCode.NOT_PERMITTED_TO_CARDHOLDER
    return hold, None


def _completing_tender(context: Context, hold: Hold, tender: Tender) -> Tender:
    """A completion that doesn't say how much pays what was held, or less for a smaller bill."""
    if tender.amount is not None or tender.units is not None:
        return tender
    return Tender(tender.purse, min(hold.tendered, context.request.amount))
