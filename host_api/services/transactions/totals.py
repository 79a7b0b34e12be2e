"""Sums of a search: by operation, approved and not, of the latest so many transactions."""

from sqlalchemy import func, select

from host_api.core.database import ReadSession
from host_api.services.transactions import search
from host_api.services.transactions.listing import TransactionFilters
from host_api.services.transactions.models import Transaction
from host_api.services.transactions.operation import Operation
from host_api.services.transactions.schemas import OperationTotals, TotalsRead
from host_api.services.transactions.standing import Standing

# A search that finds more tells the sums of its latest ones.
MOST_SUMMED = 100_000

_SUMS = ("amount", "discount", "tendered", "net_amount", "returned_amount")


async def totals(session: ReadSession, query: TransactionFilters, *, most: int = MOST_SUMMED) -> TotalsRead:
    """The sums of what `query` finds.

    Raises:
        ValidationFailed
    """
    statement = (await search.statement_of(session, query)).where(*query.filters())
    columns = [Transaction.operation, Transaction.standing, *(getattr(Transaction, name) for name in _SUMS)]
    found = (
        statement.with_only_columns(*columns).order_by(query.sort_column("id").desc()).limit(most).subquery()
    )
    is_declined = found.c.standing == Standing.DECLINED.value
    rows = await session.execute(
        select(
            found.c.operation,
            is_declined,
            func.count(),
            *(func.coalesce(func.sum(found.c[name]), 0) for name in _SUMS),
        )
        .group_by(found.c.operation, is_declined)
        .order_by(found.c.operation, is_declined)
    )
    items = [
        OperationTotals(
            operation=Operation(operation),
            approved=not declined,
            count=count,
            **{name: int(value) for name, value in zip(_SUMS, sums, strict=True)},
        )
        for operation, declined, count, *sums in rows
    ]
    count = sum(item.count for item in items)
    return TotalsRead(count=count, is_complete=count < most, items=items)
