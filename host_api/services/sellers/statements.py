"""Statements of sellers' accounts, and the money that settles them."""

from datetime import timedelta
from typing import Final

from sqlalchemy import func, select

from host_api.core.access.caller import Caller
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.listing import Page, read_rows, read_rows_after
from host_api.core.second_person import asked_by, decide
from host_api.core.tehran_time import period_of_days
from host_api.services.sellers import accounts, logic
from host_api.services.sellers.listing import (
    SellerLineFilters,
    SellerLineQuery,
    SellerSettlementQuery,
    SellerStatementQuery,
)
from host_api.services.sellers.models import SellerLine, SellerSettlement
from host_api.services.sellers.problems import SellerSettlementNotFound, SellerStatementPeriod
from host_api.services.sellers.schemas import (
    SellerLineRead,
    SellerSettlementCreate,
    SellerSettlementRead,
    SellerStatement,
    SellerSum,
)
from host_api.services.sellers.states import SellerLineKind, SellerSettlementState

_SERVICE: Final = "sellers"
_LONGEST: Final = timedelta(days=366)


async def read(session: ReadSession, seller_id: int, query: SellerStatementQuery) -> SellerStatement:
    """A seller's account for some days.

    Raises:
        SellerNotFound, SellerStatementPeriod
    """
    await logic.find(session, seller_id)
    first, last = query.days
    if not timedelta() <= last - first < _LONGEST:
        raise SellerStatementPeriod
    period = period_of_days(first, last)
    of_seller = SellerLine.seller_id == seller_id
    opening = await session.scalar(
        select(func.coalesce(func.sum(SellerLine.rials), 0)).where(of_seller, SellerLine.at < period.start)
    )
    rows = await session.execute(
        select(SellerLine.kind, func.count(SellerLine.id), func.sum(SellerLine.rials))
        .where(of_seller, SellerLine.at >= period.start, SellerLine.at < period.end)
        .group_by(SellerLine.kind)
        .order_by(SellerLine.kind)
    )
    sums = [
        SellerSum(kind=SellerLineKind(kind), lines=count, rials=int(rials)) for kind, count, rials in rows
    ]
    return SellerStatement(
        seller_id=seller_id,
        begin=period.start,
        end=period.end,
        opening_rials=int(opening or 0),
        sums=sums,
        closing_rials=int(opening or 0) + sum(each.rials for each in sums),
    )


async def read_lines(session: ReadSession, query: SellerLineQuery) -> Page[SellerLineRead]:
    """A page of lines."""
    rows, next_cursor = await read_rows(session, select(SellerLine), query)
    return Page(items=[SellerLineRead.model_validate(row) for row in rows], next_cursor=next_cursor)


async def read_lines_after(
    session: AnySession, query: SellerLineFilters, cursor: str | None, limit: int
) -> tuple[list[SellerLineRead], str | None]:
    """Up to `limit` lines after `cursor`, and the cursor of those behind them."""
    rows, next_cursor = await read_rows_after(session, select(SellerLine), query, cursor, limit)
    return [SellerLineRead.model_validate(row) for row in rows], next_cursor


async def ask_settlement(
    session: WriteSession, caller: Caller, wanted: SellerSettlementCreate
) -> SellerSettlementRead:
    """Tell that money was paid; a second person confirms it.

    Raises:
        SellerNotFound
    """
    await logic.find(session, wanted.seller_id)
    row = SellerSettlement(**wanted.model_dump(), **asked_by(caller), state=SellerSettlementState.ASKED.value)
    session.add(row)
    await session.flush()
    return _shown(row)


async def decide_settlement(
    session: WriteSession, caller: Caller, settlement_id: int, state: SellerSettlementState
) -> SellerSettlementRead:
    """Confirm or reject it, as the second person; what is confirmed is in the account.

    Raises:
        SellerSettlementNotFound, AlreadyDecided, OwnAct
    """
    row = await session.get(SellerSettlement, settlement_id, with_for_update=True)
    if row is None:
        raise SellerSettlementNotFound
    decide(row, state, caller)
    if state is SellerSettlementState.APPROVED:
        await accounts.book(
            session,
            row.seller_id,
            -row.rials,
            SellerLineKind.SETTLEMENT,
            service=_SERVICE,
            reference=f"settlement-{row.id}",
        )
    await session.flush()
    return _shown(row)


async def read_settlements(session: ReadSession, query: SellerSettlementQuery) -> Page[SellerSettlementRead]:
    """A page of settlements."""
    rows, next_cursor = await read_rows(session, select(SellerSettlement), query)
    return Page(items=[_shown(row) for row in rows], next_cursor=next_cursor)


def _shown(row: SellerSettlement) -> SellerSettlementRead:
    return SellerSettlementRead(
        id=row.id,
        seller_id=row.seller_id,
        rials=row.rials,
        bank_reference=row.bank_reference,
        state=SellerSettlementState(row.state),
        asked_by=row.asked_by_name,
        asked_at=row.asked_at,
        decided_by=row.decided_by_name,
        decided_at=row.decided_at,
    )
