"""What transactions have moved in the lots of a purse, in order: for services that follow what they gave."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from host_api.core.clock import from_epoch_ms
from host_api.core.database import AnySession
from host_api.services.transactions.models import AccountMovement, Transaction
from host_api.services.transactions.operation import Operation


@dataclass(frozen=True, slots=True)
class LotLine:
    """What a transaction adds to one lot of an account; times are epoch seconds."""

    account: str
    purse: str
    available_from_s: int
    expires_at_s: int
    delta: int


@dataclass(frozen=True, slots=True)
class LotMovement:
    """One approved transaction as far as it moves lots.

    Attributes:
        concerns_rrn: the original of a return, a completion or the void of a hold.
        lines: of all its accounts and purses.
    """

    position: int
    at: datetime
    rrn: str
    operation: Operation
    concerns_rrn: str | None
    reverses_rrn: str | None
    lines: Sequence[LotLine]


async def newest_position(session: AnySession) -> int:
    """The position of the last transaction that is known; 0 where there is none."""
    return await session.scalar(select(func.max(Transaction.position))) or 0


async def lot_movements(
    session: AnySession, purse: str, *, after: int, limit: int, account: str | None = None
) -> list[LotMovement]:
    """Up to `limit` transactions behind a position that move a purse, of one account or of all."""
    moved = select(AccountMovement.position).where(
        AccountMovement.purse == purse, AccountMovement.position > after
    )
    if account is not None:
        moved = moved.where(AccountMovement.account == account)
    rows = await session.scalars(
        select(Transaction)
        .where(Transaction.position > after, Transaction.position.in_(moved))
        .order_by(Transaction.position)
        .limit(limit)
    )
    return [_movement(row) for row in rows]


async def lot_movement(session: AnySession, rrn: str) -> LotMovement | None:
    """The transaction with this RRN."""
    row = await session.scalar(
        select(Transaction).where(Transaction.rrn == rrn).order_by(Transaction.position).limit(1)
    )
    return None if row is None else _movement(row)


def _movement(row: Transaction) -> LotMovement:
    return LotMovement(
        position=row.position,
        at=from_epoch_ms(row.at_ms),
        rrn=row.rrn,
        operation=Operation(row.operation),
        concerns_rrn=row.concerns_rrn,
        reverses_rrn=row.reverses_rrn,
        lines=[LotLine(**line) for line in row.lot_lines],
    )
