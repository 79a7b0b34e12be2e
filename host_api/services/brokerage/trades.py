"""Trades as they are listed, summed up and ranked."""

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from host_api.core.database import AnySession, ReadSession
from host_api.core.listing import Page, read_rows, read_rows_after
from host_api.core.tehran_time import period_of_days
from host_api.services.brokerage.listing import (
    RankBy,
    SymbolDayFilters,
    SymbolDayQuery,
    SymbolRankQuery,
    TradeConditions,
    TradeFilters,
    TradeQuery,
    TradeReportQuery,
    TraderRankQuery,
)
from host_api.services.brokerage.models import SymbolDay, Trade, TradeReport
from host_api.services.brokerage.problems import TradeNotFound
from host_api.services.brokerage.schemas import (
    AssetType,
    SymbolDayRead,
    SymbolRank,
    TradeRead,
    TradeRefusal,
    TradeReportRead,
    TradeReportState,
    TraderRank,
    TradeSide,
    TurnoverRead,
    TurnoverSide,
)
from host_api.services.member_merging.logic import records_of


async def read(session: AnySession, trade_id: int) -> TradeRead:
    """One trade.

    Raises:
        TradeNotFound
    """
    row = await session.get(Trade, trade_id)
    if row is None:
        raise TradeNotFound
    return _shown(row)


async def read_page(session: ReadSession, query: TradeQuery) -> Page[TradeRead]:
    """A page of trades."""
    rows, next_cursor = await read_rows(
        session, select(Trade).where(*await _of_member(session, query)), query
    )
    return Page(items=[_shown(row) for row in rows], next_cursor=next_cursor)


async def read_after(
    session: AnySession, query: TradeFilters, cursor: str | None, limit: int
) -> tuple[list[TradeRead], str | None]:
    """Up to `limit` trades after a cursor."""
    statement = select(Trade).where(*await _of_member(session, query))
    rows, next_cursor = await read_rows_after(session, statement, query, cursor, limit)
    return [_shown(row) for row in rows], next_cursor


async def read_reports(session: ReadSession, query: TradeReportQuery) -> Page[TradeReportRead]:
    """A page of rows that were imported."""
    rows, next_cursor = await read_rows(session, select(TradeReport), query)
    return Page(items=[_report(row) for row in rows], next_cursor=next_cursor)


async def turnover(session: AnySession, query: TradeConditions) -> TurnoverRead:
    """Sums of the trades that weren't cancelled, by side."""
    statement = select(
        Trade.side,
        func.count(Trade.id),
        func.sum(Trade.turnover_rials),
        func.sum(Trade.commission_rials),
    ).where(*query.filters(), Trade.is_cancelled.is_(False))
    rows = await session.execute(statement.where(*await _of_member(session, query)).group_by(Trade.side))
    sides = {
        side: TurnoverSide(trades=count, turnover_rials=int(rials), commission_rials=int(commission))
        for side, count, rials, commission in rows
    }
    nothing = TurnoverSide(trades=0, turnover_rials=0, commission_rials=0)
    return TurnoverRead(buy=sides.get(TradeSide.BUY, nothing), sell=sides.get(TradeSide.SELL, nothing))


async def read_symbol_days(session: ReadSession, query: SymbolDayQuery) -> Page[SymbolDayRead]:
    """A page of days of symbols."""
    items, next_cursor = await read_symbol_days_after(session, query, query.cursor, query.limit)
    return Page(items=items, next_cursor=next_cursor)


async def read_symbol_days_after(
    session: AnySession, query: SymbolDayFilters, cursor: str | None, limit: int
) -> tuple[list[SymbolDayRead], str | None]:
    """Up to `limit` days of symbols after a cursor."""
    rows, next_cursor = await read_rows_after(session, select(SymbolDay), query, cursor, limit)
    return [_symbol_day(row) for row in rows], next_cursor


async def rank_symbols(session: AnySession, query: SymbolRankQuery) -> list[SymbolRank]:
    """The symbols traded most on some days; of equals the one whose name comes first."""
    trades = func.sum(SymbolDay.buy_count + SymbolDay.sell_count)
    by = {
        RankBy.TRADES: trades,
        RankBy.TURNOVER: func.sum(SymbolDay.turnover_rials),
        RankBy.COMMISSION: func.sum(SymbolDay.commission_rials),
    }[query.by]
    statement = select(
        SymbolDay.symbol,
        SymbolDay.asset_type,
        trades,
        func.sum(SymbolDay.buy_rials),
        func.sum(SymbolDay.sell_rials),
        func.sum(SymbolDay.turnover_rials),
        func.sum(SymbolDay.commission_rials),
    ).where(SymbolDay.day >= query.first_day, SymbolDay.day <= query.last_day)
    rows = await session.execute(
        statement.where(*_narrowed(query, SymbolDay.source, SymbolDay.asset_type))
        .group_by(SymbolDay.symbol, SymbolDay.asset_type)
        .having(trades > 0)  # what was cancelled leaves days of zeros
        .order_by(by.desc(), SymbolDay.symbol, SymbolDay.asset_type)
        .limit(query.limit)
    )
    return [
        SymbolRank(
            symbol=symbol,
            asset_type=AssetType(asset_type),
            trades=int(count),
            buy_rials=int(bought),
            sell_rials=int(sold),
            turnover_rials=int(rials),
            commission_rials=int(commission),
        )
        for symbol, asset_type, count, bought, sold, rials, commission in rows
    ]


async def rank_traders(session: AnySession, query: TraderRankQuery) -> list[TraderRank]:
    """The members who traded most on some days; of equals the lower number first."""
    period = period_of_days(query.first_day, query.last_day)
    by = {
        RankBy.TRADES: func.count(Trade.id),
        RankBy.TURNOVER: func.sum(Trade.turnover_rials),
        RankBy.COMMISSION: func.sum(Trade.commission_rials),
    }[query.by]
    statement = select(
        Trade.member_id,
        func.count(Trade.id),
        func.sum(Trade.turnover_rials),
        func.sum(Trade.commission_rials),
    ).where(Trade.traded_at >= period.start, Trade.traded_at < period.end, Trade.is_cancelled.is_(False))
    rows = await session.execute(
        statement.where(*_narrowed(query, Trade.source, Trade.asset_type))
        .group_by(Trade.member_id)
        .order_by(by.desc(), Trade.member_id)
        .limit(query.limit)
    )
    return [
        TraderRank(
            member_id=member_id, trades=count, turnover_rials=int(rials), commission_rials=int(commission)
        )
        for member_id, count, rials, commission in rows
    ]


async def _of_member(session: AnySession, query: TradeConditions) -> list[ColumnElement[bool]]:
    if query.member_id is None:
        return []
    return [Trade.member_id.in_(await records_of(session, query.member_id))]


def _narrowed(
    query: SymbolRankQuery | TraderRankQuery,
    source: InstrumentedAttribute[str],
    asset_type: InstrumentedAttribute[str],
) -> list[ColumnElement[bool]]:
    return [
        column == wanted
        for column, wanted in ((source, query.source), (asset_type, query.asset_type))
        if wanted is not None
    ]


def _shown(row: Trade) -> TradeRead:
    return TradeRead(
        id=row.id,
        source=row.source,
        reference=row.reference,
        revision=row.revision,
        member_id=row.member_id,
        symbol=row.symbol,
        asset_type=AssetType(row.asset_type),
        side=TradeSide(row.side),
        traded_at=row.traded_at,
        quantity=row.quantity,
        price_rials=row.price_rials,
        turnover_rials=row.turnover_rials,
        commission_rials=row.commission_rials,
        is_cancelled=row.is_cancelled,
        told_at=row.told_at,
        event_id=row.event_id,
    )


def _report(row: TradeReport) -> TradeReportRead:
    return TradeReportRead(
        id=row.id,
        source=row.source,
        reference=row.reference,
        revision=row.revision,
        member_id=row.member_id,
        symbol=row.symbol,
        asset_type=AssetType(row.asset_type),
        side=TradeSide(row.side),
        traded_at=row.traded_at,
        quantity=row.quantity,
        price_rials=row.price_rials,
        turnover_rials=row.turnover_rials,
        commission_rials=row.commission_rials,
        is_cancelled=row.is_cancelled,
        told_at=row.told_at,
        state=TradeReportState(row.state),
        refusal=None if row.refusal is None else TradeRefusal(row.refusal),
    )


def _symbol_day(row: SymbolDay) -> SymbolDayRead:
    return SymbolDayRead(
        id=row.id,
        day=row.day,
        source=row.source,
        symbol=row.symbol,
        asset_type=AssetType(row.asset_type),
        buy_count=row.buy_count,
        buy_rials=row.buy_rials,
        sell_count=row.sell_count,
        sell_rials=row.sell_rials,
        turnover_rials=row.turnover_rials,
        commission_rials=row.commission_rials,
    )
