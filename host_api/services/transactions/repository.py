"""Queries of the transactions service."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm.attributes import set_committed_value

from host_api.core.database import AnySession
from host_api.services.transactions.models import Balance, Lot, Transaction, TransactionGrant, Transfer
from protocol.dialect import ResponseCode, TransactionType

_LINKED = 100


async def find(session: AnySession, rrn: str) -> Transaction | None:
    """The transaction with this RRN, its transfers and grants."""
    rows = await session.scalars(
        select(Transaction).where(Transaction.rrn == rrn).order_by(Transaction.position).limit(1)
    )
    return next(iter(await with_parts(session, list(rows))), None)


async def with_parts(session: AnySession, transactions: Sequence[Transaction]) -> Sequence[Transaction]:
    """The same rows, with their transfers and grants."""
    # The relationships' own loading asks for pairs of programme and position, for which SQLite reads all.
    positions = [transaction.position for transaction in transactions]
    transfers: dict[int, list[Transfer]] = {}
    grants: dict[int, list[TransactionGrant]] = {}
    for transfer in await session.scalars(
        select(Transfer)
        .where(Transfer.position.in_(positions))
        .order_by(Transfer.position, Transfer.sequence)
    ):
        transfers.setdefault(transfer.position, []).append(transfer)
    for grant in await session.scalars(
        select(TransactionGrant)
        .where(TransactionGrant.position.in_(positions))
        .order_by(TransactionGrant.position, TransactionGrant.sequence)
    ):
        grants.setdefault(grant.position, []).append(grant)
    for transaction in transactions:
        set_committed_value(transaction, "transfers", transfers.get(transaction.position, []))
        set_committed_value(transaction, "grants", grants.get(transaction.position, []))
    return transactions


async def linked_to(session: AnySession, rrn: str) -> Sequence[Transaction]:
    """Transactions that reverse the one with this RRN or are about it, in order; at most `_LINKED`."""
    found: dict[int, Transaction] = {}
    for column in (Transaction.concerns_rrn, Transaction.reverses_rrn):
        rows = await session.scalars(
            select(Transaction).where(column == rrn).order_by(Transaction.position).limit(_LINKED)
        )
        found |= {row.position: row for row in rows}
    return await with_parts(session, [found[position] for position in sorted(found)][:_LINKED])


async def of_identity(
    session: AnySession, terminal_id: str, stan: str, transmitted_at: str
) -> Sequence[Transaction]:
    """Transactions of a terminal with this STAN and transmission time, in order; at most `_LINKED`."""
    rows = await session.scalars(
        select(Transaction)
        .where(
            Transaction.terminal_id == terminal_id,
            Transaction.stan == stan,
            Transaction.transmitted_at == transmitted_at,
        )
        .order_by(Transaction.position)
        .limit(_LINKED)
    )
    return await with_parts(session, list(rows))


async def balances(session: AnySession, accounts: Sequence[str]) -> list[Balance]:
    """What was ever moved in these accounts."""
    return list(await session.scalars(select(Balance).where(Balance.account.in_(accounts))))


async def lots(session: AnySession, accounts: Sequence[str]) -> list[Lot]:
    """What is in these accounts."""
    return list(await session.scalars(select(Lot).where(Lot.account.in_(accounts))))


async def purchases_since(
    session: AnySession, member_ids: Sequence[int], since_ms: int
) -> list[tuple[int, int, int]]:
    """Member, time of the last purchase and number of purchases that stand, for those with any."""
    rows = await session.execute(
        select(Transaction.member_number, func.max(Transaction.at_ms), func.count())
        .where(
            Transaction.member_number.in_(member_ids),
            Transaction.at_ms >= since_ms,
            Transaction.mti.startswith("02"),
            Transaction.processing_code.startswith(TransactionType.PURCHASE.value),
            Transaction.response_code == ResponseCode.APPROVED.value,
            Transaction.reversed_by_rrn.is_(None),
        )
        .group_by(Transaction.member_number)
    )
    return [(member_id, last_at_ms, count) for member_id, last_at_ms, count in rows if member_id is not None]
