"""Queries of the transactions service."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from host_api.core.database import AnySession
from host_api.services.transactions.models import Balance, Lot, Transaction

_PARTS = (selectinload(Transaction.transfers), selectinload(Transaction.grants))


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
    """Transactions, latest first, with their parts; times are epoch milliseconds, `to_ms` excluded."""
    statement = select(Transaction).options(*_PARTS)
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
    """The transaction with this RRN, its transfers and grants."""
    return await session.scalar(
        select(Transaction)
        .where(Transaction.rrn == rrn)
        .options(*_PARTS)
        .order_by(Transaction.position)
        .limit(1)
    )


async def balances(session: AnySession, accounts: Sequence[str]) -> list[Balance]:
    """What was ever moved in these accounts."""
    return list(await session.scalars(select(Balance).where(Balance.account.in_(accounts))))


async def lots(session: AnySession, accounts: Sequence[str]) -> list[Lot]:
    """What is in these accounts."""
    return list(await session.scalars(select(Lot).where(Lot.account.in_(accounts))))
