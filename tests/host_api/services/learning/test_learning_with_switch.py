"""A member's points buy a course and a report, and come back: before a real switch, whose books agree."""

import asyncio
from pathlib import Path

import pytest

from host_api.core.settings import Settings
from tests.host_api.api_calls import get, post
from tests.host_api.eventually import eventually
from tests.host_api.running_api import RunningApi
from tests.host_api.services.game_bench import (
    api_with,
    are_books_in_balance,
    has_points,
    member_who_buys,
    running_switch,
    shop,
)
from tests.host_api.services.learning.learning_calls import course, document, wanted

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]

BUY = "/v1/learning/purchases"


async def _becomes(api: RunningApi, purchase: object, state: str) -> None:
    async def has_become() -> bool:
        return (await get(api, f"{BUY}/{purchase}"))["state"] == state

    await eventually(has_become)


async def test_points_buy_a_course_and_come_back(settings: Settings, tmp_path: Path) -> None:
    with running_switch(tmp_path / "switch") as switch:
        async with api_with(settings, tmp_path, switch) as api:
            link = await shop(api, switch)
            member = await member_who_buys(api, link, 3_000_000)  # 300 points
            paid = await course(api, price=200, capacity=1, refund_days=7)
            report = await document(api, price=120)
            had = await post(api, f"{BUY}?wait_s=10", wanted(member, "course", paid))
            assert (had["state"], had["price"]) == ("active", 200)
            await has_points(api, member, 100)
            # Too dear by now: nothing is taken, and it can be bought later.
            poor = await post(api, f"{BUY}?wait_s=10", wanted(member, "document", report))
            assert (poor["state"], poor["response_code"]) == ("refused", "51")
            await post(api, f"{BUY}/{had['id']}/refund", None)
            await _becomes(api, had["id"], "returned")
            await has_points(api, member, 300)
            assert (await get(api, f"/v1/courses/{paid}"))["places_left"] == 1
            again = await post(api, f"{BUY}?wait_s=10", wanted(member, "document", report))
            assert (again["id"], again["state"]) == (poor["id"], "active")
            await has_points(api, member, 180)
            report_of_books = await post(api, "/v1/reconciliations", None)
            assert report_of_books["is_balanced"] is True, report_of_books
            link.close()
        await asyncio.to_thread(switch.stop)
    assert are_books_in_balance(tmp_path / "switch")
