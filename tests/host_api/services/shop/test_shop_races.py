"""Twenty at once at the last piece, lost answers of the switch, counters at one voucher; both databases."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from host_api.core.settings import Settings
from host_api.services.shop.order import placing
from protocol.dialect import ProcessingCode
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.people import problem
from tests.host_api.points_bench import runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.services.shop.shop_calls import decided, item, member, order, states_of, stock
from tests.host_api.switch_peer import SwitchPeer

pytestmark = pytest.mark.anyio

AT_ONCE = 20
RETURN = ProcessingCode.RETURN.value[:2]


@pytest.fixture
async def peer() -> AsyncIterator[SwitchPeer]:
    async with SwitchPeer() as running:
        yield running


@pytest.fixture
async def api(settings: Settings, tmp_path: Path, peer: SwitchPeer) -> AsyncIterator[RunningApi]:
    async with running_api(runtime_with(settings, tmp_path, switch=peer.endpoint)) as running:
        yield running


async def test_one_of_twenty_gets_the_last_piece(api: RunningApi, peer: SwitchPeer) -> None:
    who, other = await member(api), await member(api)
    peer.balances = {who: 5000, other: 5000}
    last, limited = await item(api, stock=1), await item(api, stock=50, limit_quantity=3)

    async def buy(item_id: int, member_id: int) -> str:
        body = {"member_id": member_id, "lines": [{"item_id": item_id}]}
        answer = await api.client.post("/v1/shop/orders?wait_s=10", json=body)
        return str(answer.json()["state"]) if answer.status_code == 201 else problem(answer)[1]

    found = Counter(await asyncio.gather(*(buy(last, (who, other)[n % 2]) for n in range(AT_ONCE))))
    assert found == {"accepted": 1, "shop-item-sold-out": AT_ONCE - 1}
    found = Counter(await asyncio.gather(*(buy(limited, who) for _ in range(8))))
    assert found == {"accepted": 3, "shop-limit-reached": 5}
    assert (await stock(api, last), await stock(api, limited)) == (0, 47)
    assert sum(peer.balances.values()) == 10_000 - 400
    voucher = await item(api, "voucher", voucher_value=100)
    await order(api, other, (voucher, 1))
    (mine,) = items_of(await get(api, f"/v1/members/{other}/shop-vouchers"))

    async def redeem(number: int) -> int:
        body = {"code": mine["code"], "amount": 40, "reference": f"bill-{number // 2}"}
        return (await api.client.post("/v1/shop/vouchers/redemptions", json=body)).status_code

    # Each reference twice: the second takes nothing again.
    assert set(await asyncio.gather(*(redeem(number) for number in range(12)))) == {201, 409}
    assert len(items_of(await get(api, "/v1/shop/vouchers/redemptions"))) == 2
    left = await post(api, "/v1/shop/vouchers/lookup", {"code": mine["code"]}, 200)
    assert left["remaining"] == 20


async def test_lost_answers_leave_stock_and_points_whole(
    api: RunningApi, peer: SwitchPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = await member(api)
    peer.balances = {who: 10_000}
    cups, plates = await item(api, stock=30), await item(api, stock=30)
    # The switch does what it is asked, but of every third line no answer comes back: a reversal ends those.
    monkeypatch.setattr(placing, "PATIENCE", timedelta(seconds=2))
    lost: set[str] = set()

    def fate(_count: int) -> str:
        message = peer.messages[-1]
        is_debit = message.mti in ("0200", "0201") and not message.text(3).startswith(RETURN)
        if not is_debit or int(message.text(11)) % 3:
            return "serve"
        is_first = message.text(11) not in lost
        lost.add(message.text(11))
        return "lose" if is_first else "cut"

    peer.fate = fate
    body = [{"item_id": item_id, "quantity": 2} for item_id in (cups, plates)]
    placed = [
        await post(api, "/v1/shop/orders?wait_s=0", {"member_id": who, "lines": body}, 202) for _ in range(4)
    ]
    ended = [await decided(api, each) for each in placed]
    bought = [each for each in ended if each["state"] == "accepted"]
    assert lost
    assert 0 < len(bought) < 4, [states_of(each) for each in ended]
    assert (await stock(api, cups), await stock(api, plates)) == (30 - 2 * len(bought),) * 2
    assert peer.balances == {who: 10_000 - 400 * len(bought)}
