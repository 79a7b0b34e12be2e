"""Returns of sales, whole, partial or by line: what a sale gave is taken back, what it took is given back.

Everything is computed from the entry of the sale, so by the rules of its day. A sale has parts: the money
paid, each of its transfers, each of its counter movements. Of every part a return settles what all returns
together should have, less what they have settled: so neither their number nor their order matters, fractions
stay with the programme, and the last return settles everything exactly.
"""

from typing import NamedTuple

from protocol.dialect import ResponseCode, Tag, TransactionType
from switch.authoriser.context import Context
from switch.authoriser.decision import Decision
from switch.authoriser.draft import Outlay, Tags, approve, decline
from switch.authoriser.request import Step
from switch.journal.entries import (
    GrantRecord,
    LotMove,
    Reason,
    TransactionEntry,
    Transfer,
    transfer_number,
)
from switch.ledger.accounts import has_lots
from switch.ledger.holds import Hold
from switch.ledger.posting import Overflow, Posting, Shortage
from switch.ledger.state import NOT_RETURNED, Returned
from switch.rules.facts import Line
from switch.rules.local_time import DAY_S
from switch.rules.outcome import CounterMove, ReturnPolicy

MONEY_PART = 0
_SPENT = (Reason.SPEND, Reason.COST)


class _Sale(NamedTuple):
    """A sale, how much of it has come back before and how much has after this return."""

    position: int
    entry: TransactionEntry
    before: Returned
    after: Returned

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left after this return."""
        return self.after.amount == self.entry.amount

    def due(self, part: int, target: int) -> int:
        """What this return has to settle of a part, of which `target` is to be settled in all."""
        return max(target - self.before.part(part), 0)

    def share(self, amount: int) -> int:
        """Returned share of an amount, rounded down."""
        return amount * self.after.amount // self.entry.amount

    def taken_back(self, transfer: Transfer) -> int:
        """How much of an earning is gone after this return: fractions are the member's loss."""
        grant, amount = self.entry.grants[transfer.grant], transfer.amount
        if grant.on_return == ReturnPolicy.KEEP:
            return 0
        if grant.on_return == ReturnPolicy.FULL or self.is_whole:
            return amount
        back, whole = self._returned_basis(grant)
        return amount - amount * (whole - back) // whole if whole else amount

    def given_back(self, transfer: Transfer) -> int:
        """How much of a spending has come back after this return: fractions wait for the last part."""
        grant, amount = self.entry.grants[transfer.grant], transfer.amount
        if grant.on_return == ReturnPolicy.KEEP:
            return 0
        if self.is_whole:
            return amount
        if grant.on_return == ReturnPolicy.FULL:
            return 0
        back, whole = self._returned_basis(grant)
        return amount * back // whole if whole else 0

    def _returned_basis(self, grant: GrantRecord) -> tuple[int, int]:
        """Returned part and whole of what a grant was computed from."""
        if grant.on_return != ReturnPolicy.BY_LINE or not grant.lines:
            return self.after.amount, self.entry.amount
        places = [index for index in range(len(self.entry.lines)) if grant.lines >> index & 1]
        whole = sum(self.entry.lines[index].amount for index in places)
        named = sum(self.after.line(index) for index in places)
        # What came back without saying which lines counts against these lines: in doubt for the programme.
        unnamed = self.after.amount - sum(self.after.line_amounts)
        return min(whole, named + unnamed), whole


def decide_return(context: Context) -> Decision:
    """Decide a return of the sale that ORIGINAL_RRN names, or the voiding of the hold that it names."""
    request, state = context.request, context.state
    position = request.details.original_rrn
    if request.step == Step.AUTHORISATION:
        return decline(context, ResponseCode.INVALID_TRANSACTION)
    hold = state.holds.get(position)
    if hold is not None:
        return _void(context, hold)
    entry = state.find_entry(position) if position else None
    fault = _fault(context, entry)
    if fault is not None or not isinstance(entry, TransactionEntry):
        return decline(context, fault or ResponseCode.RECORD_NOT_FOUND)
    before = state.returns.get(position, NOT_RETURNED)
    line_returns = _line_returns(entry.lines, before, request.details.lines)
    if line_returns is None:
        return decline(context, ResponseCode.INVALID_TRANSACTION)
    if line_returns and sum(amount for _, amount in line_returns) != request.amount:
        return decline(context, ResponseCode.INVALID_AMOUNT)
    if before.is_undone or before.amount + request.amount > entry.amount:
        return decline(context, ResponseCode.EXCEEDS_LIMIT)
    sale = _Sale(position, entry, before, before.plus(request.amount, line_returns))
    posting = context.posting()
    try:
        settled = _give_back_spendings(sale, posting) + _take_back_earnings(sale, posting)
    except Shortage:
        return decline(context, ResponseCode.INSUFFICIENT_FUNDS)
    except Overflow:
        return decline(context, ResponseCode.EXCEEDS_LIMIT)
    refund = sale.due(MONEY_PART, sale.share(entry.net_amount))
    moves, counted = _restored_counters(sale)
    outlay = Outlay(
        net_amount=refund,
        concerns=position,
        # The transfers name the sale's grants by their place.
        grants=entry.grants,
        counter_moves=moves,
        line_returns=line_returns,
        part_returns=tuple(sorted([*([(MONEY_PART, refund)] if refund else []), *settled, *counted])),
    )
    return approve(context, posting, outlay, _tags(refund, posting))


def _fault(context: Context, entry: object) -> ResponseCode | None:
    """Why this can't be a return of that entry."""
    request = context.request
    if not isinstance(entry, TransactionEntry) or not is_sale(entry):
        return ResponseCode.RECORD_NOT_FOUND
    if request.amount == 0:
        return ResponseCode.INVALID_AMOUNT
    return bounds_fault(context, entry)


def bounds_fault(context: Context, entry: TransactionEntry) -> ResponseCode | None:
    """Why nothing of that entry can come back to this holder, at this merchant, today."""
    request = context.request
    if entry.merchant_id != request.merchant_id:
        return ResponseCode.INVALID_MERCHANT
    holder = context.holder
    same = (
        entry.member_number == holder.member_number
        if entry.member_number is not None
        else entry.card_reference == holder.card_reference and holder.member is None
    )
    if not same:
        return ResponseCode.NOT_PERMITTED_TO_CARDHOLDER
    if context.now_s > entry.looked_at_s + context.table.programme.return_days * DAY_S:
        return ResponseCode.EXCEEDS_LIMIT
    if request.details.original_rrn < context.state.returns.floor:
        return ResponseCode.EXCEEDS_LIMIT
    return None


def is_sale(entry: TransactionEntry) -> bool:
    """Whether an entry is an approved purchase, which can be returned."""
    return (
        entry.mti in ("0200", "0220")
        and entry.processing_code.startswith(TransactionType.PURCHASE.value)
        and entry.response_code == ResponseCode.APPROVED
        and entry.amount > 0
    )


def is_returnable(entry: TransactionEntry) -> bool:
    """Whether an entry can be returned: a sale, or an adjustment that took."""
    return is_sale(entry) or is_debit_adjustment(entry)


def is_debit_adjustment(entry: TransactionEntry) -> bool:
    """Whether an entry is an approved adjustment that took from a purse."""
    return (
        entry.mti in ("0200", "0220")
        and entry.processing_code.startswith(TransactionType.DEBIT_ADJUSTMENT.value)
        and entry.response_code == ResponseCode.APPROVED
    )


def _line_returns(
    sold: tuple[Line, ...], before: Returned, wanted: tuple[Line, ...]
) -> tuple[tuple[int, int], ...] | None:
    """Index and amount of each returned line; None where a line wasn't sold or has come back already."""
    found: dict[int, int] = {}
    for line in wanted:
        left = line.amount
        for index, candidate in enumerate(sold):
            if candidate.sku != line.sku or candidate.category != line.category:
                continue
            room = candidate.amount - before.line(index) - found.get(index, 0)
            part = min(left, room)
            if part > 0:
                found[index] = found.get(index, 0) + part
                left -= part
        if left:
            return None
    return tuple(sorted(found.items()))


def _give_back_spendings(sale: _Sale, posting: Posting) -> list[tuple[int, int]]:
    """Post what comes back of spendings; the parts settled by it."""
    settled = []
    for index, transfer in enumerate(sale.entry.transfers):
        part = _transfer_part(index)
        amount = sale.due(part, sale.given_back(transfer)) if transfer.reason in _SPENT else 0
        if amount:
            settled.append((part, amount))
            posting.give_back(
                transfer.credit,
                transfer.debit,
                amount,
                Reason.RETURN,
                transfer.grant,
                taken_lots(sale.entry, index),
                sale.before.part(part),
                transfer_number(sale.position, index),
            )
    return settled


def _take_back_earnings(sale: _Sale, posting: Posting) -> list[tuple[int, int]]:
    """Post what goes of earnings; the parts settled by it."""
    settled = []
    for index, transfer in enumerate(sale.entry.transfers):
        part = _transfer_part(index)
        amount = sale.due(part, sale.taken_back(transfer)) if transfer.reason == Reason.EARN else 0
        if not amount:
            continue
        settled.append((part, amount))
        grant = sale.entry.grants[transfer.grant]
        number = transfer_number(sale.position, index)
        if has_lots(transfer.credit):
            posting.take_back(
                transfer.credit,
                transfer.debit,
                amount,
                Reason.RETURN,
                transfer.grant,
                grant.available_from_s,
                grant.expires_at_s,
                grant.allow_negative,
                number,
            )
        else:
            posting.plain(transfer.credit, transfer.debit, amount, Reason.RETURN, transfer.grant, number)
    return settled


def _transfer_part(index: int) -> int:
    return MONEY_PART + 1 + index


def taken_lots(entry: TransactionEntry, index: int) -> tuple[LotMove, ...]:
    """The lots that a transfer was taken from."""
    return tuple(move for move in entry.lot_moves if move.transfer == index and move.delta < 0)


def _restored_counters(sale: _Sale) -> tuple[tuple[CounterMove, ...], list[tuple[int, int]]]:
    """Counts of amounts come back by the share returned, counts of occasions with the last part."""
    restored, settled = [], []
    first = _transfer_part(len(sale.entry.transfers))
    for part, move in enumerate(sale.entry.counter_moves, start=first):
        if not move.restore:
            continue
        target = (move.delta if sale.is_whole else 0) if move.is_use else sale.share(move.delta)
        back = sale.due(part, target)
        if back:
            settled.append((part, back))
            restored.append(move._replace(delta=-back))
    return tuple(restored), settled


def _tags(refund: int, posting: Posting) -> Tags:
    units = sum(transfer.amount for transfer in posting.transfers if has_lots(transfer.credit))
    tags: Tags = ((Tag.REFUND_AMOUNT.value, f"{refund:012d}"),)
    if units:
        tags += ((Tag.REFUND_UNITS.value, f"{units:012d}"),)
    return tags


def _void(context: Context, hold: Hold) -> Decision:
    """Release a hold of the same merchant and holder, whole."""
    if hold.credit_account != context.merchant_account(hold.purse):
        return decline(context, ResponseCode.INVALID_MERCHANT)
    if hold.account != context.account(hold.purse):
        return decline(context, ResponseCode.NOT_PERMITTED_TO_CARDHOLDER)
    posting = context.posting()
    posting.release(hold)
    return approve(context, posting, Outlay(concerns=hold.position))
