"""Where a transaction stands after whatever came later, as the feed tells it."""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import islice

from sqlalchemy import select

from host_api.core.database import WriteSession
from host_api.services.transactions.models import Transaction
from host_api.services.transactions.operation import SALES, Operation, operation_of
from protocol.dialect import ResponseCode
from protocol.feed import Event, MaintenanceEvent, TransactionEvent

_RRNS_AT_ONCE = 500
# What gives a part of its original back; of an adjustment both amounts are units.
_RETURNS = (Operation.RETURN, Operation.DEBIT_RETURN)


class Standing(StrEnum):
    """Where a transaction stands.

    DECLINED was refused. STANDS was approved and nothing was undone. REVERSED was taken back whole by a
    reversal, RETURNED and PART_RETURNED by returns of the sale. HELD, COMPLETED, VOIDED and EXPIRED are an
    authorisation's: its hold is open, was spent, was released, or ran out.
    """

    DECLINED = "declined"
    STANDS = "stands"
    REVERSED = "reversed"
    PART_RETURNED = "part_returned"
    RETURNED = "returned"
    HELD = "held"
    COMPLETED = "completed"
    VOIDED = "voided"
    EXPIRED = "expired"


def standing_at_first(event: TransactionEvent) -> Standing:
    """Where a transaction stands when it has been decided."""
    if event.response_code != ResponseCode.APPROVED:
        return Standing.DECLINED
    is_hold = operation_of(event.mti, event.processing_code) is Operation.AUTHORISATION
    return Standing.HELD if is_hold and event.hold_until_s is not None else Standing.STANDS


async def change_standings(session: WriteSession, events: Sequence[Event]) -> None:
    """Bring the originals that `events` reverse, return, complete, void or let run out up to date.

    The transactions among `events` are in the session already.
    """
    originals = await _originals(session, events)
    for event in events:
        if isinstance(event, MaintenanceEvent):
            for rrn in event.released_holds:
                _end_hold(originals.get(rrn), Standing.EXPIRED)
        elif isinstance(event, TransactionEvent) and event.response_code == ResponseCode.APPROVED:
            if event.reverses is not None:
                _reverse(originals, event)
            elif event.concerns is not None:
                _follow(originals.get(event.concerns), event)


def _reverse(originals: dict[str, Transaction], event: TransactionEvent) -> None:
    original = originals.get(event.reverses or "")
    if original is None or original.position >= event.position or original.reversed_by_rrn is not None:
        return
    original.reversed_by_rrn = event.rrn
    if original.standing == Standing.DECLINED:
        return
    original.standing = Standing.REVERSED.value
    sale = originals.get(original.concerns_rrn or "")
    if sale is not None and original.operation in _RETURNS:
        _return(sale, -original.amount)


def _follow(original: Transaction | None, event: TransactionEvent) -> None:
    if original is None:
        return
    operation = operation_of(event.mti, event.processing_code)
    if operation in _RETURNS:
        if original.operation == Operation.AUTHORISATION:
            _end_hold(original, Standing.VOIDED)
        else:
            _return(original, event.amount)
    elif operation in SALES:
        _end_hold(original, Standing.COMPLETED)


def _return(sale: Transaction, amount: int) -> None:
    sale.returned_amount += amount
    if sale.standing in {Standing.STANDS, Standing.PART_RETURNED, Standing.RETURNED}:
        sale.standing = _after_returns(sale).value


def _after_returns(sale: Transaction) -> Standing:
    if sale.returned_amount <= 0:
        return Standing.STANDS
    return Standing.PART_RETURNED if sale.returned_amount < sale.amount else Standing.RETURNED


def _end_hold(original: Transaction | None, standing: Standing) -> None:
    if original is not None and original.standing == Standing.HELD:
        original.standing = standing.value


async def _originals(session: WriteSession, events: Iterable[Event]) -> dict[str, Transaction]:
    """The transactions that `events` may change, by RRN; with a reversed return also its sale."""
    rrns: set[str] = set()
    reversed_rrns: set[str] = set()
    for event in events:
        if isinstance(event, MaintenanceEvent):
            rrns.update(event.released_holds)
        elif isinstance(event, TransactionEvent):
            rrns.update(rrn for rrn in (event.reverses, event.concerns) if rrn is not None)
            reversed_rrns.update(() if event.reverses is None else (event.reverses,))
    found = await _with_rrns(session, rrns)
    sales = {
        original.concerns_rrn
        for rrn in reversed_rrns
        if (original := found.get(rrn)) is not None and original.concerns_rrn is not None
    }
    return found | await _with_rrns(session, sales - found.keys())


async def _with_rrns(session: WriteSession, rrns: Iterable[str]) -> dict[str, Transaction]:
    found: dict[str, Transaction] = {}
    for some in _chunks(sorted(rrns)):
        rows = await session.scalars(select(Transaction).where(Transaction.rrn.in_(some)))
        # Sorted here: asked to, SQLite would read all transactions in their order.
        for row in sorted(rows, key=lambda row: row.position):
            found.setdefault(row.rrn, row)
    return found


def _chunks(rrns: Iterable[str]) -> Iterator[list[str]]:
    iterator = iter(rrns)
    while chunk := list(islice(iterator, _RRNS_AT_ONCE)):
        yield chunk
