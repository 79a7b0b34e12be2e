"""Twenty spins at once for the last prize, and a member who spins from everywhere."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from host_api.core.settings import Settings
from tests.host_api.api_calls import get, post
from tests.host_api.points_bench import runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.services.contests.contest_calls import members
from tests.host_api.services.prizes.prize_calls import prize
from tests.host_api.services.wheels.wheel_calls import NOTHING, piece, published, slices_of, spin, spins
from tests.host_api.switch_peer import SwitchPeer

pytestmark = pytest.mark.anyio

SPINS = 20


@pytest.fixture
async def peer() -> AsyncIterator[SwitchPeer]:
    async with SwitchPeer() as running:
        yield running


@pytest.fixture
async def api(settings: Settings, tmp_path: Path, peer: SwitchPeer) -> AsyncIterator[RunningApi]:
    async with running_api(runtime_with(settings, tmp_path, switch=peer.endpoint)) as running:
        yield running


async def test_of_twenty_spins_one_gets_the_last_prize(api: RunningApi, peer: SwitchPeer) -> None:
    """By the wheel's own stock, by the prize's, and by both for spins that are paid for."""
    people = await members(api, SPINS)
    last = await prize(api, stock=1)
    never = NOTHING | {"weight": 0}
    wheels = [
        await published(api, piece("cup", "units", 1, units=9, stock=1, substitute="nothing"), never),
        await published(api, piece("cup", "prize", 1, prize_id=last, substitute="nothing"), never),
    ]
    for wheel in wheels:
        answers = await asyncio.gather(*(spin(api, wheel, member) for member in people))
        assert {answer.status_code for answer in answers} == {201}
        given = sorted(answer.json()["given"] for answer in answers)
        assert given == ["cup"] + ["nothing"] * (SPINS - 1)
        assert (await slices_of(api, wheel))["cup"]["is_out"] is True
    await peer.wait_for(lambda: sum(peer.balances.values()) == 9)
    peer.balances = dict.fromkeys(people, 100)
    dear = await published(
        api,
        piece("cup", "prize", 1, prize_id=await prize(api, stock=1), stock=5, substitute="nothing"),
        never,
        free_per_day=0,
        price=100,
    )
    await asyncio.gather(*(spin(api, dear, member, buy=True) for member in people))
    made = await spins(api, dear)
    assert [each["state"] for each in made] == ["done"] * SPINS
    assert sorted(str(each["given"]) for each in made) == ["cup"] + ["nothing"] * (SPINS - 1)
    assert (await slices_of(api, dear))["cup"]["given"] == 1
    assert peer.balances == dict.fromkeys(people, 0)


async def test_a_member_has_no_spin_twice(api: RunningApi, peer: SwitchPeer) -> None:
    (member,) = await members(api, 1)
    peer.balances = {member: 1000}
    wheel = await published(api, free_per_day=2, price=10, bought_per_day=3)
    grant = {"member_id": member, "count": 2, "reference": "r", "reason": "جبران خطا"}
    path = f"/v1/wheels/{wheel}/grants"
    granted = await asyncio.gather(*(api.client.post(path, json=grant) for _ in range(4)))
    assert [answer.json()["earned"] for answer in granted] == [2] * 4
    answers = await asyncio.gather(*(spin(api, wheel, member, buy=True) for _ in range(SPINS)))
    sources = [answer.json()["source"] for answer in answers if answer.status_code == 201]
    assert (sources.count("free"), sources.count("earned"), sources.count("bought")) == (2, 2, 3)
    assert [answer.status_code for answer in answers].count(409) == SPINS - 7
    assert peer.balances == {member: 970}
    left = await get(api, f"/v1/wheels/{wheel}/members/{member}")
    assert (left["free"], left["earned"], left["can_buy"]) == (0, 0, 0)
    await post(api, path, grant | {"reference": "s"})
