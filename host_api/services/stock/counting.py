"""Stocktaking: what people count beside what the ledger says; differences become entries."""

from typing import Final

from sqlalchemy import func, select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.events.emission import Subject, emit
from host_api.core.listing import Page, read_rows
from host_api.services.merchants import logic as merchants
from host_api.services.stock import logic
from host_api.services.stock.events import STOCK_COUNTED, StockCounted
from host_api.services.stock.listing import StockCountLineQuery, StockCountQuery
from host_api.services.stock.logic import StockMove
from host_api.services.stock.models import StockCount, StockCountLine
from host_api.services.stock.problems import (
    StockCountEnded,
    StockCountFull,
    StockCountNotFound,
    StockCountOpen,
)
from host_api.services.stock.schemas import (
    StockCountCreate,
    StockCountings,
    StockCountLineRead,
    StockCountRead,
    StockCountState,
    StockEntryKind,
)

# More are counted part by part: a closing is one transaction.
MOST_LINES: Final = 5_000


async def open_count(session: WriteSession, wanted: StockCountCreate, caller: Caller) -> StockCountRead:
    """Begin a stocktaking.

    Raises:
        merchants.BranchNotFound, StockCountOpen
    """
    await merchants.find_branch(session, wanted.branch_id)
    count = StockCount(
        branch_id=wanted.branch_id,
        state=StockCountState.OPEN.value,
        note=wanted.note,
        opened_at=utc_now(),
        opened_by_name=caller.name,
        ended_at=None,
        ended_by_name=None,
    )
    session.add(count)
    async with conflict_as(StockCountOpen()):
        await session.flush()
    return StockCountRead.model_validate(count)


async def note_counted(
    session: WriteSession, count_id: int, wanted: StockCountings, caller: Caller
) -> list[StockCountLineRead]:
    """Write down what was counted, each beside its level now.

    Raises:
        StockCountNotFound, StockCountEnded, StockCountFull, products.StoreProductNotFound,
        ProductOfAnotherMerchant
    """
    count = await _lock_open(session, count_id)
    known = await session.scalar(
        select(func.count()).select_from(StockCountLine).where(StockCountLine.count_id == count_id)
    )
    if (known or 0) + len(wanted.lines) > MOST_LINES:
        raise StockCountFull
    noted = []
    for line in sorted(wanted.lines, key=lambda each: each.product_id):
        await logic.check_product(session, count.branch_id, line.product_id)
        expected = await logic.locked_level(session, count.branch_id, line.product_id)
        row = await session.scalar(
            select(StockCountLine).where(
                StockCountLine.count_id == count_id, StockCountLine.product_id == line.product_id
            )
        )
        if row is None:
            row = StockCountLine(count_id=count_id, product_id=line.product_id)
            session.add(row)
        row.counted, row.expected = line.counted, expected
        row.counted_at, row.by_name = utc_now(), caller.name
        await session.flush()
        noted.append(_line(row))
    return noted


async def close(session: WriteSession, count_id: int, caller: Caller) -> StockCountRead:
    """Book the differences.

    Raises:
        StockCountNotFound, StockCountEnded, NotInStock: more was sold since than was counted
    """
    count = await _lock_open(session, count_id)
    rows = await session.scalars(
        select(StockCountLine).where(StockCountLine.count_id == count_id).order_by(StockCountLine.id)
    )
    lines = list(rows)
    moves = [
        StockMove(line.product_id, line.counted - line.expected, f"products.{line.product_id}")
        for line in lines
        if line.counted != line.expected
    ]
    await logic.book(session, count.branch_id, moves, StockEntryKind.COUNT, caller, document_id=count_id)
    emit(
        session,
        STOCK_COUNTED,
        Subject("stock_count", count_id),
        StockCounted(count_id=count_id, branch_id=count.branch_id, lines=len(lines), differing=len(moves)),
    )
    return await _end(session, count, StockCountState.CLOSED, caller)


async def cancel(session: WriteSession, count_id: int, caller: Caller) -> StockCountRead:
    """Leave the levels as they are.

    Raises:
        StockCountNotFound, StockCountEnded
    """
    return await _end(session, await _lock_open(session, count_id), StockCountState.CANCELLED, caller)


async def read(session: AnySession, count_id: int) -> StockCountRead:
    """One stocktaking.

    Raises:
        StockCountNotFound
    """
    count = await session.get(StockCount, count_id)
    if count is None:
        raise StockCountNotFound
    return StockCountRead.model_validate(count)


async def read_page(session: ReadSession, query: StockCountQuery) -> Page[StockCountRead]:
    """A page of stocktakings."""
    rows, next_cursor = await read_rows(session, select(StockCount), query)
    return Page(items=[StockCountRead.model_validate(row) for row in rows], next_cursor=next_cursor)


async def read_lines(
    session: ReadSession, count_id: int, query: StockCountLineQuery
) -> Page[StockCountLineRead]:
    """A page of a stocktaking's lines.

    Raises:
        StockCountNotFound
    """
    await read(session, count_id)
    statement = select(StockCountLine).where(StockCountLine.count_id == count_id)
    rows, next_cursor = await read_rows(session, statement, query)
    return Page(items=[_line(row) for row in rows], next_cursor=next_cursor)


async def _lock_open(session: WriteSession, count_id: int) -> StockCount:
    count = await session.scalar(select(StockCount).where(StockCount.id == count_id).with_for_update())
    if count is None:
        raise StockCountNotFound
    if count.state != StockCountState.OPEN:
        raise StockCountEnded
    return count


async def _end(
    session: WriteSession, count: StockCount, state: StockCountState, caller: Caller
) -> StockCountRead:
    count.state, count.ended_at, count.ended_by_name = state.value, utc_now(), caller.name
    await session.flush()
    return StockCountRead.model_validate(count)


def _line(row: StockCountLine) -> StockCountLineRead:
    return StockCountLineRead(
        product_id=row.product_id,
        counted=row.counted,
        expected=row.expected,
        difference=row.counted - row.expected,
        counted_at=row.counted_at,
        by_name=row.by_name,
    )
