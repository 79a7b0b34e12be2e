"""A member earns at a terminal, buys spins with it and wins points; a real switch's books agree."""

import asyncio
from pathlib import Path

import pytest

from host_api.core.settings import Settings
from tests.host_api.api_calls import post
from tests.host_api.services.game_bench import (
    api_with,
    are_books_in_balance,
    has_points,
    member_who_buys,
    running_switch,
    shop,
)
from tests.host_api.services.wheels.wheel_calls import piece, published, spun

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]


async def test_bought_spins_before_a_real_switch(settings: Settings, tmp_path: Path) -> None:
    with running_switch(tmp_path / "switch") as switch:
        async with api_with(settings, tmp_path, switch) as api:
            link = await shop(api, switch)
            member = await member_who_buys(api, link, 1_000_000)
            wheel = await published(
                api, piece("seven", "units", 1, units=7, valid_days=10), free_per_day=0, price=50
            )
            made = [await spun(api, wheel, member, buy=True) for _ in range(2)]
            assert {each["given"] for each in made} == {"seven"}
            await has_points(api, member, 100 - 2 * 50 + 2 * 7)
            poor = await spun(api, wheel, member, buy=True)
            assert (poor["state"], poor["response_code"]) == ("refused", "51")
            report = await post(api, "/v1/reconciliations", None)
            assert report["is_balanced"] is True, report
            link.close()
        await asyncio.to_thread(switch.stop)
    assert are_books_in_balance(tmp_path / "switch")
