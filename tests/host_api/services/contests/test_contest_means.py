"""What contests give from: prizes with a stock, and budgets that set the whole risk aside."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.budgets.models import BudgetFigures
from tests.host_api.api_calls import get, post
from tests.host_api.people import problem
from tests.host_api.points_bench import person, runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.services.contests.contest_calls import (
    FREE,
    close,
    decided,
    entered,
    entries,
    members,
    published,
    settle,
    wanted,
)
from tests.host_api.services.prizes.prize_calls import prize
from tests.host_api.switch_peer import SwitchPeer

pytestmark = pytest.mark.anyio


@pytest.fixture
async def peer() -> AsyncIterator[SwitchPeer]:
    async with SwitchPeer() as running:
        yield running


@pytest.fixture
async def api(settings: Settings, tmp_path: Path, peer: SwitchPeer) -> AsyncIterator[RunningApi]:
    async with running_api(runtime_with(settings, tmp_path, switch=peer.endpoint)) as running:
        yield running


async def test_winners_get_a_prize_as_long_as_there_is_one(api: RunningApi) -> None:
    people = await members(api, 2)
    cup = await prize(api, stock=1)
    contest = await published(api, **(FREE | {"prize_units": None, "prize_id": cup}))
    for member in people:
        await entered(api, contest, member)
    await close(api, contest)
    await decided(api, contest, {"winner": ["home"]})
    await settle(api, contest)
    assert [entry["state"] for entry in await entries(api, contest)] == ["paid", "unpaid"]
    await post(api, f"/v1/prizes/{cup}/stock", {"change": 1})
    await post(api, f"/v1/contests/{contest}/payments", {})
    await settle(api, contest)
    assert [entry["state"] for entry in await entries(api, contest)] == ["paid", "paid"]
    assert (await get(api, f"/v1/prizes/{cup}"))["stock"] == 0


async def _figures(api: RunningApi) -> tuple[int, int]:
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        figures = (await session.scalars(select(BudgetFigures))).one()
    return figures.reserved, figures.consumed


async def test_a_budget_sets_all_aside_and_pays_what_is_won(api: RunningApi) -> None:
    people = await members(api, 2)
    second = await person(api, "second", "budgets:approve")
    budget = await post(
        api, "/v1/budgets", {"title": "Norouz", "owner": "Marketing", "purse": 91, "units": 100}
    )
    await second.post("/v1/budgets/changes/1/approval", {})
    paid_by = FREE | {"budget_id": budget["id"]}
    capless = await post(api, "/v1/contests", wanted(**paid_by))
    answer = await api.client.post(f"/v1/contests/{capless['id']}/publication", json={})
    assert problem(answer) == (409, "contest-budget-needs-cap")
    contest = await published(api, **paid_by, exposure_cap=80)
    assert await _figures(api) == (80, 0)
    dear = await post(api, "/v1/contests", wanted(**paid_by, exposure_cap=30))
    answer = await api.client.post(f"/v1/contests/{dear['id']}/publication", json={})
    assert problem(answer)[0] == 409
    await entered(api, contest, people[0])
    await entered(api, contest, people[1], None, {"winner": "away"})
    await close(api, contest)
    await decided(api, contest, {"winner": ["home"]})
    await settle(api, contest)
    assert await _figures(api) == (0, 30)
    await post(api, f"/v1/contests/{dear['id']}/publication", {})
    await post(api, f"/v1/contests/{dear['id']}/cancellation", {"reason": "باران"})
    assert await _figures(api) == (0, 30)
