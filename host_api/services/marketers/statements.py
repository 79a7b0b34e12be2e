"""Statements as they are read, and their payment: one person says it, another confirms."""

from sqlalchemy import ColumnElement, select

from host_api.core.access.caller import Caller
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.listing import Page, read_rows, read_rows_after
from host_api.core.second_person import Decision, asked_by, cancel, decide
from host_api.services.marketers.closing import event_of
from host_api.services.marketers.events import STATEMENT_PAID
from host_api.services.marketers.listing import PaymentQuery, StatementFilters, StatementQuery
from host_api.services.marketers.models import MarketerAdjustment, MarketerPayment, MarketerStatement
from host_api.services.marketers.months import month_number, year_and_month
from host_api.services.marketers.problems import PaymentNotFound, StatementNotDue, StatementNotFound
from host_api.services.marketers.schemas import (
    MarketerAdjustmentRead,
    MarketerPaymentCreate,
    MarketerPaymentRead,
    MarketerPaymentState,
    MarketerStatementDetail,
    MarketerStatementRead,
    StatementState,
)


async def read(session: AnySession, statement_id: int) -> MarketerStatementDetail:
    """One statement with the earlier months that it adjusts.

    Raises:
        StatementNotFound
    """
    row = await session.get(MarketerStatement, statement_id)
    if row is None:
        raise StatementNotFound
    adjustments = await session.scalars(
        select(MarketerAdjustment)
        .where(MarketerAdjustment.statement_id == statement_id)
        .order_by(MarketerAdjustment.month)
    )
    return MarketerStatementDetail(
        **shown(row).model_dump(), adjustments=[_adjustment(one) for one in adjustments]
    )


async def read_page(session: ReadSession, query: StatementQuery) -> Page[MarketerStatementRead]:
    """A page of statements."""
    items, next_cursor = await read_after(session, query, query.cursor, query.limit)
    return Page(items=items, next_cursor=next_cursor)


async def read_after(
    session: AnySession, query: StatementFilters, cursor: str | None, limit: int
) -> tuple[list[MarketerStatementRead], str | None]:
    """Up to `limit` statements after a cursor."""
    statement = select(MarketerStatement).where(*_months(query))
    rows, next_cursor = await read_rows_after(session, statement, query, cursor, limit)
    return [shown(row) for row in rows], next_cursor


async def ask_payment(
    session: WriteSession, caller: Caller, statement_id: int, wanted: MarketerPaymentCreate
) -> MarketerPaymentRead:
    """Say that a statement was paid; another person has to confirm it.

    Raises:
        StatementNotFound, StatementNotDue
    """
    statement = await _lock_statement(session, statement_id)
    waiting = await session.scalar(
        select(MarketerPayment.id).where(
            MarketerPayment.statement_id == statement_id, MarketerPayment.state == Decision.ASKED.value
        )
    )
    if statement.state != StatementState.DUE or waiting is not None:
        raise StatementNotDue
    row = MarketerPayment(
        statement_id=statement.id,
        amount_rials=statement.payable_rials,
        paid_on=wanted.paid_on,
        bank_reference=wanted.bank_reference,
        state=Decision.ASKED.value,
        **asked_by(caller),
    )
    session.add(row)
    await session.flush()
    return _payment(row)


async def approve_payment(
    session: WriteSession, caller: Caller, payment_id: int, note: str | None
) -> MarketerPaymentRead:
    """Confirm what another has said: the statement is paid.

    Raises:
        PaymentNotFound, AlreadyDecided, OwnAct
    """
    row = await _lock_payment(session, payment_id)
    decide(row, MarketerPaymentState.APPROVED, caller)
    row.note = note
    statement = await _lock_statement(session, row.statement_id)
    statement.state, statement.paid_on = StatementState.PAID.value, row.paid_on
    await session.flush()
    emit(session, STATEMENT_PAID, Subject("marketer", statement.marketer_id), event_of(statement))
    return _payment(row)


async def reject_payment(
    session: WriteSession, caller: Caller, payment_id: int, note: str | None
) -> MarketerPaymentRead:
    """Turn down what another has said: the statement is due as before.

    Raises:
        PaymentNotFound, AlreadyDecided, OwnAct
    """
    row = await _lock_payment(session, payment_id)
    decide(row, Decision.REJECTED, caller)
    row.note = note
    await session.flush()
    return _payment(row)


async def cancel_payment(session: WriteSession, caller: Caller, payment_id: int) -> MarketerPaymentRead:
    """Take back what one has said oneself.

    Raises:
        PaymentNotFound, AlreadyDecided, ActOfAnother
    """
    row = await _lock_payment(session, payment_id)
    cancel(row, caller)
    await session.flush()
    return _payment(row)


async def read_payments(session: ReadSession, query: PaymentQuery) -> Page[MarketerPaymentRead]:
    """A page of payments."""
    rows, next_cursor = await read_rows(session, select(MarketerPayment), query)
    return Page(items=[_payment(row) for row in rows], next_cursor=next_cursor)


async def _lock_statement(session: WriteSession, statement_id: int) -> MarketerStatement:
    row = await session.get(MarketerStatement, statement_id, with_for_update=True)
    if row is None:
        raise StatementNotFound
    return row


async def _lock_payment(session: WriteSession, payment_id: int) -> MarketerPayment:
    row = await session.get(MarketerPayment, payment_id, with_for_update=True)
    if row is None:
        raise PaymentNotFound
    return row


def _months(query: StatementFilters) -> list[ColumnElement[bool]]:
    if query.year is None:
        return []
    if query.month is not None:
        return [MarketerStatement.month == month_number(query.year, query.month)]
    return [
        MarketerStatement.month >= month_number(query.year, 1),
        MarketerStatement.month <= month_number(query.year, 12),
    ]


def shown(row: MarketerStatement) -> MarketerStatementRead:
    """A statement as the API tells of it."""
    year, month = year_and_month(row.month)
    return MarketerStatementRead(
        id=row.id,
        marketer_id=row.marketer_id,
        year=year,
        month=month,
        customers=row.customers,
        new_customers=row.new_customers,
        trades=row.trades,
        turnover_rials=row.turnover_rials,
        commission_rials=row.commission_rials,
        rebate_table_id=row.rebate_table_id,
        basis_points=row.basis_points,
        rebate_rials=row.rebate_rials,
        adjustment_rials=row.adjustment_rials,
        carried_in_rials=row.carried_in_rials,
        payable_rials=row.payable_rials,
        carried_on_rials=row.carried_on_rials,
        state=StatementState(row.state),
        closed_at=row.closed_at,
        paid_on=row.paid_on,
    )


def _adjustment(row: MarketerAdjustment) -> MarketerAdjustmentRead:
    year, month = year_and_month(row.month)
    return MarketerAdjustmentRead(
        year=year,
        month=month,
        turnover_rials=row.turnover_rials,
        commission_rials=row.commission_rials,
        basis_points=row.basis_points,
        rebate_rials=row.rebate_rials,
    )


def _payment(row: MarketerPayment) -> MarketerPaymentRead:
    return MarketerPaymentRead(
        id=row.id,
        statement_id=row.statement_id,
        state=MarketerPaymentState(row.state),
        amount_rials=row.amount_rials,
        paid_on=row.paid_on,
        bank_reference=row.bank_reference,
        asked_by=row.asked_by_name,
        asked_at=row.asked_at,
        decided_by=row.decided_by_name,
        decided_at=row.decided_at,
        note=row.note,
    )
