"""A member earns at a terminal, spends on a lottery, gets it back, and is awarded by a festival: through a
real switch, whose books are in balance after it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from host_api.core.clock import utc_now
from host_api.core.settings import Settings
from host_api.services.festivals.jobs import SETTLE_FESTIVALS
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.points_bench import runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.switch.conftest import FEED_TOKEN, MERCHANT, TERMINAL, Link, SwitchProcess

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]

PAID = 10_000_000


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


async def _bought(api: RunningApi, switch: SwitchProcess) -> int:
    """A member who has bought at a terminal; their number."""
    member = int(str((await post(api, "/v1/members", {"name": "Sara", "tier": "gold"}))["id"]))
    card = await post(api, "/v1/cards", {"member_id": member})
    merchant = await post(api, "/v1/merchants", {"merchant_id": MERCHANT, "name": "Shop"})
    branch = await post(api, f"/v1/merchants/{merchant['id']}/branches", {"name": "One"})
    await post(api, "/v1/terminals", {"terminal_id": TERMINAL, "branch_id": branch["id"]})

    async def is_served() -> bool:
        return (await get(api, f"/v1/terminals/{TERMINAL}"))["switch_state"] == "active"

    await eventually(is_served)
    with closing(Link(switch.terminals)) as link:
        await asyncio.to_thread(link.sign_on)
        sale = link.purchase(PAID, card=str(card["number"]))
        assert (await asyncio.to_thread(link.call, sale)).text(39) == "00"
    return member


async def _points(api: RunningApi, member: int) -> int:
    return (await api.calls.members.read_balances(member)).points


def _lottery(price: int) -> dict[str, object]:
    now = utc_now()
    return {
        "title": "L",
        "title_fa": "ق",
        "cost_mode": "points",
        "price": price,
        "tickets_per_entry": 2,
        "starts_at": now.isoformat(),
        "ends_at": (now + timedelta(hours=1)).isoformat(),
    }


async def test_earned_spent_given_back_and_awarded(api: RunningApi, switch: SwitchProcess) -> None:
    begin = utc_now()
    member = await _bought(api, switch)

    async def has_earned() -> bool:
        return await _points(api, member) > 0

    await eventually(has_earned)
    earned = await _points(api, member)

    lottery = await post(api, "/v1/lotteries", _lottery(price=7))
    paid = await post(api, f"/v1/lotteries/{lottery['id']}/entries", {"member_id": member, "tickets": 2})
    assert (paid["state"], paid["cost"], paid["response_code"]) == ("valid", 14, "00")
    dear = await post(api, "/v1/lotteries", _lottery(price=earned))
    refused = await post(api, f"/v1/lotteries/{dear['id']}/entries", {"member_id": member, "tickets": 1})
    assert (refused["state"], refused["response_code"]) == ("refused", "51")
    await eventually(lambda: _is(api, member, earned - 14))
    await post(api, f"/v1/lotteries/{lottery['id']}/cancellation", {"reason": "no prizes"})

    async def is_refunded() -> bool:
        return (await get(api, f"/v1/lotteries/entries/{paid['id']}"))["state"] == "refunded"

    await eventually(is_refunded)
    await eventually(lambda: _is(api, member, earned))

    festival = await post(
        api,
        "/v1/festivals",
        {
            "title": "F",
            "title_fa": "ج",
            "indicators": [{"kind": "purchase_amount", "per": 1_000_000, "points": 3}],
            "starts_at": (begin - timedelta(minutes=1)).isoformat(),
            "ends_at": (utc_now() + timedelta(hours=1)).isoformat(),
        },
    )
    path = f"/v1/festivals/{festival['id']}"
    await post(api, f"{path}/members", {"member_id": member})
    units = {"kind": "units", "title": "Points", "title_fa": "امتیاز", "purse": 91, "units": 500, "value": 1}
    prize = (await post(api, "/v1/prizes", units | {"stock": 1}))["id"]
    await post(
        api,
        f"{path}/awards",
        {
            "title": "A",
            "title_fa": "ج",
            "winners": 1,
            "at": (utc_now() + timedelta(seconds=1)).isoformat(),
            "delay_minutes": 0,
            "prizes": [{"from_rank": 1, "to_rank": 1, "prize_id": prize}],
        },
    )

    async def is_awarded() -> bool:
        run = await post(api, f"/v1/jobs/{SETTLE_FESTIVALS}/runs", {}, 202)

        async def is_over() -> bool:
            return (await get(api, f"/v1/jobs/{run['id']}"))["state"] == "succeeded"

        await eventually(is_over)
        awards = (await get(api, f"{path}/awards"))["awards"]
        assert isinstance(awards, list)
        return bool(awards[0]["state"] == "done")

    await eventually(is_awarded)
    wins = (await get(api, f"{path}/awards/1/wins"))["wins"]
    assert isinstance(wins, list)
    # Festival points are apart from the club's, and those are what the prize has given.
    assert [(win["member_id"], win["score"], win["state"]) for win in wins] == [(member, 30, "awarded")]
    await eventually(lambda: _is(api, member, earned + 500))
    assert len(items_of(await get(api, "/v1/prizes/awards", state="given"))) == 1
    report = await api.calls.reconciliation.create_reconciliation()
    assert report.is_balanced is True, report
    await asyncio.to_thread(switch.stop)


async def _is(api: RunningApi, member: int, points: int) -> bool:
    return await _points(api, member) == points
