"""What members hold at brokers and in funds, as those told it last."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Select, and_, func, select

from host_api.core.database import AnySession, ReadSession
from host_api.core.listing import Page, read_rows_after
from host_api.services.brokerage.listing import PositionFilters, PositionQuery
from host_api.services.brokerage.models import BrokerageSource, PortfolioUpdate, Position, Trade
from host_api.services.brokerage.schemas import (
    AssetType,
    BrokerageSourceKind,
    PortfolioRead,
    PortfolioSourceRead,
    PositionRead,
)
from host_api.services.member_merging.logic import records_of
from host_api.services.members import logic as members

MOST_POSITIONS: Final = 200


async def read(session: AnySession, member_id: int) -> PortfolioRead:
    """A member's holdings, source by source, with those of records that went into theirs.

    Raises:
        members.MemberNotFound
    """
    await members.read(session, member_id)
    record_ids = await records_of(session, member_id)
    updates = {
        (row.source, row.member_id): row
        for row in await session.scalars(
            select(PortfolioUpdate).where(PortfolioUpdate.member_id.in_(record_ids))
        )
    }
    trade_rows = await session.execute(
        select(Trade.source, Trade.member_id, func.max(Trade.traded_at))
        .where(Trade.member_id.in_(record_ids), Trade.is_cancelled.is_(False))
        .group_by(Trade.source, Trade.member_id)
    )
    last_trades = {(source, holder): at for source, holder, at in trade_rows}
    sources = {row.code: row for row in await session.scalars(select(BrokerageSource))}
    found = [
        await _of_source(session, sources[key[0]], key[1], updates.get(key), last_trades)
        for key in sorted(updates.keys() | last_trades.keys())
        if key[0] in sources
    ]
    return PortfolioRead(
        member_id=member_id,
        broker_rials=sum(one.value_rials for one in found if one.kind is BrokerageSourceKind.BROKER),
        fund_rials=sum(one.value_rials for one in found if one.kind is BrokerageSourceKind.FUND),
        sources=found,
    )


async def read_page(session: ReadSession, query: PositionQuery) -> Page[PositionRead]:
    """A page of holdings."""
    items, next_cursor = await read_after(session, query, query.cursor, query.limit)
    return Page(items=items, next_cursor=next_cursor)


async def read_after(
    session: AnySession, query: PositionFilters, cursor: str | None, limit: int
) -> tuple[list[PositionRead], str | None]:
    """Up to `limit` holdings after a cursor."""
    statement = _seen()
    if query.member_id is not None:
        statement = statement.where(Position.member_id.in_(await records_of(session, query.member_id)))
    rows, next_cursor = await read_rows_after(session, statement, query, cursor, limit)
    return [_shown(row) for row in rows], next_cursor


def _seen() -> Select[Position]:
    """Holdings of the last update; none was sold meanwhile, as far as the source has told."""
    is_of_update = and_(
        PortfolioUpdate.source == Position.source,
        PortfolioUpdate.member_id == Position.member_id,
        PortfolioUpdate.as_of == Position.as_of,
    )
    return select(Position).join(PortfolioUpdate, is_of_update).where(Position.quantity > 0)


async def _of_source(
    session: AnySession,
    source: BrokerageSource,
    holder: int,
    update: PortfolioUpdate | None,
    last_trades: Mapping[tuple[str, int], datetime],
) -> PortfolioSourceRead:
    held = _seen().where(Position.source == source.code, Position.member_id == holder)
    count, rials = (
        await session.execute(held.with_only_columns(func.count(Position.id), func.sum(Position.value_rials)))
    ).one()
    rows = await session.scalars(
        held.order_by(Position.value_rials.desc(), Position.id).limit(MOST_POSITIONS)
    )
    return PortfolioSourceRead.model_validate(
        {
            "source": source.code,
            "kind": source.kind,
            "title": source.title,
            "title_fa": source.title_fa,
            "member_id": holder,
            "as_of": None if update is None else update.as_of,
            "told_at": None if update is None else update.told_at,
            "last_trade_at": last_trades.get((source.code, holder)),
            "position_count": count,
            "value_rials": int(rials or 0),
            "positions": [_shown(row) for row in rows],
        }
    )


def _shown(row: Position) -> PositionRead:
    return PositionRead(
        id=row.id,
        source=row.source,
        member_id=row.member_id,
        symbol=row.symbol,
        asset_type=AssetType(row.asset_type),
        as_of=row.as_of,
        quantity=row.quantity,
        value_rials=row.value_rials,
        cost_rials=row.cost_rials,
    )
