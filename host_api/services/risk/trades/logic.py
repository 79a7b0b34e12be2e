"""Trades as they are told: kept once, counted under the limits, warned of.

`trade_told` and `trade_corrected` are what other services call in their own transaction; brokers use the
endpoint.
"""

from typing import Final

from sqlalchemy import select

from host_api.core.clock import to_epoch_ms, utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.listing import Page, read_rows, read_rows_after
from host_api.core.locking import check_version
from host_api.services.members import logic as members
from host_api.services.messages.logic import tell_member
from host_api.services.risk.counting.counting import count_sights, forget_counters
from host_api.services.risk.counting.measures import RiskMeasure
from host_api.services.risk.counting.sight import Sight
from host_api.services.risk.limits.in_force import limits_in_force, rule_of
from host_api.services.risk.limits.models import RiskLimit
from host_api.services.risk.limits.schemas import RiskSeverity
from host_api.services.risk.problems import SymbolListed, SymbolNotFound, TradeConflict
from host_api.services.risk.trades.listing import RiskySymbolQuery, ToldTradeFilters, ToldTradeQuery
from host_api.services.risk.trades.models import RiskTrade, RiskySymbol
from host_api.services.risk.trades.schemas import (
    RiskTradeSide,
    RiskySymbolCreate,
    RiskySymbolRead,
    RiskySymbolUpdate,
    ToldTradeAnswer,
    ToldTradeRead,
    TradeTold,
    TradeWarning,
)

# Counters are kept so long behind the latest trade: brokers tell trades late.
_LATE_MS: Final = 7 * 86_400_000
_PASSED: Final = (
    "A limit that the club has set for trades was passed.",
    "از حدی که باشگاه برای معاملات گذاشته است گذشتید.",
)


async def trade_told(
    session: WriteSession, told: TradeTold, *, warned_of: tuple[int, str] | None = None
) -> ToldTradeAnswer:
    """Take a trade in, once by its reference, and tell what its member is to be warned of.

    The same trade told again changes nothing and warns the same.

    Parameters:
        warned_of: the member who has had the message about a symbol already, and that symbol.

    Raises:
        members.MemberNotFound, TradeConflict
    """
    await members.lock(session, told.member_id)  # of two at once the second counts on the first
    symbol: RiskySymbol | None = await session.scalar(
        select(RiskySymbol).where(RiskySymbol.symbol == told.symbol)
    )
    is_risky = symbol is not None and told.side is RiskTradeSide.BUY
    limits = {limit.id: limit for limit in await limits_in_force(session, of_trades=True)}
    row: RiskTrade | None = await session.scalar(
        select(RiskTrade).where(RiskTrade.reference == told.reference)
    )
    if row is not None:
        if any(getattr(row, name) != value for name, value in _content(told).items()):
            raise TradeConflict
        return _answer(row, symbol if is_risky else None, limits)
    row = RiskTrade(reference=told.reference, **_content(told), told_at=utc_now(), is_risky=is_risky)
    passed = await count_sights(
        session, limits, [rule_of(limit) for limit in limits.values()], [_sight(row, 1)]
    )
    await forget_counters(session, limits, to_epoch_ms(utc_now()) - _LATE_MS)
    row.limits_passed = sorted(set(passed))
    session.add(row)
    await session.flush()
    is_news = warned_of != (told.member_id, told.symbol)
    if symbol is not None and is_risky and symbol.tells_member and is_news:
        await tell_member(
            session,
            told.member_id,
            topic="risk",
            reference=f"trade:{row.id}",
            text_fa=f"{symbol.symbol}: {symbol.text_fa}",
            text_en=f"{symbol.symbol}: {symbol.text}",
        )
    return _answer(row, symbol if is_risky else None, limits)


async def trade_corrected(session: WriteSession, reference: str, told: TradeTold | None) -> None:
    """Have a trade be as it is told now, or none: what it counted before counts no longer.

    Parameters:
        told: under the same reference; None where the trade was cancelled.

    Raises:
        members.MemberNotFound
    """
    row: RiskTrade | None = await session.scalar(
        select(RiskTrade).where(RiskTrade.reference == reference).with_for_update()
    )
    warned_of = None
    if row is not None:
        warned_of = (row.member_id, row.symbol) if row.is_risky else None
        limits = {limit.id: limit for limit in await limits_in_force(session, of_trades=True)}
        rules = [rule_of(limit) for limit in limits.values()]
        await count_sights(session, limits, rules, [_sight(row, -1)])
        await session.delete(row)
        await session.flush()
    if told is not None:
        await trade_told(session, told, warned_of=warned_of)


async def read_page(session: ReadSession, query: ToldTradeQuery) -> Page[ToldTradeRead]:
    """A page of trades."""
    rows, next_cursor = await read_rows(session, select(RiskTrade), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


async def read_after(
    session: AnySession, query: ToldTradeFilters, cursor: str | None, limit: int
) -> tuple[list[ToldTradeRead], str | None]:
    """Up to `limit` trades after `cursor`, and the cursor of those behind them."""
    rows, next_cursor = await read_rows_after(session, select(RiskTrade), query, cursor, limit)
    return [shown(row) for row in rows], next_cursor


async def list_symbol(session: WriteSession, wanted: RiskySymbolCreate) -> RiskySymbol:
    """Put a symbol on the list.

    Raises:
        SymbolListed
    """
    if await session.scalar(select(RiskySymbol.id).where(RiskySymbol.symbol == wanted.symbol)):
        raise SymbolListed
    row = RiskySymbol(**wanted.model_dump(mode="json"), created_at=utc_now())
    async with conflict_as(SymbolListed()):
        session.add(row)
        await session.flush()
    return row


async def change_symbol(
    session: WriteSession, symbol_id: int, if_match: str, wanted: RiskySymbolUpdate
) -> RiskySymbol:
    """Change what is said of a symbol.

    Raises:
        SymbolNotFound, ChangedMeanwhile
    """
    row = await find_symbol(session, symbol_id)
    check_version(row, if_match)
    for name, value in wanted.model_dump(exclude_none=True, mode="json").items():
        setattr(row, name, value)
    await session.flush()
    return row


async def unlist_symbol(session: WriteSession, symbol_id: int, if_match: str) -> None:
    """Take a symbol off the list.

    Raises:
        SymbolNotFound, ChangedMeanwhile
    """
    row = await find_symbol(session, symbol_id)
    check_version(row, if_match)
    await session.delete(row)
    await session.flush()


async def find_symbol(session: AnySession, symbol_id: int) -> RiskySymbol:
    """One symbol, as a row with its version.

    Raises:
        SymbolNotFound
    """
    row = await session.get(RiskySymbol, symbol_id)
    if row is None:
        raise SymbolNotFound
    return row


async def read_symbols(session: ReadSession, query: RiskySymbolQuery) -> Page[RiskySymbolRead]:
    """A page of symbols."""
    rows, next_cursor = await read_rows(session, select(RiskySymbol), query)
    return Page(items=[shown_symbol(row) for row in rows], next_cursor=next_cursor)


def shown(row: RiskTrade) -> ToldTradeRead:
    """A trade as callers see it."""
    return ToldTradeRead(
        id=row.id,
        reference=row.reference,
        member_id=row.member_id,
        symbol=row.symbol,
        side=RiskTradeSide(row.side),
        units=row.units,
        amount=row.amount,
        at=row.at,
        told_at=row.told_at,
        limits_passed=row.limits_passed,
    )


def shown_symbol(row: RiskySymbol) -> RiskySymbolRead:
    """A symbol as callers see it."""
    return RiskySymbolRead(
        id=row.id,
        symbol=row.symbol,
        level=RiskSeverity(row.level),
        text=row.text,
        text_fa=row.text_fa,
        tells_member=row.tells_member,
        created_at=row.created_at,
    )


def _sight(row: RiskTrade, sign: int) -> Sight:
    """What a trade counts, or with sign -1 what it counts no longer."""
    values = {RiskMeasure.TRADES: sign, RiskMeasure.TRADE_AMOUNT: sign * row.amount}
    if row.is_risky:
        values |= {RiskMeasure.RISKY_BUYS: sign, RiskMeasure.RISKY_BUY_AMOUNT: sign * row.amount}
    return Sight(to_epoch_ms(row.at), row.reference, values, member_id=row.member_id)


def _content(told: TradeTold) -> dict[str, object]:
    return {
        "member_id": told.member_id,
        "symbol": told.symbol,
        "side": told.side.value,
        "units": told.units,
        "amount": told.amount,
        "at": told.at,
    }


def _answer(row: RiskTrade, symbol: RiskySymbol | None, limits: dict[int, RiskLimit]) -> ToldTradeAnswer:
    warnings = []
    if symbol is not None:
        warnings.append(
            TradeWarning(
                symbol=symbol.symbol,
                limit_id=None,
                level=RiskSeverity(symbol.level),
                text=symbol.text,
                text_fa=symbol.text_fa,
            )
        )
    for limit_id in row.limits_passed:
        if (limit := limits.get(limit_id)) is not None:
            text, text_fa = _PASSED
            warnings.append(
                TradeWarning(
                    symbol=None,
                    limit_id=limit_id,
                    level=RiskSeverity(limit.severity),
                    text=text,
                    text_fa=text_fa,
                )
            )
    return ToldTradeAnswer(**shown(row).model_dump(), warnings=warnings)
