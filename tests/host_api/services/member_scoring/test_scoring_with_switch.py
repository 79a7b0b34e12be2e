"""Points that a band awards are bid in an auction, lost to a higher bid and come back; then the books."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from host_api.core.audit import audit_as
from host_api.core.clock import utc_now
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.shop.auctions import logic as auctions
from host_api.services.shop.auctions.models import ShopAuction
from switch.snapshot.reading import recovered_state
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.people import problem
from tests.host_api.points_bench import person, runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.services.prizes.prize_calls import CALLER
from tests.host_api.services.shop.shop_calls import item, member, stock
from tests.switch.conftest import FEED_TOKEN, SwitchProcess

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]

SCORING = "/v1/member-scoring"
MODEL = {
    "title": "All",
    "title_fa": "همه",
    "content": {
        "indicators": [{"kind": "member_days", "weight": 1, "steps": [{"from": 0, "figure": 800}]}],
        "bands": [{"code": "ALL", "title": "All", "title_fa": "همه", "from": 0, "award_units": 100}],
        "award_cap": 200,
    },
}


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


async def _reaches(api: RunningApi, path: str, state: str) -> None:
    async def is_there() -> bool:
        return (await get(api, path))["state"] == state

    await eventually(is_there, 60)


async def _award_all(api: RunningApi, one: int) -> str:
    """Score all members and publish that, as two persons; the run's path."""
    model = await post(api, f"{SCORING}/models", MODEL)
    trial = await post(api, f"{SCORING}/models/{model['id']}/trials", {"member_ids": [one]}, 200)
    assert trial["members"][0]["score"] == 800  # type: ignore[index]
    run = await post(api, f"{SCORING}/models/{model['id']}/runs", None)
    path = f"{SCORING}/runs/{run['id']}"
    await _reaches(api, path, "scored")
    own = await api.client.post(f"{path}/publication")
    assert problem(own) == (403, "second-person-needed")
    other = await person(api, "approver", "member_scoring:approve")
    published = await api.client.post(f"{path}/publication", headers=other.headers)
    assert published.status_code == 201, published.text
    await _reaches(api, path, "done")
    return path


async def test_awarded_bid_outbid_and_bought(api: RunningApi, switch: SwitchProcess) -> None:
    first, second = await member(api), await member(api)

    async def have(first_points: int, second_points: int) -> None:
        async def is_so() -> bool:
            found = [(await get(api, f"/v1/members/{who}/balances"))["points"] for who in (first, second)]
            return found == [first_points, second_points]

        await eventually(is_so, 60)

    path = await _award_all(api, first)
    await have(100, 100)
    scored = items_of(await get(api, f"{path}/members", band="ALL"))
    assert [row["award_state"] for row in scored] == ["paid", "paid"]

    cup = await item(api, price=40, stock=1)
    wanted = {"item_id": cup, "ends_at": (utc_now() + timedelta(hours=1)).isoformat(), "start_units": 50}
    auction = await post(api, "/v1/shop/auctions", wanted)
    bids = f"/v1/shop/auctions/{auction['id']}/bids?wait_s=10"
    assert (await post(api, bids, {"member_id": first, "units": 60}))["state"] == "leading"
    await have(40, 100)
    assert (await post(api, bids, {"member_id": second, "units": 80}))["state"] == "leading"
    await have(100, 20)
    dear = await post(api, bids, {"member_id": first, "units": 101})
    assert (dear["state"], dear["response_code"]) == ("refused", "51")
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        audit_as(session, CALLER)
        row = await session.get_one(ShopAuction, int(str(auction["id"])))
        row.ends_at = utc_now()
        await session.flush()
        assert await auctions.settle(session, row.id, utc_now())
    sold = await get(api, f"/v1/shop/auctions/{auction['id']}")
    assert (sold["state"], sold["units"], await stock(api, cup)) == ("sold", 80, 0)
    order = await get(api, f"/v1/shop/orders/{sold['order_id']}")
    assert (order["member_id"], order["state"]) == (second, "accepted")
    await have(100, 20)
    line = order["lines"][0]  # type: ignore[index]
    called_off = await post(api, f"/v1/shop/order-lines/{line['id']}/cancellation?wait_s=10", None)
    assert called_off["state"] == "done"
    await have(100, 100)
    assert await stock(api, cup) == 1
    report = await post(api, "/v1/reconciliations", None)
    assert report["is_balanced"] is True, report
    await asyncio.to_thread(switch.stop)
    sums = recovered_state(switch.journal).accounts.trial_balance()
    assert sums
    assert not any(sums.values()), sums
