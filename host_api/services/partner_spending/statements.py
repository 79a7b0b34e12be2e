"""Partners' accounts: a line for each debit and each return, and their sums for a time."""

from datetime import timedelta
from typing import Final

from sqlalchemy import case, func, select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.listing import Page, read_rows, read_rows_after
from host_api.core.tehran_time import period_of_days
from host_api.services.partner_spending import partners
from host_api.services.partner_spending.listing import MovementFilters, MovementQuery, StatementQuery
from host_api.services.partner_spending.models import PartnerMovement, PartnerSpending
from host_api.services.partner_spending.problems import StatementPeriod
from host_api.services.partner_spending.schemas import (
    PartnerMovementKind,
    PartnerMovementRead,
    PartnerStatement,
)

_LONGEST: Final = timedelta(days=366)


def write(session: WriteSession, spending: PartnerSpending, kind: PartnerMovementKind, rrn: str) -> None:
    """Add a line to a partner's account; of each kind a spending has one."""
    sign = 1 if kind is PartnerMovementKind.DEBIT else -1
    session.add(
        PartnerMovement(
            partner_id=spending.partner_id,
            spending_id=spending.id,
            reference=spending.reference,
            kind=kind.value,
            at=utc_now(),
            units=sign * spending.units,
            rials=sign * spending.rials,
            commission_rials=sign * spending.commission_rials,
            rrn=rrn,
        )
    )


async def read(session: ReadSession, partner_id: int, query: StatementQuery) -> PartnerStatement:
    """What a partner is owed for some days.

    Raises:
        PartnerNotFound, StatementPeriod
    """
    await partners.find(session, partner_id)
    first, last = query.days
    if not timedelta() <= last - first < _LONGEST:
        raise StatementPeriod
    period = period_of_days(first, last)
    is_debit = PartnerMovement.kind == PartnerMovementKind.DEBIT.value
    debits, returns, units, rials, commission = (
        await session.execute(
            select(
                func.coalesce(func.sum(case((is_debit, 1), else_=0)), 0),
                func.coalesce(func.sum(case((is_debit, 0), else_=1)), 0),
                *(
                    func.coalesce(func.sum(column), 0)
                    for column in (
                        PartnerMovement.units,
                        PartnerMovement.rials,
                        PartnerMovement.commission_rials,
                    )
                ),
            ).where(
                PartnerMovement.partner_id == partner_id,
                PartnerMovement.at >= period.start,
                PartnerMovement.at < period.end,
            )
        )
    ).one()
    return PartnerStatement(
        partner_id=partner_id,
        begin=period.start,
        end=period.end,
        debits=int(debits),
        returns=int(returns),
        units=int(units),
        rials=int(rials),
        commission_rials=int(commission),
        owed_rials=int(rials) - int(commission),
    )


async def read_page(session: ReadSession, query: MovementQuery) -> Page[PartnerMovementRead]:
    """A page of lines."""
    rows, next_cursor = await read_rows(session, select(PartnerMovement), query)
    return Page(items=[_shown(row) for row in rows], next_cursor=next_cursor)


async def read_after(
    session: AnySession, query: MovementFilters, cursor: str | None, limit: int
) -> tuple[list[PartnerMovementRead], str | None]:
    """Up to `limit` lines after `cursor`, and the cursor of those behind them."""
    rows, next_cursor = await read_rows_after(session, select(PartnerMovement), query, cursor, limit)
    return [_shown(row) for row in rows], next_cursor


def _shown(row: PartnerMovement) -> PartnerMovementRead:
    return PartnerMovementRead(
        id=row.id,
        partner_id=row.partner_id,
        reference=row.reference,
        kind=PartnerMovementKind(row.kind),
        at=row.at,
        units=row.units,
        rials=row.rials,
        commission_rials=row.commission_rials,
        rrn=row.rrn,
    )
