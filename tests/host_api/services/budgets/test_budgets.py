"""Budgets: two persons for their units, a warning, a history, and nothing promised twice."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from host_api.client import problems
from host_api.client.models.budgets import (
    BudgetChangeCreate,
    BudgetChangeDecision,
    BudgetCreate,
    BudgetUpdate,
)
from host_api.client.operations.budgets import BudgetsOperations
from host_api.core.clock import utc_now
from host_api.core.events.models import Event
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.budgets.logic import (
    BudgetExhausted,
    BudgetNotFound,
    ReservationFault,
    consume,
    release,
    reserve,
)
from tests.host_api.points_bench import new_key
from tests.host_api.running_api import RunningApi

pytestmark = pytest.mark.anyio

NOTHING = BudgetChangeDecision()


async def _as(api: RunningApi, *permissions: str) -> BudgetsOperations:
    headers = await new_key(api, "امید", *permissions)
    return api.calls.as_caller(api_key=headers["X-API-Key"]).budgets


async def _take(api: RunningApi, budget_id: int, units: int, reference: str) -> None:
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        await reserve(session, budget_id, units, service="contests", reference=reference)


async def _end(api: RunningApi, reference: str, units: int | None = None) -> None:
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        await consume(session, service="contests", reference=reference, units=units)


async def _free(api: RunningApi, reference: str) -> None:
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        await release(session, service="contests", reference=reference)


async def test_the_life_of_a_budget(api: RunningApi) -> None:
    asker, second = await _as(api, "budgets:read", "budgets:write"), await _as(api, "budgets:approve")
    budget = await asker.open_budget(BudgetCreate(title="Norouz", owner="Marketing", purse=92, units=1000))
    assert (budget.units, budget.free) == (0, 0)
    with pytest.raises(BudgetExhausted):
        await _take(api, budget.id, 1, "a")
    (first,) = [change async for change in asker.list_budget_changes(state="asked")]
    with pytest.raises(problems.NotPermitted):
        await asker.approve_budget_change(first.id, NOTHING)
    await second.approve_budget_change(first.id, NOTHING)
    with pytest.raises(problems.AlreadyDecided):
        await second.approve_budget_change(first.id, NOTHING)

    for _ in range(2):  # asking and saying it again changes nothing
        await _take(api, budget.id, 600, "a")
        await _end(api, "a", 500)
    await _take(api, budget.id, 250, "b")
    for _ in range(2):
        await _free(api, "b")
    await _take(api, budget.id, 300, "c")
    found = await asker.read_budget(budget.id)
    assert (found.units, found.reserved, found.consumed, found.free) == (1000, 300, 500, 200)
    with pytest.raises(BudgetExhausted):
        await _take(api, budget.id, 201, "d")
    with pytest.raises(BudgetNotFound):
        await _take(api, budget.id + 1, 1, "d")
    with pytest.raises(ReservationFault):
        await _take(api, budget.id, 301, "c")
    with pytest.raises(ReservationFault):
        await _end(api, "c", 301)
    with pytest.raises(ReservationFault):
        await _end(api, "b")
    with pytest.raises(ReservationFault):
        await _free(api, "a")
    with pytest.raises(ReservationFault):
        await _free(api, "unknown")

    both = await _as(api, "budgets:*")
    cut = await both.ask_budget_change(budget.id, BudgetChangeCreate(kind="cut", units=201, reason="less"))
    with pytest.raises(problems.SecondPersonNeeded):
        await both.approve_budget_change(cut.id, NOTHING)
    with pytest.raises(problems.BudgetInUse):
        await second.approve_budget_change(cut.id, NOTHING)
    assert (await both.cancel_budget_change(cut.id)).state == "cancelled"
    cut = await both.ask_budget_change(budget.id, BudgetChangeCreate(kind="cut", units=200, reason="less"))
    assert (await second.approve_budget_change(cut.id, NOTHING)).state == "approved"
    entries = [entry async for entry in asker.list_budget_entries(budget.id, sort="id")]
    assert [(entry.kind, entry.units, entry.reference) for entry in entries] == [
        ("top_up", 1000, str(first.id)),
        ("reserve", 600, "a"),
        ("consume", 500, "a"),
        ("release", 100, "a"),
        ("reserve", 250, "b"),
        ("release", 250, "b"),
        ("reserve", 300, "c"),
        ("cut", 200, str(cut.id)),
    ]
    last = entries[-1]
    assert (last.units_after, last.reserved_after, last.consumed_after) == (800, 300, 500)


async def test_a_warning_is_told_once_until_the_budget_grows(api: RunningApi) -> None:
    mine, second = await _as(api, "budgets:*"), await _as(api, "budgets:*")
    budget = await mine.open_budget(BudgetCreate(title="Eid", owner="Club", purse=91, units=100))
    (first,) = [change async for change in mine.list_budget_changes()]
    await second.approve_budget_change(first.id, NOTHING)

    async def warnings() -> int:
        async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
            return len((await session.scalars(select(Event).where(Event.type == "budget.warning"))).all())

    await _take(api, budget.id, 79, "a")
    assert await warnings() == 0
    await _take(api, budget.id, 1, "b")
    await _free(api, "b")
    await _take(api, budget.id, 5, "c")
    assert await warnings() == 1
    more = await mine.ask_budget_change(
        budget.id, BudgetChangeCreate(kind="top_up", units=100, reason="more")
    )
    await second.approve_budget_change(more.id, NOTHING)
    await _take(api, budget.id, 76, "d")
    assert await warnings() == 2


async def test_a_budget_that_is_closed_or_over_gives_nothing(api: RunningApi) -> None:
    mine, second = await _as(api, "budgets:*"), await _as(api, "budgets:*")
    now = utc_now()
    with pytest.raises(problems.ValidationFailed):
        await mine.open_budget(
            BudgetCreate(title="Eid", owner="Club", purse=91, units=1, starts_at=now, ends_at=now)
        )
    budget = await mine.open_budget(BudgetCreate(title="Eid", owner="Club", purse=91, units=100))
    (first,) = [change async for change in mine.list_budget_changes()]
    await second.approve_budget_change(first.id, NOTHING)
    await _take(api, budget.id, 10, "a")
    closed = await mine.change_budget(budget.id, BudgetUpdate(is_closed=True), if_match='"1"')
    assert (closed.is_closed, closed.title) == (True, "Eid")
    with pytest.raises(problems.ChangedMeanwhile):
        await mine.change_budget(budget.id, BudgetUpdate(is_closed=False), if_match='"1"')
    with pytest.raises(BudgetExhausted):
        await _take(api, budget.id, 10, "b")
    await _end(api, "a")  # what was promised is kept
    with pytest.raises(problems.BudgetPeriodWrong):
        await mine.change_budget(budget.id, BudgetUpdate(ends_at=now - timedelta(days=1)), if_match='"2"')
    await mine.change_budget(budget.id, BudgetUpdate(is_closed=False, ends_at=utc_now()), if_match='"2"')
    with pytest.raises(BudgetExhausted):
        await _take(api, budget.id, 10, "b")
    assert (await mine.read_budget(budget.id)).consumed == 10
