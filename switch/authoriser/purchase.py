"""Purchases that earn, purchases paid from a purse, and balance inquiries."""

from typing import NamedTuple

from protocol.dialect import IRR, ProcessingCode, ResponseCode, Tag
from switch.authoriser.decision import Decision, Reply, reply_of
from switch.authoriser.request import Inquiry, Purchase
from switch.journal.entries import Reason, TransactionEntry, Transfer
from switch.ledger.accounts import LIABILITY, AccountKind, account_number, member_account
from switch.ledger.purses import BALANCE_MAX, PURSES, PurseCode
from switch.ledger.records import CardRecord, MemberRecord, Role, Status, TerminalRecord
from switch.ledger.state import State
from switch.rules.evaluator import Grant, earnings, tender
from switch.rules.table import RuleTable

Balances = tuple[tuple[PurseCode, int], ...]

_TENDER_PURSES = {
    ProcessingCode.PURCHASE_FROM_POINTS: PurseCode.POINTS,
    ProcessingCode.PURCHASE_FROM_CREDIT: PurseCode.CREDIT,
}
_EARNED_TAGS = (
    (PurseCode.POINTS, Tag.POINTS_EARNED.value),
    (PurseCode.CREDIT, Tag.CREDIT_EARNED.value),
)
_SPENT_TAGS = ((PurseCode.POINTS, Tag.POINTS_SPENT.value), (PurseCode.CREDIT, Tag.CREDIT_SPENT.value))
_MEMBER_NAME, _MEMBER_TIER = Tag.MEMBER_NAME.value, Tag.MEMBER_TIER.value
_MEMBER_TEXT_FA, _MEMBER_TEXT_EN = Tag.MEMBER_TEXT_FA.value, Tag.MEMBER_TEXT_EN.value
_RULE_TABLE_VERSION = Tag.RULE_TABLE_VERSION.value


class _Holder(NamedTuple):
    """Who stands behind a card, as far as that is known, and why that is not enough."""

    card: CardRecord | None
    member: MemberRecord | None
    fault: ResponseCode | None


def decide_purchase(
    state: State, table: RuleTable, request: Purchase, terminal: TerminalRecord, now_ms: int
) -> Decision:
    """Decide a purchase; declined ones are journaled too, so that their repeats get the same answer."""
    holder = _holder(state, request.card_token)
    fault = _request_fault(state, request, terminal) or holder.fault
    grants: list[Grant] = []
    transfers: tuple[Transfer, ...] = ()
    if fault is None and holder.member is not None:
        grants, fault = _grants(table, request)
        transfers = tuple([_transfer(state, grant, request, holder.member.number) for grant in grants])
    number = None if holder.member is None else holder.member.number
    balances = balances_after(state, number, transfers)
    fault = fault or _ledger_fault(state, transfers, balances)
    if fault is not None and transfers:
        transfers = ()
        balances = balances_after(state, number, transfers)
    position = state.position + 1
    entry = TransactionEntry(
        at_ms=now_ms,
        mti="0200",
        terminal_id=request.identity.terminal_id,
        stan=request.identity.stan,
        transmitted_s=request.identity.transmitted_s,
        digest=request.identity.digest,
        processing_code=request.processing_code,
        amount=request.amount,
        currency=request.currency,
        merchant_id=request.merchant_id,
        branch_number=terminal.branch_number,
        card_reference=None if holder.card is None else holder.card.reference,
        member_number=number,
        response_code=fault or ResponseCode.APPROVED,
        approval_code="" if fault else f"{position % 1_000_000:06d}",
        rule_table_version=state.rule_table_version,
        reverses=0,
        original_s=0,
        original_stan=0,
        transfers=transfers,
        balances=balances,
        reply_tags=() if fault else _approved_tags(state, holder.member, grants, transfers),
    )
    return Decision(entry, reply_of(position, entry))


def decide_inquiry(state: State, table: RuleTable, request: Inquiry, terminal: TerminalRecord) -> Decision:
    """Answer a balance inquiry; it changes nothing, so nothing is journaled."""
    holder = _holder(state, request.card_token)
    fault = _merchant_fault(state, request.merchant_id, terminal) or holder.fault
    if request.processing_code != ProcessingCode.BALANCE_INQUIRY or request.currency != IRR:
        fault = ResponseCode.INVALID_TRANSACTION
    if fault is not None or holder.member is None:
        return Decision(None, Reply(fault or ResponseCode.INVALID_CARD_NUMBER))
    return Decision(
        None,
        Reply(
            ResponseCode.APPROVED,
            balances=balances_after(state, holder.member.number, ()),
            tags=member_tags(holder.member),
        ),
    )


def balances_after(state: State, member_number: int | None, transfers: tuple[Transfer, ...]) -> Balances:
    """A member's balances once the transfers are posted; empty without a member."""
    if member_number is None:
        return ()
    balances = []
    for purse in PURSES:
        account = member_account(member_number, purse)
        balance = state.accounts.balance(account)
        for transfer in transfers:
            if transfer.credit == account:
                balance += transfer.amount
            elif transfer.debit == account:
                balance -= transfer.amount
        balances.append((purse, balance))
    return tuple(balances)


def member_tags(member: MemberRecord) -> tuple[tuple[str, str], ...]:
    """Tags that name the member on the receipt."""
    return ((_MEMBER_NAME, member.name), (_MEMBER_TIER, member.tier))


def _request_fault(state: State, request: Purchase, terminal: TerminalRecord) -> ResponseCode | None:
    fault = _merchant_fault(state, request.merchant_id, terminal)
    if fault is not None:
        return fault
    known = request.processing_code == ProcessingCode.PURCHASE or request.processing_code in _TENDER_PURSES
    if not known or request.currency != IRR:
        return ResponseCode.INVALID_TRANSACTION
    return ResponseCode.INVALID_AMOUNT if request.amount == 0 else None


def _merchant_fault(state: State, merchant_id: str, terminal: TerminalRecord) -> ResponseCode | None:
    """A terminal acts for its own merchant, a host for any that has a terminal."""
    permitted = (
        merchant_id in state.merchant_ordinals
        if terminal.role == Role.HOST
        else merchant_id == terminal.merchant_id
    )
    return None if permitted else ResponseCode.INVALID_MERCHANT


def _holder(state: State, card_token: bytes) -> _Holder:
    card = state.cards.get(card_token)
    if card is None:
        return _Holder(None, None, ResponseCode.INVALID_CARD_NUMBER)
    member = state.members.get(card.member_number)
    if member is None:
        return _Holder(card, None, ResponseCode.INVALID_CARD_NUMBER)
    if card.status != Status.ACTIVE:
        return _Holder(card, member, ResponseCode.RESTRICTED_CARD)
    if member.status != Status.ACTIVE:
        return _Holder(card, member, ResponseCode.NOT_PERMITTED_TO_CARDHOLDER)
    return _Holder(card, member, None)


def _grants(table: RuleTable, request: Purchase) -> tuple[list[Grant], ResponseCode | None]:
    """What the rules give or take. The part paid from a purse earns nothing, and here that is all of it."""
    for processing_code, purse in _TENDER_PURSES.items():
        if request.processing_code == processing_code:
            paid = tender(table, purse, request.amount)
            return ([], ResponseCode.NOT_PERMITTED_TO_CARDHOLDER) if paid is None else ([paid], None)
    return earnings(table, request.amount), None


def _transfer(state: State, grant: Grant, request: Purchase, member_number: int) -> Transfer:
    purse = grant.purse
    member = member_account(member_number, purse)
    rule_id = grant.rule.rule_id
    if request.processing_code == ProcessingCode.PURCHASE:
        liability = account_number(AccountKind.PROGRAMME, LIABILITY, purse)
        return Transfer(purse, liability, member, grant.amount, Reason.EARN, rule_id, 0)
    ordinal = state.merchant_ordinals[request.merchant_id]
    merchant = account_number(AccountKind.MERCHANT, ordinal, purse)
    return Transfer(purse, member, merchant, grant.amount, Reason.SPEND, rule_id, 0)


def _ledger_fault(state: State, transfers: tuple[Transfer, ...], balances: Balances) -> ResponseCode | None:
    """Why transfers can't be posted that would lead to these balances."""
    for transfer in transfers:
        for purse, balance in balances:
            if purse != transfer.purse:
                continue
            if balance > BALANCE_MAX:
                return ResponseCode.EXCEEDS_LIMIT
            if balance < 0 and transfer.reason == Reason.SPEND and not PURSES[purse].spending_may_overdraw:
                return ResponseCode.INSUFFICIENT_FUNDS
        if transfer.amount > BALANCE_MAX or not state.accounts.has_room(transfer):
            return ResponseCode.EXCEEDS_LIMIT
    return None


def _approved_tags(
    state: State, member: MemberRecord | None, grants: list[Grant], transfers: tuple[Transfer, ...]
) -> tuple[tuple[str, str], ...]:
    found = [
        (tag, f"{_sum(transfers, purse, reason):012d}")
        for reason, tags in ((Reason.EARN, _EARNED_TAGS), (Reason.SPEND, _SPENT_TAGS))
        for purse, tag in tags
    ]
    if member is not None:
        found += member_tags(member)
    found.append((_RULE_TABLE_VERSION, f"{state.rule_table_version:08d}"))
    if grants:
        # The grants stand in evaluation order: the first one's rule speaks for the purchase.
        rule = grants[0].rule
        found += ((_MEMBER_TEXT_FA, rule.member_text_fa), (_MEMBER_TEXT_EN, rule.member_text_en))
    return tuple(found)


def _sum(transfers: tuple[Transfer, ...], purse: PurseCode, reason: Reason) -> int:
    amount = 0
    for transfer in transfers:
        if transfer.purse == purse and transfer.reason == reason:
            amount += transfer.amount
    return amount
