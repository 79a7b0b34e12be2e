"""Queries of the transactions service."""

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from host_api.core.database import AnySession
from host_api.services.transactions.models import Balance, Transaction


async def page(
    session: AnySession,
    *,
    member_number: int | None,
    terminal_id: str | None,
    rrn: str | None,
    from_ms: int | None,
    to_ms: int | None,
    before: int | None,
    limit: int,
) -> list[Transaction]:
    """Transactions, latest first, with their transfers; times are epoch milliseconds, `to_ms` excluded."""
    statement = select(Transaction).options(selectinload(Transaction.transfers))
    if member_number is not None:
        statement = statement.where(Transaction.member_number == member_number)
    if terminal_id is not None:
        statement = statement.where(Transaction.terminal_id == terminal_id)
    if rrn is not None:
        statement = statement.where(Transaction.rrn == rrn)
    if from_ms is not None:
        statement = statement.where(Transaction.at_ms >= from_ms)
    if to_ms is not None:
        statement = statement.where(Transaction.at_ms < to_ms)
    if before is not None:
        statement = statement.where(Transaction.position < before)
    return list(await session.scalars(statement.order_by(Transaction.position.desc()).limit(limit)))


async def find(session: AnySession, rrn: str) -> Transaction | None:
    """The transaction with this RRN and its transfers."""
    return await session.scalar(
        select(Transaction)
        .where(Transaction.rrn == rrn)
        .options(selectinload(Transaction.transfers))
        .order_by(Transaction.position)
        .limit(1)
    )


async def balances(session: AnySession, member_number: int) -> list[Balance]:
    """A member's purses."""
    return list(await session.scalars(select(Balance).where(Balance.member_number == member_number)))
