"""Points earned at a terminal buy at a storefront, whole and in instalments, before a real switch."""

import asyncio
from pathlib import Path

import pytest

from host_api.core.settings import Settings
from tests.host_api.api_calls import get, post
from tests.host_api.running_api import RunningApi
from tests.host_api.services.game_bench import (
    api_with,
    are_books_in_balance,
    has_points,
    member_who_buys,
    running_switch,
    shop,
)
from tests.host_api.services.selling.selling_calls import Honey, honey, movement_reaches, pay

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]


async def _buy(api: RunningApi, store: Honey, buyer: int) -> None:
    """One order is completed, one goes back, and of one in instalments a part is paid."""
    grant = await store.privilege(
        bonus_points=20, instalments={"instalments": 2, "weekend": []}, discount_bp=1_000
    )
    orders = [
        await store.order(buyer, privilege_id=grant, payment=payment)
        for payment in ("points", "points", "instalments")
    ]
    assert [order["state"] for order in orders] == ["placed"] * 3
    await has_points(api, buyer, 500 - 180)
    for order in orders:
        await store.step(order, "confirmation", "delivery")
    await store.step(orders[1], "return")
    await movement_reaches(api, f"pay-{orders[1]['id']}", "returned")
    paid = await pay(api, 1, {"means": "points", "rials": 45_000, "reference": "P-1"})
    assert paid["state"] == "done"
    for order in (orders[0], orders[2]):
        assert await store.pass_time(order, days=8)
        await movement_reaches(api, f"bonus-{order['id']}", "done")
    await has_points(api, buyer, 500 - 90 - 45 + 40)


async def test_what_members_and_sellers_have_comes_to_what_the_switch_has_moved(
    settings: Settings, tmp_path: Path
) -> None:
    with running_switch(tmp_path / "switch") as switch:
        async with api_with(settings, tmp_path, switch) as api:
            store = await honey(api, None, buyers=0)
            link = await shop(api, switch)
            buyer = await member_who_buys(api, link, 5_000_000)
            await has_points(api, buyer, 500)
            await _buy(api, store, buyer)
            assert await store.sums() == {
                "payment": -90_000 - 45_000,
                "commission": 1_800 + 900,
                "bonus": 40_000,
            }
            sale = await get(api, "/v1/instalment-sales/1")
            assert (sale["paid_rials"], sale["left_rials"]) == (45_000, 45_000)
            report = await post(api, "/v1/reconciliations", None)
            assert report["is_balanced"] is True, report
            link.close()
        await asyncio.to_thread(switch.stop)
    assert are_books_in_balance(tmp_path / "switch")
