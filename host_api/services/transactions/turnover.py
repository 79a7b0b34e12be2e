"""Queries of what moved in accounts, for statements and timelines."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select

from host_api.core.clock import from_epoch_ms, to_epoch_ms
from host_api.core.database import AnySession
from host_api.services.transactions.account_movements import PurseMovement
from host_api.services.transactions.models import AccountMovement, Lot, Transaction


@dataclass(frozen=True, slots=True)
class Turned:
    """What one kind of movement gave and took in a purse."""

    kind: str
    received: int
    spent: int


@dataclass(frozen=True, slots=True)
class Happened:
    """One journal entry as far as it concerns accounts."""

    position: int
    at: datetime
    movements: list[PurseMovement]
    transaction: Transaction | None


async def openings(session: AnySession, account: str, before: datetime) -> dict[str, int]:
    """What each purse of an account came to before an instant; none that never moved before."""
    rows = await session.execute(
        select(AccountMovement.purse, func.sum(AccountMovement.delta))
        .where(AccountMovement.account == account, AccountMovement.at_ms < to_epoch_ms(before))
        .group_by(AccountMovement.purse)
    )
    return {purse: int(amount) for purse, amount in rows}


async def turnover(
    session: AnySession, account: str, begin: datetime, end: datetime
) -> dict[str, list[Turned]]:
    """What moved in each purse of an account within a period, by kind."""
    delta = AccountMovement.delta
    rows = await session.execute(
        select(
            AccountMovement.purse,
            AccountMovement.kind,
            func.sum(case((delta > 0, delta), else_=0)),
            func.sum(case((delta < 0, -delta), else_=0)),
        )
        .where(
            AccountMovement.account == account,
            AccountMovement.at_ms >= to_epoch_ms(begin),
            AccountMovement.at_ms < to_epoch_ms(end),
        )
        .group_by(AccountMovement.purse, AccountMovement.kind)
        .order_by(AccountMovement.purse, AccountMovement.kind)
    )
    found: dict[str, list[Turned]] = {}
    for purse, kind, received, spent in rows:
        found.setdefault(purse, []).append(Turned(kind, int(received), int(spent)))
    return found


async def lots_ending(session: AnySession, account: str, begin_s: int, end_s: int) -> list[Lot]:
    """Lots of an account that run out from `begin_s` on, before `end_s` (epoch seconds), by that time."""
    rows = await session.scalars(
        select(Lot)
        .where(
            Lot.account == account,
            Lot.expires_at_s >= begin_s,
            Lot.expires_at_s < end_s,
            Lot.amount > 0,
        )
        .order_by(Lot.expires_at_s)
    )
    return list(rows)


async def happened(
    session: AnySession, member_id: int, accounts: Collection[str], *, before: int | None, limit: int
) -> list[Happened]:
    """The latest entries before a position that are the member's or move these accounts, latest first."""
    own = select(Transaction.position).where(Transaction.member_number == member_id)
    moving = select(AccountMovement.position).where(AccountMovement.account.in_(accounts)).distinct()
    if before is not None:
        own = own.where(Transaction.position < before)
        moving = moving.where(AccountMovement.position < before)
    positions = {
        *await session.scalars(own.order_by(Transaction.position.desc()).limit(limit)),
        *await session.scalars(moving.order_by(AccountMovement.position.desc()).limit(limit)),
    }
    chosen = sorted(positions, reverse=True)[:limit]
    transactions = {
        row.position: row
        for row in await session.scalars(select(Transaction).where(Transaction.position.in_(chosen)))
    }
    movements: dict[int, list[AccountMovement]] = {}
    for row in await session.scalars(
        select(AccountMovement)
        .where(AccountMovement.account.in_(accounts), AccountMovement.position.in_(chosen))
        .order_by(AccountMovement.purse, AccountMovement.kind)
    ):
        movements.setdefault(row.position, []).append(row)
    return [_entry(position, transactions.get(position), movements.get(position, [])) for position in chosen]


def _entry(position: int, transaction: Transaction | None, moved: list[AccountMovement]) -> Happened:
    at_ms = moved[0].at_ms if transaction is None else transaction.at_ms
    movements = [PurseMovement(row.account, row.purse, row.kind, row.delta) for row in moved]
    return Happened(position, from_epoch_ms(at_ms), movements, transaction)
