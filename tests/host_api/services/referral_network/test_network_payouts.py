"""Payouts: out of a budget, once a period, by the policy of the purchase, under a cap."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.ledger.states import RequestState
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.budgets.models import Budget, BudgetFigures
from host_api.services.budgets.problems import BudgetNotFound
from host_api.services.referral_network import views
from host_api.services.referral_network.models import NetworkPayout
from host_api.services.referral_network.policy_schemas import (
    IncomeBasis,
    IncomeCapPeriod,
    IncomeShare,
    NetworkLevelRule,
    NetworkPayoutTime,
    NetworkPolicyContent,
    NetworkPolicyCreate,
)
from host_api.services.referral_network.scoring import cap_period, due_on, taken_back
from tests.host_api.services.referral_network.network_bench import Club

pytestmark = pytest.mark.anyio

TENTH = NetworkPolicyCreate(levels=[NetworkLevelRule(introducer=IncomeShare(rate=1000))])


async def _payouts(database: Database) -> list[tuple[int, int, str]]:
    async with database.reading(FIRST_PROGRAMME) as session:
        rows = await session.scalars(select(NetworkPayout).order_by(NetworkPayout.id))
        return [(row.member_id, row.units, row.state) for row in rows]


async def _waiting(database: Database, member_id: int) -> int:
    async with database.reading(FIRST_PROGRAMME) as session:
        return (await views.of_member(session, member_id)).waiting_units


def _soon(days: int = 0) -> datetime:
    return utc_now() + timedelta(days=days, seconds=1)


async def test_what_a_budget_does_not_cover_waits(database: Database) -> None:
    club = Club(database)
    await club.join((1, 2))
    async with club.writing() as session:
        budget = Budget(
            title="Network",
            owner="Marketing",
            purse=91,
            starts_at=utc_now(),
            ends_at=None,
            warning_percent=90,
            is_closed=False,
            created_by="n",
            created_at=utc_now(),
        )
        session.add(budget)
        await session.flush()
        session.add(BudgetFigures(budget_id=budget.id, units=60, reserved=0, consumed=0, warned_at=None))
    with pytest.raises(BudgetNotFound):
        await club.policy(TENTH.model_copy(update={"budget_id": 999}))
    await club.policy(TENTH.model_copy(update={"budget_id": budget.id}))
    await club.register(2, 1)
    await club.feed(club.sale(2, _soon(), points=500))
    await club.pay(2)
    await club.answer(RequestState.DECLINED)
    assert await _waiting(database, 1) == 50
    await club.feed(club.sale(2, _soon(), points=100))
    await club.pay(2)
    await club.answer(RequestState.APPROVED)
    await club.feed(club.sale(2, _soon(), points=10))
    await club.pay(2)
    assert await _payouts(database) == [(1, 50, "failed"), (1, 60, "paid")]
    assert await _waiting(database, 1) == 1
    async with club.writing() as session:
        figures = await session.get_one(BudgetFigures, (FIRST_PROGRAMME, budget.id))
        assert (figures.reserved, figures.consumed) == (0, 60)
        figures.units = 100
    await club.feed(club.sale(2, _soon(), points=15))
    await club.pay(2)
    assert (await _payouts(database))[2:] == [(1, 2, "sent")]
    assert await _waiting(database, 1) == 0


async def test_the_policy_of_the_purchase_and_a_fraction_that_is_carried(database: Database) -> None:
    club = Club(database)
    await club.join((1, 2))
    await club.policy(TENTH)
    await club.register(2, 1)
    later = {"in_force_from": _soon(2), "basis": IncomeBasis.PAID_AMOUNT}
    later |= {"cap": 7, "cap_period": IncomeCapPeriod.DAY}
    await club.policy(TENTH.model_copy(update=later))
    first = club.sale(2, _soon(), points=15)
    await club.feed(first, club.sale(2, _soon(1), points=10), club.sale(2, _soon(3), points=9, amount=90))
    await club.pay(1)
    assert await _payouts(database) == [(1, 1, "sent")]  # 1.5
    await club.pay(2)
    assert (await _payouts(database))[1:] == [(1, 1, "sent")]  # 1 and half a unit carried
    await club.feed(club.give_back(first, 500_000, _soon()))  # 0.75 of 1.5
    await club.pay(10)
    # Of 9 the cap leaves 7; 0.25 of what was paid is owed.
    assert (await _payouts(database))[2:] == [(1, 6, "sent")]


def test_periods_end_by_the_clock_and_calendar_of_tehran() -> None:
    last = datetime(2026, 4, 20, 20, 29, 59, tzinfo=UTC)  # 31 Farvardin 1405, a second before midnight
    monthly = NetworkPolicyContent(payout=NetworkPayoutTime.MONTHLY)
    daily = NetworkPolicyContent(cap_period=IncomeCapPeriod.DAY)
    assert (
        f"{due_on(monthly, last)} {due_on(monthly, last + timedelta(seconds=1))}" == "2026-04-21 2026-05-22"
    )
    assert f"{due_on(daily, last)} {due_on(daily, last + timedelta(seconds=1))}" == "2026-04-21 2026-04-22"
    assert (cap_period(monthly, last), cap_period(daily, last)) == ("1405/01", "2026-04-20")
    parts = [taken_back(10, 3, returned) for returned in (-1, 0, 1, 2, 3, 4)]
    assert parts == [0, 0, 3, 6, 10, 10]
