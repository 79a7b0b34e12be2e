"""A decision in the making: what the rules decided becomes postings, and these an entry and its reply."""

from typing import NamedTuple

from protocol.balances import BALANCES_MAX
from protocol.dialect import PurseCode, ResponseCode, Tag
from switch.authoriser.context import Context
from switch.authoriser.decision import Decision, reply_of
from switch.authoriser.request import Step
from switch.journal.entries import (
    GrantRecord,
    LotMove,
    Reason,
    RecordChange,
    TransactionEntry,
    Transfer,
)
from switch.ledger.accounts import PURSE_MASK, ProgrammeAccount, account_number, programme_account
from switch.ledger.posting import Posting
from switch.ledger.records import MemberRecord
from switch.ledger.state import purse_account, tier_of
from switch.rules.facts import Line
from switch.rules.outcome import CounterMove, EffectType, Funding, Grant, Outcome, Party

Balances = tuple[tuple[int, int], ...]
Tags = tuple[tuple[str, str], ...]

POINTS = int(PurseCode.POINTS)
CREDIT = int(PurseCode.CREDIT)
_ITEMS_BYTES_MAX = 96
_COUNTED = (EffectType.ITEM, EffectType.VOUCHER, EffectType.TICKET)
_EARNED_TAGS = ((POINTS, Tag.POINTS_EARNED.value), (CREDIT, Tag.CREDIT_EARNED.value))
_SPENT_TAGS = ((POINTS, Tag.POINTS_SPENT.value), (CREDIT, Tag.CREDIT_SPENT.value))
_MTI = {Step.AUTHORISATION: "0100", Step.FINANCIAL: "0200", Step.ADVICE: "0220"}


class Outlay(NamedTuple):
    """What an approved decision adds to its entry besides postings; see `TransactionEntry`."""

    net_amount: int = 0
    discount: int = 0
    tendered: int = 0
    concerns: int = 0
    hold_until_s: int = 0
    grants: tuple[GrantRecord, ...] = ()
    counter_moves: tuple[CounterMove, ...] = ()
    lines: tuple[Line, ...] = ()
    line_returns: tuple[tuple[int, int], ...] = ()
    part_returns: tuple[tuple[int, int], ...] = ()
    activity: bool = False
    record_changes: tuple[RecordChange, ...] = ()


NOTHING = Outlay()


def decline(
    context: Context, code: str, texts: tuple[str, str] = ("", ""), outlay: Outlay = NOTHING
) -> Decision:
    """Decline, with the rule's own words where it has some. Journaled, so that a repeat hears the same."""
    tags: Tags = ()
    if texts != ("", ""):
        tags = ((Tag.MEMBER_TEXT_FA.value, texts[0]), (Tag.MEMBER_TEXT_EN.value, texts[1]))
    balances = balances_after(context, ()) if context.holder.member is not None else ()
    return _decision(context, code, outlay, transfers=(), lot_moves=(), balances=balances, tags=tags)


def approve(
    context: Context, posting: Posting, outlay: Outlay, own_tags: Tags = (), texts: tuple[str, str] = ("", "")
) -> Decision:
    """Approve what a posting holds."""
    transfers, lot_moves = posting.finish()
    balances = balances_after(context, lot_moves)
    tags = [*_moved_tags(transfers), *own_tags]
    if context.holder.member is not None:
        tags += member_tags(context, context.holder.member)
    tags.append((Tag.RULE_TABLE_VERSION.value, f"{context.table_version:08d}"))
    items = _items_text(outlay.grants)
    if items:
        tags.append((Tag.ITEMS.value, items))
    if texts != ("", ""):
        tags += ((Tag.MEMBER_TEXT_FA.value, texts[0]), (Tag.MEMBER_TEXT_EN.value, texts[1]))
    return _decision(
        context,
        ResponseCode.APPROVED,
        outlay,
        transfers=transfers,
        lot_moves=lot_moves,
        balances=balances,
        tags=tuple(tags),
    )


def post_grants(context: Context, posting: Posting, outcome: Outcome) -> None:
    """Post everything an outcome moves: costs, what is paid from a purse, then earnings by their funders.

    Grants count from 0 in the order of `grant_records`. Raises Shortage or Overflow.
    """
    if outcome.tender is not None:
        purse = outcome.tender.purse
        posting.spend(
            context.account(purse),
            context.merchant_account(purse),
            outcome.tender.granted,
            Reason.SPEND,
            len(outcome.discounts) + len(outcome.costs),
        )
    post_earnings(context, posting, outcome)


def post_earnings(context: Context, posting: Posting, outcome: Outcome) -> None:
    """Post costs and earnings, without what pays the bill. Raises Shortage or Overflow."""
    index = len(outcome.discounts)
    for cost in outcome.costs:
        posting.spend(
            context.account(cost.purse),
            programme_account(ProgrammeAccount.LIABILITY, cost.purse),
            cost.granted,
            Reason.COST,
            index,
        )
        index += 1
    if outcome.tender is not None:
        index += 1
    for grant in outcome.grants:
        if grant.granted:
            _post_earning(context, posting, grant, index)
        index += 1


def grant_records(outcome: Outcome) -> tuple[GrantRecord, ...]:
    """All grants of an outcome as an entry keeps them."""
    tender = () if outcome.tender is None else (outcome.tender,)
    return tuple(
        [
            # A GrantRecord is a Grant without its last field, the funding, which the transfers tell.
            GrantRecord(*grant[:-1])
            for grant in (*outcome.discounts, *outcome.costs, *tender, *outcome.grants)
        ]
    )


def balances_after(context: Context, lot_moves: tuple[LotMove, ...]) -> Balances:
    """What the holder can spend once lot moves are applied: points, credit and some others."""
    if not context.holder.can_hold:
        return ()
    now_s, found = context.now_s, context.balances
    if lot_moves:
        found = dict(found)
        for _, account, available_from_s, expires_at_s, delta in lot_moves:
            if available_from_s <= now_s < expires_at_s or expires_at_s == 0:
                purse = account & PURSE_MASK
                if account == context.holder.account(context.table, purse):
                    found[purse] = found.get(purse, 0) + delta
    others = sorted([pair for pair in found.items() if pair[1] and pair[0] not in (POINTS, CREDIT)])
    first = [(purse, found.get(purse, 0)) for purse in (POINTS, CREDIT) if purse in context.table.purses]
    return tuple((first + others)[:BALANCES_MAX])


def member_tags(context: Context, member: MemberRecord) -> Tags:
    """Tags that name the member on the receipt."""
    return (
        (Tag.MEMBER_NAME.value, member.name),
        (Tag.MEMBER_TIER.value, tier_of(context.state, context.table, member)),
    )


def _post_earning(context: Context, posting: Posting, grant: Grant, index: int) -> None:
    credit = _beneficiary(context, grant)
    for funding in grant.funding:
        debit = _funder(context, funding, grant.purse)
        if debit == credit:
            continue
        if grant.party in (Party.MEMBER, Party.HOUSEHOLD, Party.GIFT_CARD):
            posting.earn(
                debit,
                credit,
                funding.amount,
                Reason.CONVERT if grant.type == EffectType.CONVERT else Reason.EARN,
                index,
                grant.available_from_s,
                grant.expires_at_s,
            )
        else:
            posting.plain(debit, credit, funding.amount, Reason.EARN, index)


def _beneficiary(context: Context, grant: Grant) -> int:
    if grant.party == Party.MEMBER and grant.number == (context.holder.member_number or 0):
        return context.account(grant.purse)
    if grant.party == Party.MEMBER:
        return purse_account(context.state.members[grant.number], context.table.purses[grant.purse])
    return account_number(grant.party, grant.number, grant.purse)


def _funder(context: Context, funding: Funding, purse: int) -> int:
    if funding.party == Party.PROGRAMME:
        return programme_account(ProgrammeAccount.LIABILITY, purse)
    return account_number(funding.party, funding.number, purse)


def _moved_tags(transfers: tuple[Transfer, ...]) -> Tags:
    sums = {
        (Reason.EARN, POINTS): 0,
        (Reason.EARN, CREDIT): 0,
        (Reason.SPEND, POINTS): 0,
        (Reason.SPEND, CREDIT): 0,
    }
    for transfer in transfers:
        reason = Reason.SPEND if transfer.reason == Reason.COST else transfer.reason
        key = (reason, transfer.purse)
        if key in sums:
            sums[key] += transfer.amount
    return tuple(
        (tag, f"{sums[reason, purse]:012d}")
        for reason, tags in ((Reason.EARN, _EARNED_TAGS), (Reason.SPEND, _SPENT_TAGS))
        for purse, tag in tags
    )


def _items_text(grants: tuple[GrantRecord, ...]) -> str:
    """Free items, vouchers and tickets for the receipt, as many whole ones as there's room for."""
    text = ""
    for grant in grants:
        if grant.type not in _COUNTED or not grant.granted:
            continue
        longer = f"{text};{grant.granted}x{grant.reference}".lstrip(";")
        if len(longer.encode()) > _ITEMS_BYTES_MAX:
            break
        text = longer
    return text


def _decision(
    context: Context,
    code: str,
    outlay: Outlay,
    *,
    transfers: tuple[Transfer, ...],
    lot_moves: tuple[LotMove, ...],
    balances: Balances,
    tags: Tags,
) -> Decision:
    request, state = context.request, context.state
    position = state.position + 1
    entry = TransactionEntry(
        at_ms=context.now_ms,
        mti=_MTI[request.step],
        terminal_id=request.identity.terminal_id,
        stan=request.identity.stan,
        transmitted_s=request.identity.transmitted_s,
        digest=request.identity.digest,
        processing_code=request.processing_code,
        amount=request.amount,
        currency=request.currency,
        merchant_id=request.merchant_id,
        branch_number=context.branch_number,
        card_reference=context.holder.card_reference,
        member_number=context.holder.member_number,
        response_code=code,
        approval_code=f"{position % 1_000_000:06d}" if code == ResponseCode.APPROVED else "",
        rule_table_version=context.table_version,
        reverses=0,
        original_s=0,
        original_stan=0,
        looked_at_s=context.looked_at_s,
        concerns=outlay.concerns,
        net_amount=outlay.net_amount,
        discount=outlay.discount,
        tendered=outlay.tendered,
        hold_until_s=outlay.hold_until_s,
        grants=outlay.grants,
        transfers=transfers,
        lot_moves=lot_moves,
        counter_moves=outlay.counter_moves,
        lines=outlay.lines,
        line_returns=outlay.line_returns,
        part_returns=outlay.part_returns,
        activity=outlay.activity,
        record_changes=outlay.record_changes,
        balances=balances,
        reply_tags=tags,
    )
    return Decision(entry, reply_of(position, entry))
