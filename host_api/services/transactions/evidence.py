"""What the projection shows to reconciliation: the transactions of one terminal, and sums of lots."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from host_api.core.database import AnySession
from host_api.services.transactions.account_movements import HOLDERS, holder_of
from host_api.services.transactions.models import Lot, Transaction
from protocol.dialect import ResponseCode


@dataclass(frozen=True, slots=True)
class Evidence:
    """One transaction as far as it tells of a request."""

    position: int
    at_ms: int
    mti: str
    processing_code: str
    stan: str
    transmitted_at: str
    rrn: str
    member_id: int | None
    amount: int
    is_approved: bool
    reversed_by_rrn: str | None

    @property
    def stands(self) -> bool:
        """Whether it was approved and not undone."""
        return self.is_approved and self.reversed_by_rrn is None


async def of_terminal(
    session: AnySession, terminal_id: str, *, after: int, up_to: int, limit: int
) -> list[Evidence]:
    """Transactions of a terminal or host behind a position, in order."""
    rows = await session.scalars(
        select(Transaction)
        .where(
            Transaction.terminal_id == terminal_id,
            Transaction.position > after,
            Transaction.position <= up_to,
        )
        .order_by(Transaction.position)
        .limit(limit)
    )
    return [_evidence(row) for row in rows]


async def with_rrns(session: AnySession, rrns: Iterable[str]) -> dict[str, Evidence]:
    """Transactions by RRN."""
    rows = await session.scalars(select(Transaction).where(Transaction.rrn.in_(list(rrns))))
    return {row.rrn: _evidence(row) for row in rows}


async def with_identity(
    session: AnySession, terminal_id: str, stan: str, transmitted_at: str, *, since_ms: int, until_ms: int
) -> list[Evidence]:
    """Transactions of a terminal with this STAN and transmission time, decided within a span of time."""
    rows = await session.scalars(
        select(Transaction)
        .where(
            Transaction.terminal_id == terminal_id,
            Transaction.stan == stan,
            Transaction.transmitted_at == transmitted_at,
            Transaction.at_ms >= since_ms,
            Transaction.at_ms < until_ms,
        )
        .order_by(Transaction.position)
    )
    return [_evidence(row) for row in rows]


async def lot_sums(session: AnySession) -> dict[tuple[str, str], int]:
    """Sums of all lots by kind of holder and purse; none where all is zero."""
    sums: dict[tuple[str, str], int] = {}
    for holder in HOLDERS:
        rows = await session.execute(
            select(Lot.purse, func.sum(Lot.amount))
            .where(Lot.account.startswith(f"{holder}:"))
            .group_by(Lot.purse)
        )
        sums |= {(holder, purse): int(amount) for purse, amount in rows if amount}
    return sums


def _evidence(row: Transaction) -> Evidence:
    return Evidence(
        position=row.position,
        at_ms=row.at_ms,
        mti=row.mti,
        processing_code=row.processing_code,
        stan=row.stan,
        transmitted_at=row.transmitted_at,
        rrn=row.rrn,
        member_id=row.member_number,
        amount=row.amount,
        is_approved=row.response_code == ResponseCode.APPROVED,
        reversed_by_rrn=row.reversed_by_rrn,
    )


def moved(
    sums: dict[tuple[str, str], int], lots: Sequence[tuple[str, str, int]]
) -> dict[tuple[str, str], int]:
    """`sums` after account, purse and delta of further lots."""
    after = dict(sums)
    for account, purse, delta in lots:
        key = (holder_of(account), purse)
        after[key] = after.get(key, 0) + delta
    return {key: amount for key, amount in after.items() if amount}
