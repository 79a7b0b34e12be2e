"""Many at once: a budget is never exceeded, and what is asked twice is set aside once."""

import asyncio
import random

import pytest

from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.budgets.logic import BudgetExhausted, consume, release, reserve
from host_api.services.budgets.models import Budget, BudgetFigures

pytestmark = pytest.mark.anyio

UNITS = 100


async def _budget(database: Database) -> int:
    async with database.writing(FIRST_PROGRAMME) as session:
        budget = Budget(
            title="Eid",
            owner="Club",
            purse=91,
            starts_at=utc_now(),
            ends_at=None,
            warning_percent=80,
            is_closed=False,
            created_by="n",
            created_at=utc_now(),
        )
        session.add(budget)
        await session.flush()
        session.add(BudgetFigures(budget_id=budget.id, units=UNITS, reserved=0, consumed=0, warned_at=None))
        return budget.id


async def test_it_is_never_exceeded(database: Database) -> None:
    budget_id = await _budget(database)
    dice = random.Random(7)

    async def gift(number: int) -> int:
        # Two ask under each reference, for the same.
        reference, units = str(number // 2), 10 + number // 2 % 7
        try:
            async with database.writing(FIRST_PROGRAMME) as session:
                await reserve(session, budget_id, units, service="t", reference=reference)
        except BudgetExhausted:
            return 0
        if number % 2:
            return 0
        async with database.writing(FIRST_PROGRAMME) as session:
            if dice.random() < 0.6:
                await consume(session, service="t", reference=reference, units=units - 3)
                return units - 3
            await release(session, service="t", reference=reference)
        return 0

    given = sum(await asyncio.gather(*(gift(number) for number in range(40))))
    async with database.reading(FIRST_PROGRAMME) as session:
        figures = await session.get(BudgetFigures, (FIRST_PROGRAMME, budget_id))
    assert figures is not None
    assert figures.consumed == given
    assert 0 <= figures.reserved <= figures.units - figures.consumed
