"""What the job makes of rows that were imported: trades, what they earn, sums by day, and portfolios.

A few rows at a time, each step a transaction of its own, so that others write in between and a process that
is killed has lost nothing: a row waits until the transaction that settles it is committed. Who settles holds
the sources' rows, so that changes come one after the other in the order of their numbers.
"""

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select

from host_api.core.access.caller import Caller
from host_api.core.database import AnySession, WriteSession
from host_api.core.tehran_time import tehran_date
from host_api.services.brokerage.models import (
    BrokerageSource,
    PortfolioUpdate,
    Position,
    SymbolDay,
    Trade,
    TradeChange,
    TradeContent,
    TradeReport,
)
from host_api.services.brokerage.schemas import TradeRefusal, TradeReportState, TradeSide
from host_api.services.earning_events.telling import logic as events
from host_api.services.earning_events.telling.problems import NothingToTakeBack
from host_api.services.earning_events.telling.schemas import EventState
from host_api.services.earning_events.types.schemas import EventSource
from host_api.services.members.logic import MemberNotFound
from host_api.services.members.succession import survivor_of
from host_api.services.risk.trades.logic import trade_corrected
from host_api.services.risk.trades.schemas import RiskTradeSide, TradeTold

_log = logging.getLogger(__name__)

# Clocks of those who tell trades differ that much.
_AHEAD: Final = timedelta(minutes=5)
_UNTIL_DECIDED: Final = timedelta(minutes=1)
_AFTER_A_FAULT: Final = timedelta(hours=1)
_CORRECTED: Final = "correction of the trade"
_TOLD: Final = (
    "source",
    "reference",
    "revision",
    "member_id",
    "symbol",
    "asset_type",
    "side",
    "traded_at",
    "quantity",
    "price_rials",
    "turnover_rials",
    "commission_rials",
    "is_cancelled",
)
# What warnings and limits depend on, and what points do.
_WARNS_BY: Final = (
    "member_id",
    "symbol",
    "side",
    "traded_at",
    "quantity",
    "turnover_rials",
    "is_cancelled",
)
_EARNS_BY: Final = ("member_id", "side", "traded_at", "turnover_rials", "commission_rials", "is_cancelled")


class _EventUndecided(Exception):  # noqa: N818
    """What the trade earned can't be taken back until it is known."""


@dataclass(frozen=True, slots=True)
class _Settling:
    """What the rows of one step are settled with."""

    session: WriteSession
    sources: dict[str, BrokerageSource]
    caller: Caller
    now: datetime


async def has_due(session: AnySession, now: datetime) -> bool:
    """Whether the job has something to do; only reads."""
    for table in (TradeReport, Position):
        if await session.scalar(select(table.id).where(table.next_try_at <= now).limit(1)) is not None:
            return True
    return False


async def settle_trades(session: WriteSession, caller: Caller, now: datetime, limit: int) -> int:
    """Settle the oldest rows of trades that are due; how many there were."""
    settling = _Settling(session, await _pass_gate(session), caller, now)
    reports = list(
        await session.scalars(
            select(TradeReport)
            .where(TradeReport.next_try_at <= now)
            .order_by(TradeReport.next_try_at, TradeReport.id)
            .limit(limit)
            .with_for_update()
        )
    )
    for report in reports:
        await _settle(settling, report)
    await session.flush()
    return len(reports)


async def settle_positions(session: WriteSession, now: datetime, limit: int) -> int:
    """Have the oldest holdings that are due be seen, in place of earlier ones; how many there were."""
    await _pass_gate(session)
    positions = list(
        await session.scalars(
            select(Position)
            .where(Position.next_try_at <= now)
            .order_by(Position.next_try_at, Position.id)
            .limit(limit)
            .with_for_update()
        )
    )
    newest: dict[tuple[int, str], Position] = {}
    for position in positions:
        position.next_try_at = None
        key = (position.member_id, position.source)
        if key not in newest or newest[key].as_of < position.as_of:
            newest[key] = position
    await session.flush()
    for (member_id, source), position in newest.items():
        update = await session.scalar(
            select(PortfolioUpdate).where(
                PortfolioUpdate.member_id == member_id, PortfolioUpdate.source == source
            )
        )
        if update is None:
            update = PortfolioUpdate(
                member_id=member_id, source=source, as_of=position.as_of, told_at=position.told_at
            )
            session.add(update)
        elif update.as_of < position.as_of:
            update.as_of, update.told_at = position.as_of, position.told_at
        await session.flush()
        await session.execute(
            delete(Position)
            .where(Position.member_id == member_id, Position.source == source, Position.as_of < update.as_of)
            .execution_options(synchronize_session=False)
        )
    return len(positions)


async def _pass_gate(session: WriteSession) -> dict[str, BrokerageSource]:
    rows = await session.scalars(select(BrokerageSource).order_by(BrokerageSource.id).with_for_update())
    return {source.code: source for source in rows}


async def _settle(settling: _Settling, report: TradeReport) -> None:
    """One row that can't be settled keeps no other from it."""
    session = settling.session
    try:
        async with session.begin_nested():
            await _apply(settling, report)
            await session.flush()
    except _EventUndecided:
        await session.refresh(report)
        report.next_try_at = settling.now + _UNTIL_DECIDED
    except Exception as error:
        await session.refresh(report)
        _log.error("the row %d of a trade can't be settled", report.id, exc_info=error)
        report.next_try_at = settling.now + _AFTER_A_FAULT


async def _apply(settling: _Settling, report: TradeReport) -> None:
    session = settling.session
    trade = await session.scalar(
        select(Trade)
        .where(Trade.source == report.source, Trade.reference == report.reference)
        .with_for_update()
    )
    report.next_try_at = None
    refusal = await _refusal(settling, report, trade)
    if refusal is not None:
        report.state, report.refusal = TradeReportState.REFUSED.value, refusal.value
        return
    if trade is not None and report.revision < trade.revision:
        report.state = TradeReportState.SUPERSEDED.value
        return
    report.state = TradeReportState.APPLIED.value
    warns_anew = trade is None or any(getattr(trade, name) != getattr(report, name) for name in _WARNS_BY)
    earns_anew = trade is None or any(getattr(trade, name) != getattr(report, name) for name in _EARNS_BY)
    if trade is None:
        trade = Trade(first_told_at=report.told_at, **_content(report))
        session.add(trade)
    else:
        if earns_anew:
            await _take_back(settling, trade)
        await _count(session, trade, is_taken_off=True)
        for name, value in _content(report).items():
            setattr(trade, name, value)
    trade.told_at = report.told_at
    await session.flush()
    if earns_anew:
        await _tell(settling, trade)
    await _count(session, trade, is_taken_off=False)
    if warns_anew:
        await _watch(session, trade)


async def _refusal(settling: _Settling, report: TradeReport, trade: Trade | None) -> TradeRefusal | None:
    source = settling.sources.get(report.source)
    if source is None or not source.is_active:
        return TradeRefusal.SOURCE_UNKNOWN
    if report.traded_at > settling.now + _AHEAD:
        return TradeRefusal.IN_THE_FUTURE
    if trade is not None and trade.revision == report.revision:
        return TradeRefusal.TOLD_OTHERWISE
    try:
        await survivor_of(settling.session, report.member_id)
    except MemberNotFound:
        return TradeRefusal.MEMBER_NOT_FOUND
    return None


def _content(told: TradeContent) -> dict[str, object]:
    return {name: getattr(told, name) for name in _TOLD}


async def _take_back(settling: _Settling, trade: Trade) -> None:
    event = None if trade.event_id is None else await events.find(settling.session, trade.event_id)
    trade.event_id = None
    if event is None:
        return
    if event.state == EventState.DOUBTFUL:
        raise _EventUndecided
    with suppress(NothingToTakeBack):  # it never earned, or goes back already
        await events.take_back(settling.session, event.id, _CORRECTED, settling.caller)


async def _tell(settling: _Settling, trade: Trade) -> None:
    code = settling.sources[trade.source].event_code
    if code is None or trade.is_cancelled:
        return
    is_buy = trade.side == TradeSide.BUY
    event = await events.tell_if_possible(
        settling.session,
        events.Telling(
            code,
            await survivor_of(settling.session, trade.member_id),
            f"{trade.source}/{trade.reference}#{trade.revision}",
            EventSource.IMPORT,
            trade.traded_at,
            {
                "commission": trade.commission_rials,
                "volume": trade.turnover_rials,
                "bought": trade.turnover_rials if is_buy else 0,
                "sold": 0 if is_buy else trade.turnover_rials,
            },
            known_at=max(trade.first_told_at, trade.traded_at),
        ),
        settling.caller,
    )
    trade.event_id = None if event is None else event.id


async def _watch(session: WriteSession, trade: Trade) -> None:
    """Have limits and the list of risky symbols know a trade as it stands."""
    reference = f"{trade.source}/{trade.reference}"
    told = None
    if not trade.is_cancelled and trade.quantity and trade.turnover_rials:
        told = TradeTold(
            reference=reference,
            member_id=await survivor_of(session, trade.member_id),
            symbol=trade.symbol,
            side=RiskTradeSide(trade.side),
            units=trade.quantity,
            amount=trade.turnover_rials,
            at=trade.traded_at,
        )
    await trade_corrected(session, reference, told)


async def _count(session: WriteSession, trade: Trade, *, is_taken_off: bool) -> None:
    """Have a trade as it stands be part of all sums, or no longer."""
    if trade.is_cancelled:
        return
    sign = -1 if is_taken_off else 1
    session.add(
        TradeChange(
            trade_id=trade.id,
            member_id=trade.member_id,
            traded_at=trade.traded_at,
            is_taken_off=is_taken_off,
            turnover_rials=sign * trade.turnover_rials,
            commission_rials=sign * trade.commission_rials,
        )
    )
    day = await _symbol_day(session, trade)
    if trade.side == TradeSide.BUY:
        day.buy_count += sign
        day.buy_rials += sign * trade.turnover_rials
    else:
        day.sell_count += sign
        day.sell_rials += sign * trade.turnover_rials
    day.turnover_rials += sign * trade.turnover_rials
    day.commission_rials += sign * trade.commission_rials
    await session.flush()


async def _symbol_day(session: WriteSession, trade: Trade) -> SymbolDay:
    key = {
        "day": tehran_date(trade.traded_at),
        "source": trade.source,
        "symbol": trade.symbol,
        "asset_type": trade.asset_type,
    }
    found = await session.scalar(select(SymbolDay).filter_by(**key))
    if found is None:
        found = SymbolDay(
            **key,
            buy_count=0,
            buy_rials=0,
            sell_count=0,
            sell_rials=0,
            turnover_rials=0,
            commission_rials=0,
        )
        session.add(found)
    return found
