"""Statements of marketers from trades of their customers, to the rial (MKT-01 to MKT-05)."""

import asyncio
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, update

from host_api.core.database import Database
from host_api.core.errors import Problem
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.second_person import OwnAct
from host_api.services.marketers import closing, entries, following, logic, performance, rates, statements
from host_api.services.marketers.models import MarketerLine, MarketerStatement, RebateTable
from host_api.services.marketers.months import month_number
from host_api.services.marketers.problems import EntryReferenceTaken, StatementNotDue
from host_api.services.marketers.schemas import (
    MarketerCreate,
    MarketerEntryCreate,
    MarketerPaymentCreate,
    RebateTier,
    RebateTierBy,
)
from host_api.services.referral_network.models import NetworkPlace
from tests.host_api.services.brokerage.trade_bench import merged, told, trade, trading_club
from tests.host_api.services.referral_network.network_bench import APPROVER, ASKER, Club

pytestmark = pytest.mark.anyio

MARKETER = 1
# A tenth of the commission, and a fifth from ten million rial of turnover on.
TIERS = [{"from_rials": 0, "basis_points": 1000}, {"from_rials": 10_000_000, "basis_points": 2000}]
BEGAN = datetime(2026, 3, 1, tzinfo=UTC)


async def _club(database: Database) -> tuple[Club, int]:
    """Member 1 is a marketer from 1405-01-01 on and introduced 2 and 3 before; 4 has come alone."""
    club = await trading_club(database, 9)
    async with club.writing() as session:
        session.add_all(
            NetworkPlace(
                member_id=member,
                introducer=above,
                upline=[] if above is None else [above],
                since=BEGAN,
                counts_from=BEGAN,
            )
            for member, above in ((1, None), (2, 1), (3, 1), (9, None))
        )
        session.add(
            RebateTable(
                valid_from=BEGAN, created_at=BEGAN, created_by="test", tier_by="turnover", tiers=TIERS
            )
        )
        made, _ = await logic.create(session, MarketerCreate(member_id=MARKETER, since=date(2026, 3, 21)))
    return club, made.id


async def _traded(club: Club, *rows: tuple[str, int, int, int, int, int], cancelled: bool = False) -> None:
    """Trades: reference, revision, member, month of 1405, turnover, commission."""
    days = {0: "2026-03-20", 1: "2026-03-25", 2: "2026-04-25", 3: "2026-05-25", 4: "2026-06-25"}
    await told(
        club,
        [
            trade(
                reference,
                member,
                revision=revision,
                traded_at=f"{days[month]}T08:00:00Z",
                turnover_rials=turnover,
                commission_rials=commission,
                is_cancelled=cancelled,
            )
            for reference, revision, member, month, turnover, commission in rows
        ],
    )
    async with club.writing() as session:
        while await following.follow(session, 2):
            pass


async def _close(club: Club, marketer: int, month: int) -> int:
    """Close all that is over on a day of the month 1405-`month`."""
    days = {2: (5, 1), 3: (6, 1), 4: (7, 1), 5: (8, 1)}
    now = datetime(2026, *days[month], tzinfo=UTC)
    async with club.writing() as session:
        return await closing.close_due(session, marketer, now)


async def _last(database: Database) -> tuple[int, ...]:
    """Rebate, adjustment, carried in, payable and carried on of the last statement."""
    async with database.reading(FIRST_PROGRAMME) as session:
        row = (await session.scalars(select(MarketerStatement).order_by(MarketerStatement.id.desc()))).first()
        assert row is not None
        return (
            row.rebate_rials,
            row.adjustment_rials,
            row.carried_in_rials,
            row.payable_rials,
            row.carried_on_rials,
        )


async def test_months_are_closed_once_and_adjusted_later(database: Database) -> None:
    club, marketer = await _club(database)
    await _traded(
        club,
        ("T0", 1, 2, 0, 9_000_000, 90_000),  # before the marketer began
        ("T1", 1, 2, 1, 6_000_000, 20_005),
        ("T2", 1, 3, 1, 3_000_000, 10_000),
        ("TX", 1, 4, 1, 8_000_000, 80_000),  # nobody's customer
    )
    async with database.reading(FIRST_PROGRAMME) as session:
        found = await performance.read(session, marketer, month_number(1405, 1))
        assert (found.customers, found.trades, found.turnover_rials) == (2, 2, 9_000_000)
        assert (found.commission_rials, found.basis_points, found.rebate_rials) == (30_005, 1000, 3_000)
        ranked = await performance.rank_customers(session, marketer, month_number(1405, 1))
        assert [(one.customer_id, one.commission_rials) for one in ranked] == [(2, 20_005), (3, 10_000)]
    closed = await asyncio.gather(_close(club, marketer, 2), _close(club, marketer, 2))
    assert sorted(closed) == [0, 1]
    assert await _last(database) == (3_000, 0, 0, 3_000, 0)

    # Late for 1405-01: 11,000,000 reach the fifth, 35,005 give 7,001 in place of 3,000.
    await _traded(club, ("T3", 1, 2, 1, 2_000_000, 5_000), ("T4", 1, 3, 2, 1_000_000, 4_000))
    assert await _close(club, marketer, 3) == 1
    assert await _last(database) == (400, 4_001, 0, 4_401, 0)

    # T1 is cancelled: 5,000,000 and 15,000 give 1,500 in place of 7,001, to whoever had it, wherever the
    # customer hangs by now.
    async with club.writing() as session:
        await session.execute(
            update(NetworkPlace).where(NetworkPlace.member_id == 2).values(introducer=9, upline=[9])
        )
    await _traded(club, ("T1", 2, 2, 1, 6_000_000, 20_005), cancelled=True)
    await _traded(club, ("T5", 1, 3, 3, 100_000, 1_000), ("T6", 1, 2, 3, 100_000, 1_000))
    assert await _close(club, marketer, 4) == 1
    assert await _last(database) == (100, -5_501, 0, 0, -5_401)

    async with club.writing() as session:
        entry = MarketerEntryCreate(
            reference="E1", day=date(2026, 6, 25), turnover_rials=700_000, commission_rials=70_000
        )
        await entries.enter(session, marketer, entry, "test")
    with pytest.raises(EntryReferenceTaken):
        async with club.writing() as session:
            await entries.enter(session, marketer, entry, "test")
    assert await _close(club, marketer, 5) == 1
    assert await _last(database) == (7_000, 0, -5_401, 1_599, 0)
    assert await _close(club, marketer, 5) == 0
    async with database.reading(FIRST_PROGRAMME) as session:
        paid = list(await session.scalars(select(MarketerStatement.payable_rials)))
        assert sum(paid) == 1_500 + 400 + 100 + 7_000
        assert (
            await session.scalar(select(MarketerLine.id).where(MarketerLine.statement_id.is_(None))) is None
        )


async def test_a_trade_goes_from_hand_to_hand(database: Database) -> None:
    club, marketer = await _club(database)
    await _traded(club, ("T1", 1, 2, 1, 1_000, 100))
    await _traded(club, ("T1", 2, 4, 1, 1_000, 100))  # of a member who is nobody's customer
    await _traded(club, ("T1", 3, 3, 2, 2_000, 200))  # of another customer, in the next month
    await _traded(club, ("T1", 4, 3, 2, 2_500, 250))
    async with database.reading(FIRST_PROGRAMME) as session:
        for month, turnover in ((1, 0), (2, 2_500)):
            found = await performance.read(session, marketer, month_number(1405, month))
            assert (found.turnover_rials, found.trades) == (turnover, int(turnover > 0))


async def test_merged_records_stay_who_they_are(database: Database) -> None:
    club, marketer = await _club(database)
    await _traded(club, ("T1", 1, 3, 1, 1_000, 100))
    await merged(club, MARKETER, 5)
    await merged(club, 3, 6)
    await _traded(club, ("T1", 2, 3, 1, 3_000, 300), ("T2", 1, 2, 1, 4_000, 400), ("T3", 1, 6, 1, 5_000, 500))
    async with database.reading(FIRST_PROGRAMME) as session:
        found = await performance.read(session, marketer, month_number(1405, 1))
        assert (found.turnover_rials, found.commission_rials, found.trades) == (12_000, 1_200, 3)


async def test_a_payment_takes_two(database: Database) -> None:
    club, marketer = await _club(database)
    await _traded(club, ("T1", 1, 2, 1, 1_000_000, 10_000))
    await _close(club, marketer, 2)
    wanted = MarketerPaymentCreate(paid_on=date(2026, 5, 2), bank_reference="140502120001")
    async with club.writing() as session:
        statement_id = await session.scalar(select(MarketerStatement.id)) or 0
        asked = await statements.ask_payment(session, ASKER, statement_id, wanted)
        await _refused(StatementNotDue, statements.ask_payment(session, ASKER, statement_id, wanted))
        await _refused(OwnAct, statements.approve_payment(session, ASKER, asked.id, None))
        await statements.reject_payment(session, APPROVER, asked.id, "واریز نشده")
        again = await statements.ask_payment(session, ASKER, statement_id, wanted)
        assert (await statements.approve_payment(session, APPROVER, again.id, None)).amount_rials == 1_000
        assert (await statements.read(session, statement_id)).state == "paid"
        await _refused(StatementNotDue, statements.ask_payment(session, ASKER, statement_id, wanted))


async def _refused(problem: type[Problem], call: object) -> None:
    with pytest.raises(problem):
        await call  # type: ignore[misc]


@pytest.mark.parametrize(
    ("tier_by", "turnover", "commission", "expected"),
    [
        ("turnover", 9_999_999, 19, (1000, 1)),
        ("turnover", 10_000_000, 19, (2000, 3)),
        ("turnover", 0, -19, (1000, -1)),
        ("turnover", -1, 100, (0, 0)),
        ("commission", 0, 10_000_000, (2000, 2_000_000)),
    ],
)
def test_rates(tier_by: str, turnover: int, commission: int, expected: tuple[int, int]) -> None:
    tiers = [RebateTier.model_validate(tier) for tier in TIERS]
    assert rates.rebate_of(RebateTierBy(tier_by), tiers, turnover, commission) == expected
