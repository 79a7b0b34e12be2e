"""Inquiries: balances, "you would earn", "you could spend". They change nothing, so nothing is journaled."""

from protocol.dialect import ProcessingCode, ResponseCode, Tag
from switch.authoriser.context import Context
from switch.authoriser.decision import Decision, Reply
from switch.authoriser.draft import CREDIT, POINTS, Tags, balances_after, member_tags
from switch.authoriser.facts import Tender
from switch.authoriser.purchase import purchase_facts, receipt_texts, sale_tags
from switch.rules.evaluator import evaluate
from switch.rules.outcome import EffectType, Grant, Outcome
from switch.rules.table import Effect, RuleTable

_GRANTS_BYTES_MAX = 160


def decide_inquiry(context: Context) -> Decision:
    """Answer an inquiry of a holder who may be served."""
    code = context.request.processing_code
    if code == ProcessingCode.WOULD_EARN:
        return _would_earn(context)
    tags: Tags = ()
    if code == ProcessingCode.AVAILABLE_FUNDS:
        tags = _could_spend(context)
    elif code != ProcessingCode.BALANCE_INQUIRY:
        return Decision(None, Reply(ResponseCode.INVALID_TRANSACTION))
    return _answer(context, tags)


def _would_earn(context: Context) -> Decision:
    """What a purchase of this amount would come to, without anything of it happening."""
    if context.request.amount == 0:
        return Decision(None, Reply(ResponseCode.INVALID_AMOUNT))
    outcome = evaluate(context.table, purchase_facts(context, Tender()), context.counters)
    refusal = outcome.refusal
    if refusal is not None:
        tags: Tags = ()
        if refusal.text_fa or refusal.text_en:
            tags = _text_tags((refusal.text_fa, refusal.text_en))
        return Decision(None, Reply(refusal.response_code, tags=tags))
    tags = (
        (Tag.POINTS_EARNED.value, f"{_earned(outcome, POINTS):012d}"),
        (Tag.CREDIT_EARNED.value, f"{_earned(outcome, CREDIT):012d}"),
        *sale_tags(outcome),
    )
    text = _grants_text(context, outcome)
    if text:
        tags += ((Tag.GRANTS.value, text),)
    texts = receipt_texts(context, outcome)
    if texts != ("", ""):
        tags += _text_tags(texts)
    return _answer(context, tags)


def _could_spend(context: Context) -> Tags:
    """How much of the bill (or of any bill, where none is named) the best single purse could pay."""
    most = max((_payable_from(context, purse) for purse in context.table.purses), default=0)
    return ((Tag.COULD_SPEND.value, f"{most:012d}"),)


def _payable_from(context: Context, purse: int) -> int:
    """What one purse could pay: the most within the tender's bounds, proved by the rules themselves."""
    table = context.table
    available = context.state.lots.available(context.account(purse), context.now_s)
    available += table.purses[purse].overdraft_max
    if available <= 0:
        return 0
    trial = _with_tender(context, Tender(purse, None, available))
    effect = _tender_effect(table, trial, purse)
    if effect is None:
        return 0
    if not context.request.amount:
        bill = available * effect.per // effect.give
        context = context._replace(request=context.request._replace(amount=bill))
    if trial.tender is not None and context.request.amount == trial.amount:
        return trial.tendered
    units = min(available, effect.maximum or available)
    part = context.request.amount * (effect.share_max or 1000) // 1000
    units = min(units, part * effect.give // effect.per)
    units -= units % (effect.step or 1)
    return _with_tender(context, Tender(purse, None, units)).tendered if units > 0 else 0


def _with_tender(context: Context, tender: Tender) -> Outcome:
    return evaluate(context.table, purchase_facts(context, tender), context.counters)


def _tender_effect(table: RuleTable, outcome: Outcome, purse: int) -> Effect | None:
    """The tender that an evaluation used, or refused because of its bounds."""
    refusal = outcome.refusal
    rule_id = refusal.rule_id if refusal is not None else outcome.tender.rule_id if outcome.tender else ""
    for rule in table.rules:
        if rule.rule_id == rule_id:
            for effect in rule.effects:
                if effect.type == EffectType.TENDER and effect.purse == purse:
                    return effect
    return None


def _answer(context: Context, tags: Tags) -> Decision:
    if context.holder.member is not None:
        tags = (*tags, *member_tags(context, context.holder.member))
    pending = _pending(context)
    if pending:
        tags = (*tags, (Tag.POINTS_PENDING.value, f"{pending:012d}"))
    return Decision(None, Reply(ResponseCode.APPROVED, balances=balances_after(context, ()), tags=tags))


def _pending(context: Context) -> int:
    return context.state.lots.pending(context.account(POINTS), context.now_s)


def _earned(outcome: Outcome, purse: int) -> int:
    return sum(
        grant.granted for grant in outcome.grants if grant.purse == purse and grant.type == EffectType.EARN
    )


def _grants_text(context: Context, outcome: Outcome) -> str:
    """Rule by rule what would be granted, as many whole ones as there's room for."""
    text = ""
    for grant in (*outcome.discounts, *outcome.grants):
        if not grant.granted:
            continue
        longer = f"{text};{grant.rule_id}={_granted_text(context, grant)}".lstrip(";")
        if len(longer.encode()) > _GRANTS_BYTES_MAX:
            break
        text = longer
    return text


def _granted_text(context: Context, grant: Grant) -> str:
    if grant.type == EffectType.DISCOUNT:
        return f"-{grant.granted}"
    return f"{grant.granted} {context.table.purses[grant.purse].name}"


def _text_tags(texts: tuple[str, str]) -> Tags:
    return ((Tag.MEMBER_TEXT_FA.value, texts[0]), (Tag.MEMBER_TEXT_EN.value, texts[1]))
