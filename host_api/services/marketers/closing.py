"""Closes months: what a marketer is owed, computed once.

A statement claims all lines of its month and of earlier ones that no other has claimed, and only then sums
up. What it claims of an earlier month is an adjustment: the month's rebate with all that is claimed of it by
now, by the rates of that month, less what statements have counted for it before. So whatever comes late, in
whichever order, the sums of all statements are what one made at last would have.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import func, select, update

from host_api.core.database import AnySession, WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.money import format_amount
from host_api.core.tehran_time import tehran_date
from host_api.services.marketers import performance, rates
from host_api.services.marketers.events import STATEMENT_CLOSED, MarketerStatementEvent
from host_api.services.marketers.models import (
    Marketer,
    MarketerAdjustment,
    MarketerLine,
    MarketerStatement,
    RebateTable,
)
from host_api.services.marketers.months import (
    label_of,
    month_of,
    period_of,
    this_month_number,
    year_and_month,
)
from host_api.services.marketers.schemas import StatementState
from host_api.services.members.succession import survivor_of
from host_api.services.messages.logic import tell_member

# Nobody's club is older; a longer way back is gone at the next run.
_MOST_MONTHS: Final = 60


async def marketers_due(session: AnySession, after_id: int, now: datetime, limit: int) -> list[int]:
    """Ids of marketers behind one for whom a month is over that has no statement yet, in order."""
    this_month = this_month_number(now)
    last = (
        select(func.max(MarketerStatement.month))
        .where(MarketerStatement.marketer_id == Marketer.id)
        .scalar_subquery()
    )
    rows = await session.scalars(
        select(Marketer.id)
        .where(
            Marketer.id > after_id,
            Marketer.since < tehran_date(period_of(this_month).start),
            func.coalesce(last, 0) < this_month - 1,
        )
        .order_by(Marketer.id)
        .limit(limit)
    )
    return list(rows)


async def close_due(session: WriteSession, marketer_id: int, now: datetime) -> int:
    """Close a marketer's months that are over, the earliest first; how many."""
    marketer = await session.get_one(Marketer, marketer_id, with_for_update=True)
    before = await _last_statement(session, marketer_id)
    first = month_of(marketer.since) if before is None else before.month + 1
    months = range(first, this_month_number(now))[:_MOST_MONTHS]
    for month in months:
        before = await _close(session, marketer, month, before, now)
    return len(months)


async def _close(
    session: WriteSession,
    marketer: Marketer,
    month: int,
    before: MarketerStatement | None,
    now: datetime,
) -> MarketerStatement:
    table = await rates.table_of_month(session, month)
    statement = MarketerStatement(
        marketer_id=marketer.id,
        month=month,
        rebate_table_id=None if table is None else table.id,
        carried_in_rials=0 if before is None else before.carried_on_rials,
        adjustment_rials=0,
        closed_at=now,
        customers=0,
        new_customers=0,
        trades=0,
        turnover_rials=0,
        commission_rials=0,
        basis_points=0,
        rebate_rials=0,
        payable_rials=0,
        carried_on_rials=0,
        state=StatementState.NOTHING.value,
    )
    session.add(statement)
    await session.flush()
    await session.execute(
        update(MarketerLine)
        .where(
            MarketerLine.marketer_id == marketer.id,
            MarketerLine.month <= month,
            MarketerLine.statement_id.is_(None),
        )
        .values(statement_id=statement.id)
        .execution_options(synchronize_session=False)
    )
    found = await performance.totals(session, marketer.id, month, MarketerLine.statement_id.is_not(None))
    rebate = rates.rebate_by(table, found.turnover, found.commission)
    statement.customers, statement.trades = found.customers, found.trades
    statement.new_customers = found.new_customers + await performance.new_customers(session, marketer, month)
    statement.turnover_rials, statement.commission_rials = found.turnover, found.commission
    statement.basis_points, statement.rebate_rials = rebate
    statement.adjustment_rials = await _adjust(session, statement)
    owed = statement.rebate_rials + statement.adjustment_rials + statement.carried_in_rials
    statement.payable_rials, statement.carried_on_rials = max(owed, 0), min(owed, 0)
    if statement.payable_rials:
        statement.state = StatementState.DUE.value
        await _tell(session, marketer, statement)
    await session.flush()
    emit(session, STATEMENT_CLOSED, Subject("marketer", statement.marketer_id), event_of(statement))
    return statement


async def _adjust(session: WriteSession, statement: MarketerStatement) -> int:
    """Write what became known of earlier months; how much that gives together."""
    late = await session.execute(
        select(
            MarketerLine.month,
            func.sum(MarketerLine.turnover_rials),
            func.sum(MarketerLine.commission_rials),
        )
        .where(
            MarketerLine.marketer_id == statement.marketer_id,
            MarketerLine.statement_id == statement.id,
            MarketerLine.month < statement.month,
        )
        .group_by(MarketerLine.month)
        .order_by(MarketerLine.month)
    )
    together = 0
    for month, turnover, commission in late.all():
        found = await performance.totals(
            session, statement.marketer_id, month, MarketerLine.statement_id.is_not(None)
        )
        table = await _table_of(session, statement.marketer_id, month)
        rebate = rates.rebate_by(table, found.turnover, found.commission)
        more = rebate.rials - await _counted(session, statement.marketer_id, month)
        session.add(
            MarketerAdjustment(
                statement_id=statement.id,
                marketer_id=statement.marketer_id,
                month=month,
                turnover_rials=int(turnover),
                commission_rials=int(commission),
                basis_points=rebate.basis_points,
                rebate_rials=more,
            )
        )
        together += more
    return together


async def _table_of(session: AnySession, marketer_id: int, month: int) -> RebateTable | None:
    """The rates by which a month was closed; of one that was never closed, those as it ended."""
    closed = await session.scalar(
        select(MarketerStatement).where(
            MarketerStatement.marketer_id == marketer_id, MarketerStatement.month == month
        )
    )
    if closed is None:
        return await rates.table_of_month(session, month)
    if closed.rebate_table_id is None:
        return None
    return await session.get_one(RebateTable, closed.rebate_table_id)


async def _counted(session: AnySession, marketer_id: int, month: int) -> int:
    """What statements have counted for a month so far."""
    closed = await session.scalar(
        select(func.sum(MarketerStatement.rebate_rials)).where(
            MarketerStatement.marketer_id == marketer_id, MarketerStatement.month == month
        )
    )
    adjusted = await session.scalar(
        select(func.sum(MarketerAdjustment.rebate_rials)).where(
            MarketerAdjustment.marketer_id == marketer_id, MarketerAdjustment.month == month
        )
    )
    return int(closed or 0) + int(adjusted or 0)


async def _last_statement(session: AnySession, marketer_id: int) -> MarketerStatement | None:
    found: MarketerStatement | None = await session.scalar(
        select(MarketerStatement)
        .where(MarketerStatement.marketer_id == marketer_id)
        .order_by(MarketerStatement.month.desc())
        .limit(1)
    )
    return found


async def _tell(session: WriteSession, marketer: Marketer, statement: MarketerStatement) -> None:
    month, rials = label_of(statement.month), statement.payable_rials
    await tell_member(
        session,
        await survivor_of(session, marketer.member_id),
        topic="marketers",
        reference=f"statement:{statement.id}",
        text_fa=f"صورت‌حساب بازاریابی {month}: {format_amount(rials, 'fa')} قابل پرداخت است.",
        text_en=f"Your marketer's statement of {month}: {format_amount(rials, 'en')} payable.",
    )


def event_of(statement: MarketerStatement) -> MarketerStatementEvent:
    """What is told of a statement."""
    year, month = year_and_month(statement.month)
    return MarketerStatementEvent(
        statement_id=statement.id,
        marketer_id=statement.marketer_id,
        year=year,
        month=month,
        payable_rials=statement.payable_rials,
    )
