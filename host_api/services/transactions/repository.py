"""Queries of the transactions service."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from host_api.core.database import AnySession
from host_api.services.transactions.models import Balance, Lot, Transaction

PARTS = (selectinload(Transaction.transfers), selectinload(Transaction.grants))


async def find(session: AnySession, rrn: str) -> Transaction | None:
    """The transaction with this RRN, its transfers and grants."""
    return await session.scalar(
        select(Transaction)
        .where(Transaction.rrn == rrn)
        .options(*PARTS)
        .order_by(Transaction.position)
        .limit(1)
    )


async def balances(session: AnySession, accounts: Sequence[str]) -> list[Balance]:
    """What was ever moved in these accounts."""
    return list(await session.scalars(select(Balance).where(Balance.account.in_(accounts))))


async def lots(session: AnySession, accounts: Sequence[str]) -> list[Lot]:
    """What is in these accounts."""
    return list(await session.scalars(select(Lot).where(Lot.account.in_(accounts))))
