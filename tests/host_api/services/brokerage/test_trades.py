"""Trades and holdings as sources tell them, corrected, summed up and ranked (BRK-01 to BRK-05)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy import func, select

from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.brokerage import portfolio, settling, trades
from host_api.services.brokerage.import_rows import PositionImportRow, TradeImportRow, add_trades
from host_api.services.brokerage.listing import (
    SymbolDayFilters,
    SymbolRankQuery,
    TradeConditions,
    TraderRankQuery,
)
from host_api.services.brokerage.models import Position, SymbolDay, TradeChange, TradeReport
from host_api.services.brokerage.personal_data import PERSONAL_DATA
from host_api.services.risk.alerts.models import RiskAlert
from host_api.services.risk.counting.models import RiskCounter
from host_api.services.risk.counting.window import Counter
from host_api.services.risk.limits import logic as limits
from host_api.services.risk.limits.schemas import RiskLimitCreate
from host_api.services.risk.trades import logic as risk
from host_api.services.risk.trades.models import RiskTrade
from host_api.services.risk.trades.schemas import RiskySymbolCreate
from tests.host_api.services.brokerage.trade_bench import (
    CALLER,
    FUND,
    cipher_of,
    held,
    merged,
    position,
    settled,
    told,
    trade,
    trading_club,
)

pytestmark = pytest.mark.anyio

SPRING = {"first_day": date(2026, 3, 21), "last_day": date(2026, 4, 20)}


async def _states(database: Database) -> list[tuple[str, str | None]]:
    async with database.reading(FIRST_PROGRAMME) as session:
        rows = await session.execute(select(TradeReport.state, TradeReport.refusal).order_by(TradeReport.id))
        return [(state, refusal) for state, refusal in rows]


async def test_corrections_and_every_sum(database: Database) -> None:
    club = await trading_club(database, 2)
    fold = {"quantity": 1_000, "price_rials": 5_200, "commission_rials": 19_000}
    rows = [
        trade("T1", 1, **fold),  # 5,200,000
        trade("T2", 1, side="sell", quantity=400, price_rials=5_500, commission_rials=10_000),  # 2,200,000
        trade("T3", 2, symbol="KHOD", price_rials=3_000, commission_rials=1_000),  # 300,000
        trade("F1", 1, source="FND", symbol="GOLD", asset_type="fund_unit", quantity=10,
              price_rials=100_000, commission_rials=0),  # 1,000,000
        trade("T1", 1, **fold | {"revision": 2, "quantity": 900, "commission_rials": 17_100}),  # 4,680,000
        trade("T3", 2, symbol="KHOD", price_rials=3_000, commission_rials=1_000, revision=2,
              is_cancelled=True),
        trade("T4", 2, symbol="KHOD", quantity=200, price_rials=3_000, commission_rials=2_000,
              revision=2),  # 600,000, and its first revision comes after it
        trade("T4", 2, symbol="KHOD", quantity=999, price_rials=3_000),
        trade("T2", 1, side="sell", quantity=401, price_rials=5_500, commission_rials=10_000),
        trade("T9", 77),
        trade("T9", 1, source="NONE"),
    ]  # fmt: skip
    await told(club, rows)
    applied = ("applied", None)
    assert await _states(database) == [
        *[applied] * 7,
        ("superseded", None),
        ("refused", "revision-told-otherwise"),
        ("refused", "member-not-found"),
        ("refused", "source-unknown"),
    ]
    async with database.reading(FIRST_PROGRAMME) as session:
        sums = await trades.turnover(session, TradeConditions())
        assert tuple(sums.buy.model_dump().values()) == (3, 4_680_000 + 1_000_000 + 600_000, 19_100)
        assert tuple(sums.sell.model_dump().values()) == (1, 2_200_000, 10_000)
        narrow = TradeConditions.model_validate({"asset_type": "fund_unit", "member_id": 1})
        assert (await trades.turnover(session, narrow)).buy.turnover_rials == 1_000_000
        symbols = await trades.rank_symbols(session, SymbolRankQuery.model_validate(SPRING))
        assert [(one.symbol, one.trades, one.turnover_rials) for one in symbols] == [
            ("FOLD", 2, 6_880_000),
            ("GOLD", 1, 1_000_000),
            ("KHOD", 1, 600_000),
        ]
        traders = await trades.rank_traders(session, TraderRankQuery.model_validate(SPRING))
        assert [(one.member_id, one.commission_rials) for one in traders] == [(1, 27_100), (2, 2_000)]
        later = SymbolRankQuery.model_validate({"first_day": "2026-03-26", "last_day": "2026-04-20"})
        assert await trades.rank_symbols(session, later) == []
        days, _ = await trades.read_symbol_days_after(
            session, SymbolDayFilters.model_validate({"symbol": "FOLD"}), None, 10
        )
        ((day),) = days
        assert (day.day, day.buy_count, day.buy_rials, day.sell_count, day.sell_rials) == (
            date(2026, 3, 25),
            1,
            4_680_000,
            1,
            2_200_000,
        )
        changes = (
            await session.execute(
                select(func.sum(TradeChange.turnover_rials), func.sum(TradeChange.commission_rials))
            )
        ).one()
        assert tuple(changes) == (8_480_000, 29_100)
    await merged(club, 2, 1)  # a record that went into another is part of it
    async with database.reading(FIRST_PROGRAMME) as session:
        whole = await trades.turnover(session, TradeConditions(member_id=1))
        assert whole.buy.turnover_rials == 6_280_000


async def test_limits_and_warnings_follow_each_revision(database: Database) -> None:
    club = await trading_club(database, 2)
    wanted = {"symbol": "FOLD", "text": "Under watch.", "text_fa": "زیر نظر است."}
    limit: dict[str, object] = {
        "name": "Risky",
        "name_fa": "پرریسک",
        "measure": "risky_buy_amount",
        "per": "member",
    }
    async with club.writing() as session:
        await risk.list_symbol(session, RiskySymbolCreate.model_validate(wanted))
        made = await limits.create(
            session, CALLER, RiskLimitCreate.model_validate(limit | {"window_minutes": 60, "most": 250_000})
        )
        made.active_from = datetime(2026, 1, 1, tzinfo=UTC)

    at = (utc_now() - timedelta(hours=1)).isoformat()  # counters of long ago are forgotten at once

    def one(reference: str, member: int, **values: object) -> TradeImportRow:
        return trade(reference, member, traded_at=at, **values)

    async def stands() -> tuple[list[tuple[str, int, int]], list[int], int]:
        async with database.reading(FIRST_PROGRAMME) as session:
            rows = await session.execute(
                select(RiskTrade.reference, RiskTrade.member_id, RiskTrade.amount).order_by(RiskTrade.id)
            )
            counted = [
                sum(Counter.of(row.state).parts.values())
                for row in await session.scalars(select(RiskCounter).order_by(RiskCounter.subject))
            ]
            alerts = await session.scalar(select(func.count(RiskAlert.id)))
            return [(reference, member, amount) for reference, member, amount in rows], counted, alerts or 0

    await told(club, [one("T1", 1), one("T2", 1, side="sell"), one("T3", 1, quantity=200)])
    everything = [("TEH/T1", 1, 100_000), ("TEH/T2", 1, 100_000), ("TEH/T3", 1, 200_000)]
    assert await stands() == (everything, [300_000], 1)
    # Less of it, by another member, and none at all: only what stands counts, and no alert is raised twice.
    await told(club, [one("T3", 1, quantity=150, revision=2), one("T1", 1, commission_rials=9, revision=2)])
    everything = [*everything[:2], ("TEH/T3", 1, 150_000)]
    assert await stands() == (everything, [250_000], 1)
    await told(club, [one("T3", 2, quantity=150, revision=3), one("T1", 1, is_cancelled=True, revision=3)])
    assert await stands() == ([("TEH/T2", 1, 100_000), ("TEH/T3", 2, 150_000)], [0, 150_000], 1)


async def test_a_killed_step_leaves_its_rows_waiting(database: Database) -> None:
    club = await trading_club(database, 1)
    async with club.writing() as session:
        await add_trades(session, [trade(f"T{number}", 1) for number in range(5)])
    with pytest.raises(RuntimeError):
        async with club.writing() as session:
            assert await settling.settle_trades(session, CALLER, utc_now(), 3) == 3
            raise RuntimeError("killed")
    assert {state for state, _ in await _states(database)} == {"waiting"}
    await settled(club, at_once=2)
    async with database.reading(FIRST_PROGRAMME) as session:
        assert await session.scalar(select(SymbolDay.buy_count)) == 5


async def test_portfolios_side_by_side(database: Database) -> None:
    club = await trading_club(database, 2)
    first, second = "2026-04-04T12:00:00Z", "2026-04-05T12:00:00Z"
    await held(
        club,
        [
            position(1, "FOLD", first, quantity=500, value_rials=2_750_000),
            position(1, "KHOD", first, quantity=10, value_rials=30_000),
            position(1, "GOLD", first, source=FUND["code"], quantity=10, value_rials=1_050_000),
        ],
    )
    await held(club, [position(1, "FOLD", second, quantity=500, value_rials=2_800_000)])
    await held(club, [position(1, "OLD", "2026-04-01T12:00:00Z", value_rials=9)])  # came too late
    async with database.reading(FIRST_PROGRAMME) as session:
        found = await portfolio.read(session, 1)
        assert (found.broker_rials, found.fund_rials) == (2_800_000, 1_050_000)
        assert [(one.source, one.position_count, one.as_of) for one in found.sources] == [
            ("FND", 1, datetime.fromisoformat(first)),
            ("TEH", 1, datetime.fromisoformat(second)),
        ]
        assert await session.scalar(select(func.count(Position.id))) == 2
    await held(club, [position(1, "FOLD", "2026-04-06T12:00:00Z", quantity=0, value_rials=0)])
    async with database.reading(FIRST_PROGRAMME) as session:
        found = await portfolio.read(session, 1)
        assert (found.broker_rials, found.sources[1].position_count) == (0, 0)
    with pytest.raises(ValidationError):
        PositionImportRow.model_validate(
            position(1, "FOLD", first).model_dump() | {"as_of": "2999-01-01T00:00:00Z"}
        )


async def test_export_and_erasing(database: Database, settings: Settings) -> None:
    club = await trading_club(database, 1)
    await told(club, [trade("T1", 1)])
    await held(club, [position(1, "FOLD", "2026-04-04T12:00:00Z")])
    cipher = await cipher_of(database, settings)
    async with club.writing() as session:
        exported = await PERSONAL_DATA.export(session, cipher, 1)
        assert {name: len(listed) for name, listed in exported.items()} == {  # type: ignore[arg-type]
            "trades": 1,
            "positions": 1,
        }
        await PERSONAL_DATA.erase(session, cipher, 1)
        assert set(await PERSONAL_DATA.export(session, cipher, 1)) == {"trades"}
