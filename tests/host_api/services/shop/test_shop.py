"""Who is sold what at which price; orders of each kind, their delivery, cancelling and what is owed."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import select, update

from host_api.core.clock import utc_now
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.messages.models import WaitingText
from host_api.services.shop.catalogue.models import ShopSlot
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.people import problem
from tests.host_api.points_bench import runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.services.shop.shop_calls import (
    decided,
    item,
    lines_of,
    member,
    order,
    progress,
    states_of,
    stock,
)
from tests.host_api.switch_peer import SwitchPeer

pytestmark = pytest.mark.anyio

ADDRESS = {
    "name": "سارا محمدی",
    "mobile": "09121234567",
    "postal_code": "1193653471",
    "address": "تهران، خیابان آزادی، پلاک ۱۲",
}


@pytest.fixture
async def peer() -> AsyncIterator[SwitchPeer]:
    async with SwitchPeer() as running:
        yield running


@pytest.fixture
async def api(settings: Settings, tmp_path: Path, peer: SwitchPeer) -> AsyncIterator[RunningApi]:
    async with running_api(runtime_with(settings, tmp_path, switch=peer.endpoint)) as running:
        yield running


async def test_times_sale_audience_and_limit(api: RunningApi, peer: SwitchPeer) -> None:
    gold, silver = await member(api, tier="gold"), await member(api, tier="silver")
    peer.balances = {gold: 1000, silver: 1000}
    now = utc_now()
    around: dict[str, object] = {
        "sale_price": 60,
        "sale_starts_at": (now - timedelta(1)).isoformat(),
        "sale_ends_at": (now + timedelta(1)).isoformat(),
    }
    rare = await item(
        api,
        audience={"f": "tier", "op": "in", "v": ["gold"]},
        stock=5,
        limit_quantity=3,
        limit_days=30,
        **around,
    )
    late = await item(api, starts_at=(now + timedelta(1)).isoformat())
    offers = items_of(await get(api, f"/v1/members/{gold}/shop"))
    assert [(offer["item_id"], offer["price"], offer["price_now"]) for offer in offers] == [(rare, 100, 60)]
    assert items_of(await get(api, f"/v1/members/{silver}/shop")) == []
    assert problem(await _asked(api, silver, rare)) == (409, "shop-item-not-sold")
    assert problem(await _asked(api, gold, late)) == (409, "shop-item-not-sold")
    assert problem(await _asked(api, gold, 99)) == (404, "shop-item-not-found")
    cart = f"/v1/members/{gold}/cart"
    await api.client.put(f"{cart}/{late}", json={"quantity": 1})
    await api.client.put(f"{cart}/{late}", json={"quantity": 0})
    assert (await api.client.put(f"{cart}/{rare}", json={"quantity": 2})).json()["totals"] == {"91": 120}
    answer = await api.client.post("/v1/shop/orders?wait_s=10", json={"member_id": gold})
    assert states_of(answer.json()) == ["accepted", "paid"]
    assert (peer.balances[gold], await stock(api, rare)) == (880, 3)
    assert problem(await api.client.post("/v1/shop/orders", json={"member_id": gold})) == (
        409,
        "shop-cart-empty",
    )
    assert problem(await _asked(api, gold, rare, 2)) == (409, "shop-limit-reached")
    version = (await api.client.get(f"/v1/shop/items/{rare}")).headers["ETag"]
    ended = await api.client.patch(f"/v1/shop/items/{rare}/times", json={}, headers={"If-Match": version})
    assert (ended.json()["price_now"], ended.json()["limit_quantity"]) == (100, 3)
    assert lines_of(await order(api, gold, (rare, 1)))[0]["unit_price"] == 100


async def test_an_order_is_paid_whole_or_not_at_all(api: RunningApi, peer: SwitchPeer) -> None:
    who = await member(api)
    peer.balances = {who: 150}
    cups, plates = await item(api, stock=4), await item(api, stock=4)
    off = await decided(api, await order(api, who, (cups, 1), (plates, 1)))
    assert states_of(off) in (["refused", "undone", "refused"], ["refused", "refused", "undone"])
    refused = next(line for line in lines_of(off) if line["state"] == "refused")
    assert refused["response_code"] == "51"
    (back,) = items_of(await get(api, "/v1/shop/givings-back"))
    assert (back["cause"], back["units"], back["state"]) == ("undo", 100, "done")
    assert (await stock(api, cups), await stock(api, plates)) == (4, 4)
    assert peer.balances == {who: 150}
    peer.balances = {who: 1000}
    sent = lines_of(await order(api, who, (cups, 2), delivery=ADDRESS))[0]
    path = f"/v1/shop/orders/{sent['order_id']}/delivery"
    assert (await get(api, path))["address"] == ADDRESS["address"]
    await progress(api, sent, "preparing", "sent")
    await _refused(api, sent, "cancellation", "shop-line-not-now")
    await progress(api, sent, "delivered")
    await _refused(api, sent, "returns", "shop-line-not-returnable", {})
    called_off = lines_of(await order(api, who, (plates, 3)))[0]
    peer.refuse = lambda message: "62" if message.mti == "0200" else None
    failed = await post(api, f"/v1/shop/order-lines/{called_off['id']}/cancellation?wait_s=10", None)
    assert (failed["state"], await stock(api, plates)) == ("failed", 4)
    status = (await api.client.get("/v1/services")).text
    assert "shop-giving-back-failed" in status
    peer.refuse = lambda message: None
    done = await post(api, f"/v1/shop/givings-back/{failed['id']}/retry?wait_s=10", None)
    assert (done["state"], done["units"], peer.balances) == ("done", 300, {who: 800})
    await _refused(api, called_off, "cancellation", "shop-line-not-now")


async def test_what_is_delivered_at_once(api: RunningApi, peer: SwitchPeer) -> None:
    who = await member(api, mobile="09121234567")
    peer.balances = {who: 1000}
    pool = {"code": "CINEMA", "title": "Cinema", "title_fa": "سینما", "worth": "20 %", "worth_fa": "۲۰ درصد"}
    pool_id = (await post(api, "/v1/code-pools", pool))["id"]
    await post(api, f"/v1/code-pools/{pool_id}/generation", {"quantity": 3})
    codes = await item(api, "third_party", pool_id=pool_id, supplier="Azadi", cost=1000)
    gift = await item(api, "charity", charity="Mahak", price=7)
    voucher = await item(api, "voucher", voucher_value=500_000, return_days=7)
    since = utc_now()
    bought = await order(api, who, (codes, 2), (gift, 5), (voucher, 2))
    assert states_of(bought) == ["accepted", "delivered", "delivered", "delivered"]
    assert problem(await _asked(api, who, codes, 2)) == (409, "shop-item-sold-out")
    own = items_of(await get(api, f"/v1/members/{who}/discount-codes"))
    assert [code["state"] for code in own] == ["taken", "taken"]
    mine = items_of(await get(api, f"/v1/members/{who}/shop-vouchers", sort="id"))
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        texts = " ".join(text for text in await session.scalars(select(WaitingText.text_plain)) if text)
    assert all(str(found["code"]) in texts for found in (*own, *mine))
    first, second = [f" {str(each['code']).lower()} " for each in mine]
    redemptions = "/v1/shop/vouchers/redemptions"
    part = {"code": first, "amount": 200_000, "reference": "bill-1"}
    assert (await post(api, redemptions, part))["remaining"] == 300_000
    assert (await post(api, redemptions, part))["remaining"] == 300_000
    answers = [
        await api.client.post(redemptions, json=part | change)
        for change in (
            {"amount": 1},
            {"reference": "bill-2", "amount": 300_001},
            {"code": first[:4] + "2222" + first[8:]},
        )
    ]
    assert [problem(answer)[1] for answer in answers] == [
        "shop-voucher-reference-used",
        "shop-voucher-too-little-left",
        "shop-voucher-not-found",
    ]
    line = lines_of(bought)[2]
    await _refused(api, line, "returns", "shop-line-not-returnable", {"quantity": 2})
    back = await post(api, f"/v1/shop/order-lines/{line['id']}/returns?wait_s=10", {"quantity": 1})
    assert (back["state"], back["units"]) == ("done", 100)
    over = await api.client.post(redemptions, json=part | {"code": second})
    assert problem(over) == (409, "shop-voucher-over")
    assert (await post(api, "/v1/shop/vouchers/lookup", {"code": first}, 200))["remaining"] == 300_000
    assert "code" not in items_of(await get(api, "/v1/shop/vouchers"))[0]
    span = {"since": since.isoformat(), "until": (utc_now() + timedelta(1)).isoformat()}
    (account,) = _list(await get(api, "/v1/shop/reports/donations", **span), "accounts")
    assert (account["charity"], account["units"], account["members"]) == ("Mahak", 35, 1)
    (owed,) = _list(await get(api, "/v1/shop/reports/settlement", **span), "items")
    assert (owed["supplier"], owed["sold"], owed["owed"]) == ("Azadi", 2, 2000)


async def test_reservations(api: RunningApi, peer: SwitchPeer) -> None:
    who, other = await member(api), await member(api)
    peer.balances = {who: 1000, other: 1000}
    tour = await item(api, "reservation", release_hours=24)
    begins = utc_now() + timedelta(hours=30)
    body = {
        "starts_at": begins.isoformat(),
        "ends_at": (begins + timedelta(hours=2)).isoformat(),
        "capacity": 3,
    }
    slot = await post(api, f"/v1/shop/items/{tour}/slots", body)

    async def book(member_id: int, quantity: int) -> dict[str, object]:
        wanted = [{"item_id": tour, "quantity": quantity, "slot_id": slot["id"]}]
        placed = await api.client.post(
            "/v1/shop/orders?wait_s=10", json={"member_id": member_id, "lines": wanted}
        )
        return lines_of(placed.json())[0] if placed.status_code == 201 else placed.json()

    async def booked() -> object:
        return items_of(await get(api, f"/v1/shop/items/{tour}/slots"))[0]["booked"]

    mine, theirs = await book(who, 2), await book(other, 1)
    assert str((await book(other, 1))["type"]).endswith("shop-item-sold-out")
    assert problem(await _asked(api, who, tour)) == (409, "shop-item-not-sold")
    await _refused(api, mine, "progress", "shop-line-not-now", {"state": "no_show"})
    await post(api, f"/v1/shop/order-lines/{mine['id']}/cancellation?wait_s=10", None)
    assert await booked() == 1
    again = await book(who, 2)
    few = await api.client.patch(f"/v1/shop/items/{tour}/slots/{slot['id']}", json={"capacity": 2})
    assert problem(few) == (409, "shop-item-sold-out")
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        await session.execute(update(ShopSlot).values(starts_at=utc_now() - timedelta(hours=1)))
    await _refused(api, again, "cancellation", "shop-line-not-now")
    await progress(api, again, "delivered")
    await progress(api, theirs, "no_show")
    came = items_of(await get(api, "/v1/shop/order-lines", slot_id=slot["id"], state="no_show"))
    assert [line["member_id"] for line in came] == [other]
    assert str((await book(who, 1))["type"]).endswith("shop-item-not-sold")


async def _asked(api: RunningApi, member_id: int, item_id: int, quantity: int = 1) -> httpx2.Response:
    body = {"member_id": member_id, "lines": [{"item_id": item_id, "quantity": quantity}]}
    return await api.client.post("/v1/shop/orders", json=body)


async def _refused(
    api: RunningApi, line: dict[str, object], what: str, code: str, body: object | None = None
) -> None:
    answer = await api.client.post(f"/v1/shop/order-lines/{line['id']}/{what}", json=body)
    assert problem(answer) == (409, code)


def _list(found: dict[str, object], name: str) -> list[dict[str, object]]:
    rows = found[name]
    assert isinstance(rows, list)
    return rows
