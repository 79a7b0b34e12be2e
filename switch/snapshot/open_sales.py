"""Sections of holds and of what came back of sales."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from switch.journal.entries import LotMove
from switch.ledger.holds import Hold
from switch.ledger.returns import Returned
from switch.ledger.state import State
from switch.ledger.stores import in_order
from switch.snapshot.columns import ColumnFault, ColumnReader, ColumnWriter

_Item = TypeVar("_Item")


def dump_holds(state: State, out: ColumnWriter) -> None:
    """Open holds by position. A card or member that there is none of is told from its number 0 by a flag."""
    holds = [hold for _, hold in in_order(state.holds)]
    out.number(len(holds))
    out.numbers([hold.position for hold in holds])
    out.numbers([hold.transfer for hold in holds])
    out.numbers([hold.account for hold in holds])
    out.numbers([hold.credit_account for hold in holds])
    out.amounts([hold.amount for hold in holds])
    out.numbers([hold.expires_at_s for hold in holds])
    out.words([hold.terminal_id for hold in holds])
    out.words([hold.merchant_id for hold in holds])
    _put_optional(out, [hold.card_reference for hold in holds])
    _put_optional(out, [hold.member_number for hold in holds])
    out.amounts([hold.tendered for hold in holds])
    moves = [move for hold in holds for move in hold.lots]
    out.numbers([len(hold.lots) for hold in holds])
    out.number(len(moves))
    out.numbers([move.transfer for move in moves])
    out.numbers([move.account for move in moves])
    out.numbers([move.available_from_s for move in moves])
    out.numbers([move.expires_at_s for move in moves])
    out.amounts([move.delta for move in moves])


def load_holds(state: State, columns: ColumnReader) -> None:
    """What `dump_holds` wrote, into a state without holds."""
    count = columns.count()
    heads = zip(
        *[columns.numbers(count) for _ in range(4)],
        columns.amounts(count),
        columns.numbers(count),
        columns.words(count).of_records(),
        columns.words(count).of_records(),
        _optional(columns, count),
        _optional(columns, count),
        columns.amounts(count),
        strict=True,
    )
    sizes = columns.numbers(count)
    move_count = columns.count()
    if sum(sizes) != move_count:
        raise ColumnFault("lots of holds aren't as many as counted")
    moves = map(
        LotMove._make,
        zip(*[columns.numbers(move_count) for _ in range(4)], columns.amounts(move_count), strict=True),
    )
    for head, lots in zip(heads, _groups(moves, sizes), strict=True):
        position, transfer, account, credit, amount, until_s, terminal, merchant, card, member, paid = head
        state.holds.open(
            Hold(
                position=position,
                transfer=transfer,
                account=account,
                credit_account=credit,
                amount=amount,
                lots=tuple(lots),
                expires_at_s=until_s,
                terminal_id=terminal,
                merchant_id=merchant,
                card_reference=card,
                member_number=member,
                tendered=paid,
            )
        )
    if len(state.holds) != count:
        raise ColumnFault("a hold is there twice")


def dump_returns(state: State, out: ColumnWriter) -> None:
    """Days, and what came back of each one's sales by position."""
    days = [(day, first, sorted(group.items())) for day, first, group in state.returns.days()]
    sales = [sale for _, _, group in days for sale in group]
    out.number(len(days))
    out.numbers([day for day, _, _ in days])
    out.numbers([first for _, first, _ in days])
    out.numbers([len(group) for _, _, group in days])
    out.number(len(sales))
    out.numbers([position for position, _ in sales])
    out.amounts([returned.amount for _, returned in sales])
    out.numbers([returned.is_undone for _, returned in sales])
    _put_groups(out, [returned.line_amounts for _, returned in sales])
    _put_groups(out, [returned.settled for _, returned in sales])


def load_returns(state: State, columns: ColumnReader) -> None:
    """What `dump_returns` wrote."""
    day_count = columns.count()
    days, firsts = columns.numbers(day_count), columns.numbers(day_count)
    sizes = columns.numbers(day_count)
    count = columns.count()
    if not day_count or sum(sizes) != count:
        raise ColumnFault("returns aren't as many as counted")
    positions, amounts, undone = columns.numbers(count), columns.amounts(count), columns.numbers(count)
    lines, settled = _amounts_of(columns, count), _amounts_of(columns, count)
    sales = zip(
        positions,
        [
            Returned(amount, tuple(of_lines), tuple(of_parts), bool(is_undone))
            for amount, of_lines, of_parts, is_undone in zip(amounts, lines, settled, undone, strict=True)
        ],
        strict=True,
    )
    groups = [dict(group) for group in _groups(sales, sizes)]
    if any(len(group) != size for group, size in zip(groups, sizes, strict=True)):
        raise ColumnFault("a sale is there twice")
    state.returns.restore(zip(days, firsts, groups, strict=True))


def _put_optional(out: ColumnWriter, numbers: Sequence[int | None]) -> None:
    out.numbers([number is not None for number in numbers])
    out.numbers([number or 0 for number in numbers])


def _optional(columns: ColumnReader, count: int) -> list[int | None]:
    known, numbers = columns.numbers(count), columns.numbers(count)
    return [number if is_known else None for is_known, number in zip(known, numbers, strict=True)]


def _put_groups(out: ColumnWriter, groups: Sequence[tuple[int, ...]]) -> None:
    amounts = [amount for group in groups for amount in group]
    out.numbers([len(group) for group in groups])
    out.number(len(amounts))
    out.amounts(amounts)


def _amounts_of(columns: ColumnReader, count: int) -> list[list[int]]:
    sizes = columns.numbers(count)
    amount_count = columns.count()
    if sum(sizes) != amount_count:
        raise ColumnFault("amounts aren't as many as counted")
    return list(_groups(columns.amounts(amount_count), sizes))


def _groups(items: Iterable[_Item], sizes: Iterable[int]) -> Iterator[list[_Item]]:
    """Items in groups of these sizes."""
    left = iter(items)
    for size in sizes:
        yield list(islice(left, size))
