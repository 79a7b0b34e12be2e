"""Prizes of each kind from their stock to the member, and what fails on the way."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from host_api.core.clock import utc_now
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.prizes import logic
from host_api.services.prizes.models import PrizeAward
from host_api.services.prizes.schemas import AwardRead
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.people import problem
from tests.host_api.points_bench import runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.services.prizes.prize_calls import CALLER, member, pool, prize
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


async def _award(
    api: RunningApi, prize_id: int, member_id: int, reference: str, quantity: int = 1
) -> AwardRead:
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        return await logic.award(
            session,
            prize_id,
            member_id,
            service="tests",
            reference=reference,
            caller=CALLER,
            quantity=quantity,
        )


async def _until(api: RunningApi, award: AwardRead, state: str) -> None:
    async def is_so() -> bool:
        return (await get(api, f"/v1/prizes/awards/{award.id}"))["state"] == state

    await eventually(is_so)


async def test_units_are_asked_of_the_switch_and_what_it_refuses_goes_back(
    api: RunningApi, peer: SwitchPeer
) -> None:
    who = await member(api)
    points = await prize(api, "units", purse=91, units=50, stock=3)
    peer.refuse = lambda message: "62" if message.mti == "0200" else None
    award = await _award(api, points, who, "1", quantity=2)
    assert (await _award(api, points, who, "1", quantity=2)).id == award.id
    await _until(api, award, "failed")
    assert (await get(api, f"/v1/prizes/{points}"))["stock"] == 3
    peer.refuse = lambda message: None
    await post(api, f"/v1/prizes/awards/{award.id}/retry", None)
    await _until(api, award, "given")
    assert (peer.balances, (await get(api, f"/v1/prizes/{points}"))["stock"]) == ({who: 100}, 1)
    again = await api.client.post(f"/v1/prizes/awards/{award.id}/retry")
    assert problem(again) == (409, "prize-award-not-waiting")
    with pytest.raises(logic.PrizeGone):
        await _award(api, points, who, "2", quantity=2)


async def test_codes_and_things(api: RunningApi) -> None:
    who = await member(api)
    tickets = await prize(api, "code", pool_id=await pool(api, codes=2))
    assert len((await _award(api, tickets, who, "1", quantity=2)).code_ids) == 2
    with pytest.raises(logic.PrizeGone):
        await _award(api, tickets, who, "2")
    cups = await prize(api, stock=2)
    kept, left = [await _award(api, cups, who, reference) for reference in ("3", "4")]
    handed = await post(api, f"/v1/prizes/awards/{kept.id}/handover", None)
    assert (handed["state"], handed["handed_over_by"]) == ("handed_over", "first key")
    assert problem(await api.client.post(f"/v1/prizes/awards/{kept.id}/handover"))[0] == 409
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        await session.execute(
            update(PrizeAward).where(PrizeAward.id == left.id).values(claim_until=utc_now() - timedelta(1))
        )
    assert problem(await api.client.post(f"/v1/prizes/awards/{left.id}/handover"))[0] == 409
    await post(api, "/v1/jobs/expire-prize-awards/runs", {}, 202)

    async def is_back() -> bool:
        return (await get(api, f"/v1/prizes/{cups}"))["stock"] == 1

    await eventually(is_back)
    own = items_of(await get(api, f"/v1/members/{who}/prizes"))
    assert [award["state"] for award in own] == ["expired", "handed_over", "given"]
    shrunk = await api.client.post(f"/v1/prizes/{cups}/stock", json={"change": -2})
    assert problem(shrunk) == (409, "prize-gone")
    assert (await post(api, f"/v1/prizes/{cups}/stock", {"change": 4}))["stock"] == 5
    bad = {"kind": "units", "title": "x", "title_fa": "x", "purse": 91}
    assert problem(await api.client.post("/v1/prizes", json=bad))[0] == 422
    erasable = await get(api, f"/v1/members/{who}")
    assert erasable["id"] == who
