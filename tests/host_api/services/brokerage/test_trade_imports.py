"""Files of trades in every format, rows that are wrong, and a process that is killed as it settles them."""

import asyncio
import io
import json
import sys
from collections.abc import Sequence

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from host_api.core.database import Database
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.brokerage.import_rows import add_trades
from host_api.services.brokerage.models import SymbolDay, TradeChange, TradeReport
from host_api.services.risk.trades.models import RiskTrade
from tests.host_api.api_calls import get, post
from tests.host_api.eventually import eventually
from tests.host_api.running_api import RunningApi
from tests.host_api.services.brokerage.trade_bench import BROKER, settled, trade, trading_club
from tests.host_api.services.bulk_calls import csv_of, faults_of, give_file

pytestmark = pytest.mark.anyio

Row = dict[str, object]
HEADERS = (
    "منبع",
    "شمارهٔ معامله",
    "شمارهٔ عضویت",
    "نماد",
    "خرید یا فروش",
    "زمان معامله",
    "تعداد",
    "قیمت",
    "کارمزد",
)
NAMES = ("source", "reference", "member_id", "symbol", "side", "traded_at", "quantity", "price_rials")
# Days and digits as Iranian brokers write them.
TRADES: tuple[tuple[str | int, ...], ...] = (
    ("TEH", "{}-1", 1, "وپترو", "خرید", "۱۴۰۵/۰۱/۰۵", "۱,۰۰۰", 5_200, 19_000),
    ("TEH", "{}-2", 1, "فولاد", "فروش", "2026-03-25T08:00:00Z", 400, 5_500, 10_000),
)


def _workbook(rows: Sequence[Sequence[object]]) -> bytes:
    workbook, output = Workbook(), io.BytesIO()
    for row in rows:
        workbook.active.append(list(row))
    workbook.save(output)
    return output.getvalue()


def _file(kind: str, rows: Sequence[Sequence[str | int]]) -> bytes:
    if kind == "csv":
        return csv_of([HEADERS, *([str(cell) for cell in row] for row in rows)], with_mark=True)
    if kind == "xlsx":
        return _workbook([HEADERS, *rows])
    return json.dumps([dict(zip((*NAMES, "commission_rials"), row, strict=True)) for row in rows]).encode()


async def _imported(
    api: RunningApi, kind: str, rows: Sequence[Sequence[str | int]], **options: object
) -> Row:
    file_id = await give_file(api, _file(kind, rows), f"trades.{kind}")
    wanted = {"file_id": file_id, "on_existing": "skip", **options}
    begun = await post(api, "/v1/brokerage/trades/imports", wanted, 202)
    found: Row = {}

    async def is_over() -> bool:
        found.update(await get(api, f"/v1/brokerage/trades/imports/{begun['id']}"))
        return found["state"] not in {"waiting", "running"}

    await eventually(is_over)
    return found


async def test_every_format_gives_the_same_trades_and_names_what_is_wrong(api: RunningApi) -> None:
    await post(api, "/v1/brokerage/sources", {**BROKER, "event_code": None})
    kinds = ("csv", "xlsx", "json")
    for kind in kinds:
        rows = [[cell.format(kind) if isinstance(cell, str) else cell for cell in row] for row in TRADES]
        done = await _imported(api, kind, rows)
        assert (done["state"], done["created"], done["skipped"]) == ("done", 2, 0), done
        # Wrong rows are told by their number, and nothing of such a file is taken in.
        wrong = [[*rows[0][:4], "نگه داشت", *rows[0][5:]], [*rows[1][:7], "گران", rows[1][8]], rows[0]]
        refused = await _imported(api, kind, wrong)
        assert (refused["state"], refused["created"]) == ("refused", 0)
        first = 1 if kind == "json" else 2  # below the headings
        assert [(row, column) for row, column, _ in faults_of(refused)] == [
            (first, "side"),
            (first + 1, "price_rials"),
        ]
        again = await _imported(api, kind, rows, repeat=True)
        assert (again["state"], again["created"], again["skipped"]) == ("done", 0, 2)
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        told = list(await session.scalars(select(TradeReport).order_by(TradeReport.id)))
    assert len(told) == 2 * len(kinds)
    for place in (0, 1):
        same = {
            (row.symbol, row.side, row.traded_at, row.quantity, row.turnover_rials, row.commission_rials)
            for row in told[place::2]
        }
        assert len(same) == 1, same


async def _sums(database: Database) -> tuple[object, ...]:
    async with database.reading(FIRST_PROGRAMME) as session:
        day = (
            await session.execute(
                select(func.sum(SymbolDay.buy_count), func.sum(SymbolDay.buy_rials), func.count())
            )
        ).one()
        changes = await session.scalar(select(func.sum(TradeChange.turnover_rials)))
        told = (await session.execute(select(func.count(), func.sum(RiskTrade.amount)))).one()
        rows = await session.execute(select(TradeReport.state, func.count()).group_by(TradeReport.state))
        states: dict[str, int] = {row[0]: row[1] for row in rows}
        return (*day, changes, *told, states)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
async def test_a_process_that_is_killed_while_it_settles_loses_and_doubles_nothing(
    database: Database, settings: Settings
) -> None:
    club = await trading_club(database, 3)
    rows = [trade(f"T{number}", number % 3 + 1) for number in range(150)]
    rows += [trade(f"T{number}", number % 3 + 1, quantity=50, revision=2) for number in range(0, 150, 3)]
    async with club.writing() as session:
        await add_trades(session, rows)
    arguments = ["-m", "tests.host_api.services.brokerage.settling_process"]
    url = settings.sqlalchemy_url.render_as_string(hide_password=False)
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, url, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert [await process.stdout.readline() for _ in range(4)] == [b"10\n"] * 4
    process.kill()
    await process.communicate()
    _, _, _, _, _, _, states = await _sums(database)
    assert isinstance(states, dict)
    assert states["waiting"] in range(1, 161)
    await settled(club, at_once=50)
    rials = 100 * 100_000 + 50 * 50_000
    assert await _sums(database) == (150, rials, 1, rials, 150, rials, {"applied": 200})
