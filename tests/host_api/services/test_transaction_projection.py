"""The projection's further tables: where transactions stand, what moved in accounts, and sums by day."""

from collections import defaultdict

import pytest
from sqlalchemy import Table, func, select

from host_api.core.clock import from_epoch_ms
from host_api.core.database import Database
from host_api.core.feed_projection import clear_projection
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.tehran_time import tehran_date
from host_api.services.catalogue import projectors
from host_api.services.dashboards.models import (
    DailyAnswers,
    DailyMembers,
    DailyPoints,
    DailyRule,
    LotTotal,
    MemberActivity,
)
from host_api.services.dashboards.rollup import expires_month
from host_api.services.transactions.models import (
    AccountMovement,
    BusinessDay,
    Lot,
    Transaction,
    TransactionGrant,
    TransactionRule,
)
from host_api.services.transactions.operation import SALES
from protocol.feed import NEVER_S
from tests.host_api.services.club_history import History, eventful, project, rrn

pytestmark = pytest.mark.anyio

TABLES = (
    Transaction,
    TransactionRule,
    AccountMovement,
    BusinessDay,
    DailyAnswers,
    DailyPoints,
    DailyRule,
    DailyMembers,
    MemberActivity,
    LotTotal,
    Lot,
)


async def _rows(database: Database) -> dict[str, list[tuple[str, ...]]]:
    found = {}
    async with database.reading(FIRST_PROGRAMME) as session:
        for model in TABLES:
            table = model.__table__
            assert isinstance(table, Table)
            rows = await session.execute(select(table).order_by(*table.primary_key.columns))
            found[table.name] = [tuple(map(str, row)) for row in rows]
    return found


async def test_cut_into_batches_anyhow_and_rebuilt_the_tables_are_the_same(database: Database) -> None:
    lines = eventful(seed=5, count=120).lines
    await project(database, lines)
    whole = await _rows(database)
    assert all(whole.values())
    for cuts in (range(1, len(lines), 4), (3, 50, 51, 100)):
        await clear_projection(database, FIRST_PROGRAMME, projectors())
        assert not any((await _rows(database)).values())
        await project(database, lines, *cuts)
        assert await _rows(database) == whole


async def test_sums_by_day_equal_a_recount(database: Database) -> None:
    await project(database, eventful(seed=8, count=260).lines, 90, 200)
    answers: dict[object, list[int]] = defaultdict(lambda: [0, 0, 0])
    rules: dict[object, list[int]] = defaultdict(lambda: [0, 0])
    members: dict[object, set[int | None]] = defaultdict(set)
    async with database.reading(FIRST_PROGRAMME) as session:
        transactions = {row.position: row for row in await session.scalars(select(Transaction))}
        for row in transactions.values():
            day = tehran_date(from_epoch_ms(row.at_ms))
            key = (day, row.merchant_id, row.branch_number, row.operation, row.response_code)
            answers[key] = [
                one + more for one, more in zip(answers[key], (1, row.amount, row.tendered), strict=True)
            ]
            if row.operation in SALES and row.response_code == "00":
                members[day].add(row.member_number)
        for given in await session.scalars(select(TransactionGrant)):
            day = tehran_date(from_epoch_ms(transactions[given.position].at_ms))
            count, granted = rules[day, given.rule, given.type, given.purse]
            rules[day, given.rule, given.type, given.purse] = [count + 1, granted + given.granted]
        assert len(members) > 4
        assert answers == {
            (row.day, row.merchant_id, row.branch_number, row.operation, row.response_code): [
                row.count,
                row.amount,
                row.tendered,
            ]
            for row in await session.scalars(select(DailyAnswers))
        }
        assert rules == {
            (row.day, row.rule, row.type, row.purse): [row.count, row.granted]
            for row in await session.scalars(select(DailyRule))
        }
        visits = list(await session.scalars(select(DailyMembers)))
        assert {row.day: row.active for row in visits} == {day: len(found) for day, found in members.items()}
        assert sum(row.first_time for row in visits) == len(set().union(*members.values()))
        points: dict[object, list[int]] = defaultdict(lambda: [0, 0])
        for moved in await session.scalars(select(AccountMovement)):
            sums = points[tehran_date(from_epoch_ms(moved.at_ms)), moved.kind]
            sums[0 if moved.delta > 0 else 1] += abs(moved.delta)
        assert points == {
            (row.day, row.kind): [row.received, row.spent]
            for row in await session.scalars(select(DailyPoints))
        }
        months: dict[int, int] = defaultdict(int)
        for held in await session.scalars(select(Lot)):
            months[expires_month(held.expires_at_s)] += held.amount
        totals = await session.scalars(select(LotTotal))
        assert {row.expires_month: row.amount for row in totals if row.amount} == months


async def test_movements_come_to_what_the_lots_hold(database: Database) -> None:
    await project(database, eventful(seed=3, count=200).lines)
    async with database.reading(FIRST_PROGRAMME) as session:

        async def sums(table: type[Lot | AccountMovement], amount: str) -> dict[tuple[str, str], int]:
            rows = await session.execute(
                select(table.account, table.purse, func.sum(getattr(table, amount))).group_by(
                    table.account, table.purse
                )
            )
            return {(account, purse): int(total) for account, purse, total in rows if total}

        assert await sums(AccountMovement, "delta") == await sums(Lot, "amount") != {}
        held = await session.scalar(
            select(func.sum(AccountMovement.delta)).where(AccountMovement.kind == "hold")
        )
        others = await session.scalar(select(func.count()).where(AccountMovement.kind == "other"))
    assert (held, others) == (0, 0)


async def test_a_transaction_stands_as_what_came_later_says(database: Database) -> None:
    history = History()
    sale, undone, part, whole, again = (history.sale(number) for number in range(1, 6))
    holds = {name: history.hold(6, 10, sale) for name in ("open", "spent", "freed", "ran out", "reversed")}
    refused = history.declined(1, "51")
    history.reversal(undone)
    history.reversal(undone)  # moves nothing the second time
    history.returned(part, 400_000, 40)
    history.returned(whole, 400_000, 40)
    history.returned(whole, 600_000, 60)
    first_return = history.returned(again, 400_000, 40)
    history.reversal(first_return)
    history.completed(holds["spent"], 5, sale)
    history.voided(holds["freed"], sale)
    history.run_out(holds["ran out"], sale)
    history.reversal(holds["reversed"])
    history.reversal(refused)
    await project(database, history.lines)
    async with database.reading(FIRST_PROGRAMME) as session:
        rows = await session.scalars(select(Transaction))
        stands = {row.rrn: (row.standing, row.returned_amount) for row in rows}
    assert {
        name: stands[rrn(position)]
        for name, position in {
            "sale": sale,
            "undone": undone,
            "part": part,
            "whole": whole,
            "again": again,
            "return": first_return,
            "refused": refused,
            **holds,
        }.items()
    } == {
        "sale": ("stands", 0),
        "undone": ("reversed", 0),
        "part": ("part_returned", 400_000),
        "whole": ("returned", 1_000_000),
        "again": ("stands", 0),
        "return": ("reversed", 0),
        "refused": ("declined", 0),
        "open": ("held", 0),
        "spent": ("completed", 0),
        "freed": ("voided", 0),
        "ran out": ("expired", 0),
        "reversed": ("reversed", 0),
    }


def test_months_in_which_lots_end() -> None:
    # 1405-07-01 began in Tehran at 2026-09-22T20:30Z; what ends then was last good on 31 Shahrivar.
    begins_s = 1_790_109_000
    assert [expires_month(begins_s + more) for more in (0, 1)] == [140506, 140507]
    assert [expires_month(0), expires_month(NEVER_S), expires_month(NEVER_S - 1)] == [0, 999_999, 999_999]
