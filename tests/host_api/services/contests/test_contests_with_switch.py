"""A member earns at a terminal, stakes it, wins and gets a stake back; a real switch's books agree."""

import asyncio
from pathlib import Path

import pytest

from host_api.core.settings import Settings
from tests.host_api.api_calls import post
from tests.host_api.services.contests.contest_calls import (
    close,
    decided,
    enter,
    entered,
    entries,
    published,
    settle,
)
from tests.host_api.services.game_bench import (
    api_with,
    are_books_in_balance,
    has_points,
    member_who_buys,
    running_switch,
    shop,
)

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]


async def test_stakes_wins_and_returns_before_a_real_switch(settings: Settings, tmp_path: Path) -> None:
    with running_switch(tmp_path / "switch") as switch:
        async with api_with(settings, tmp_path, switch) as api:
            link = await shop(api, switch)
            member = await member_who_buys(api, link, 3_000_000)
            won, cancelled = await published(api, valid_days=30), await published(api, cost_mode="floating")
            await entered(api, won, member, 200)
            await entered(api, cancelled, member, 60)
            poor = (await enter(api, await published(api), member, 41)).json()
            assert (poor["state"], poor["response_code"]) == ("refused", "51")
            await has_points(api, member, 40)
            await close(api, won)
            await decided(api, won, {"winner": ["home"]})
            await settle(api, won)
            await post(api, f"/v1/contests/{cancelled}/cancellation", {"reason": "باران"})
            await settle(api, cancelled, "cancelled")
            ((paid,), (returned,)) = (await entries(api, won), await entries(api, cancelled))
            assert (paid["state"], paid["payout"], returned["state"]) == ("paid", 370, "refunded")
            await has_points(api, member, 40 + 370 + 60)
            report = await post(api, "/v1/reconciliations", None)
            assert report["is_balanced"] is True, report
            link.close()
        await asyncio.to_thread(switch.stop)
    assert are_books_in_balance(tmp_path / "switch")
