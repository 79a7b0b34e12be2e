"""Points earned at a terminal buy in the shop and come back, before a real switch; then the books."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.prizes import logic as prizes
from switch.snapshot.reading import recovered_state
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.points_bench import runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.services.prizes.prize_calls import CALLER, prize
from tests.host_api.services.shop.shop_calls import (
    decided,
    item,
    lines_of,
    order,
    progress,
    states_of,
    stock,
)
from tests.switch.conftest import FEED_TOKEN, Link, SwitchProcess

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]

TERMINAL, SHOP = "TERM0001", "SHOP01"


@pytest.fixture
def switch(tmp_path: Path) -> Iterator[SwitchProcess]:
    found = SwitchProcess(tmp_path / "switch")
    try:
        yield found.start()
    finally:
        if found.process is not None and found.process.poll() is None:
            found.kill()


@pytest.fixture
async def api(settings: Settings, tmp_path: Path, switch: SwitchProcess) -> AsyncIterator[RunningApi]:
    runtime = runtime_with(
        settings, tmp_path, switch=switch.terminals, operations_url=switch.operations, token=FEED_TOKEN
    )
    async with running_api(runtime) as running:
        yield running


async def _earner(api: RunningApi, switch: SwitchProcess) -> int:
    """A member who has bought for 2,500,000 rial at a terminal, and has 250 points of that."""
    member = await post(api, "/v1/members", {"name": "سارا عضو", "tier": "gold"})
    card = await post(api, "/v1/cards", {"member_id": member["id"]})
    merchant = await post(api, "/v1/merchants", {"merchant_id": SHOP, "name": "فروشگاه مهر"})
    branch = await post(api, f"/v1/merchants/{merchant['id']}/branches", {"name": "مرکزی"})
    await post(
        api, "/v1/terminals", {"terminal_id": TERMINAL, "branch_id": branch["id"], "key_generation": 1}
    )

    async def is_served() -> bool:
        return (await get(api, f"/v1/terminals/{TERMINAL}"))["switch_state"] == "active"

    await eventually(is_served)
    link = Link(switch.terminals)
    await asyncio.to_thread(link.sign_on, TERMINAL)
    sale = link.purchase(2_500_000, card=str(card["number"]), terminal_id=TERMINAL, merchant_id=SHOP)
    assert (await asyncio.to_thread(link.call, sale)).fields[39] == "00"
    link.close()
    return int(str(member["id"]))


async def test_earned_at_a_till_spent_in_the_shop_and_given_back(
    api: RunningApi, switch: SwitchProcess
) -> None:
    who = await _earner(api, switch)
    cups = await item(api, price=40, stock=5, return_days=7)
    gift = await item(api, "charity", charity="Mahak", price=10)
    dear = await item(api, price=200, stock=1)

    async def has(points: int) -> None:
        async def is_so() -> bool:
            return (await get(api, f"/v1/members/{who}/balances"))["points"] == points

        await eventually(is_so)

    won = await prize(api, "units", purse=91, units=5, valid_days=30)
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        await prizes.award(session, won, who, service="tests", reference="1", caller=CALLER, quantity=2)
    await has(260)
    bought = await order(api, who, (cups, 3), (gift, 1))
    assert states_of(bought) == ["accepted", "paid", "delivered"]
    await has(130)
    # The first line can be paid, the second can't: both are off, and nothing is missing.
    off = await decided(api, await order(api, who, (cups, 2), (dear, 1)))
    assert off["state"] == "refused"
    assert (await stock(api, cups), await stock(api, dear)) == (2, 1)
    await has(130)
    line = lines_of(bought)[0]
    await progress(api, line, "preparing", "ready", "delivered")
    returns = f"/v1/shop/order-lines/{line['id']}/returns"
    first = await post(api, f"{returns}?wait_s=10", {"quantity": 1})
    assert (first["state"], first["units"]) == ("done", 40)
    await post(api, f"{returns}?wait_s=10", {"quantity": 2, "is_restocked": False})
    again = await api.client.post(returns, json={"quantity": 1})
    assert again.status_code == 409
    await has(250)
    other = lines_of(await order(api, who, (dear, 1)))[0]
    called_off = await post(api, f"/v1/shop/order-lines/{other['id']}/cancellation?wait_s=10", None)
    assert called_off["state"] == "done"
    await has(250)
    assert (await stock(api, cups), await stock(api, dear)) == (3, 1)
    given_back = items_of(await get(api, "/v1/shop/givings-back", state="done"))
    assert [row["cause"] for row in given_back][:3] == ["cancellation", "return", "return"]
    report = await post(api, "/v1/reconciliations", None)
    assert report["is_balanced"] is True, report
    await asyncio.to_thread(switch.stop)
    sums = recovered_state(switch.journal).accounts.trial_balance()
    assert sums
    assert not any(sums.values()), sums
