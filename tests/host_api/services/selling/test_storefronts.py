"""Storefronts: approval, search, privileges, orders, the account (COAL-03, COAL-04)."""

import pytest

from tests.host_api.api_calls import get, items_of, post
from tests.host_api.people import problem
from tests.host_api.running_api import RunningApi
from tests.host_api.services.acceptance_bench import change
from tests.host_api.services.payouts.payouts_bench import Row, texts
from tests.host_api.services.selling.selling_calls import FRONTS, ORDERS, Honey, honey, number
from tests.host_api.switch_peer import SwitchPeer

pytestmark = pytest.mark.anyio


async def _refused(shop: Honey, expected: tuple[int, str], **values: object) -> None:
    wanted: Row = {"member_id": shop.buyers[0], "good_id": shop.good_id}
    answer = await shop.api.client.post(ORDERS, json=wanted | values)
    assert problem(answer) == expected, values


async def test_members_see_what_a_second_person_has_approved(api: RunningApi, peer: SwitchPeer) -> None:
    shop = await honey(api, peer)

    async def found(q: str) -> list[object]:
        return [row["name"] for row in items_of(await get(api, f"{FRONTS}/offers", q=q))]

    # Written with an Arabic yeh and kaf, with a half space, without one, and by a word of the description.
    for words in ("عسل", "گون عسل", "يك كيلويى", "تابستان"):
        assert await found(words) == ["عسل گون"], words
    assert await found("زعفران") == []
    path = f"{FRONTS}/goods/{shop.good_id}"
    assert problem(await api.client.post(f"{path}/approval")) == (409, "already-decided")
    # A price is the seller's affair; other words are looked at again, by another person.
    assert (await change(api, "PATCH", path, {"price_rials": 90_000})).json()["state"] == "shown"
    assert (await change(api, "PATCH", path, {"name": "زعفران"})).json()["state"] == "asked"
    assert await found("عسل") == await found("زعفران") == []
    assert problem(await api.client.post(f"{path}/approval")) == (403, "second-person-needed")
    await _refused(shop, (409, "storefront-not-sold"))
    await shop.second.post(f"{path}/approval", status=200)
    assert await found("زعفران") == ["زعفران"]
    await change(api, "PATCH", f"/v1/sellers/{shop.seller_id}", {"status": "suspended"})
    assert await found("زعفران") == []
    await _refused(shop, (409, "storefront-not-sold"))
    answer = await api.client.post(FRONTS, json={"seller_id": shop.seller_id, "name": "دیگر"})
    assert problem(answer) == (409, "seller-not-active")
    again = await api.client.post("/v1/sellers", json={"member_id": shop.member_id})
    assert problem(again) == (409, "seller-exists")
    picture = {"storefront_id": shop.front_id, "name": "موم", "price_rials": 1, "file_ids": [99]}
    await change(api, "PATCH", f"/v1/sellers/{shop.seller_id}", {"status": "active"})
    answer = await api.client.post(f"{FRONTS}/goods", json=picture)
    assert problem(answer) == (422, "storefront-picture-not-found")


async def test_points_pay_and_points_come_at_the_sellers_cost(api: RunningApi, peer: SwitchPeer) -> None:
    shop = await honey(api, peer)
    (reza,) = shop.buyers
    grant = await shop.privilege(discount_bp=1_550, bonus_points=30, quantity=3, most_per_member=3)
    placed = await shop.order(
        reza, quantity=2, privilege_id=grant, payment="points", delivery="خیابان بهار، پلاک ۷"
    )
    assert [placed[name] for name in ("state", "discount_rials", "total_rials", "bonus_rials")] == [
        "placed",
        31_000,
        169_000,
        60_000,
    ]
    assert (peer.balances[reza], await shop.account()) == (1_000 - 169, (0, 60_000))
    await _refused(shop, (409, "storefront-privilege-not-for-member"), privilege_id=grant, quantity=2)
    assert (await get(api, f"{ORDERS}/{placed['id']}/delivery"))["delivery"] == "خیابان بهار، پلاک ۷"
    assert (await get(api, f"{ORDERS}/{placed['id']}/contact"))["contact"] == "09120000001"
    delivered = await shop.step(placed, "confirmation", "delivery")
    assert delivered["state"] == "delivered"
    assert problem(await api.client.post(f"{ORDERS}/{placed['id']}/cancellation")) == (
        409,
        "storefront-order-not-now",
    )
    assert not await shop.pass_time(placed, days=6)
    assert await shop.pass_time(placed, days=8)
    assert not await shop.pass_time(placed, days=8)
    await shop.moved(f"bonus-{placed['id']}", "done")
    assert peer.balances[reza] == 1_000 - 169 + 60
    # The club owes what was paid less its share, and is owed the points.
    assert await shop.account() == (60_000 - 169_000 + 3_380, 0)
    assert await shop.sums() == {"payment": -169_000, "commission": 3_380, "bonus": 60_000}
    told = [text for _, text in await texts(api, "storefront-order")]
    assert len(told) == 3
    wanted: Row = {"seller_id": shop.seller_id, "rials": 60_000 - 169_000 + 3_380, "bank_reference": "B-1"}
    paid = await post(api, "/v1/sellers/settlements", wanted)
    answer = await api.client.post(f"/v1/sellers/settlements/{paid['id']}/approval")
    assert problem(answer) == (403, "second-person-needed")
    await shop.second.post(f"/v1/sellers/settlements/{paid['id']}/approval", status=200)
    assert (await shop.account(), sum(int(str(each)) for each in (await shop.sums()).values())) == ((0, 0), 0)


async def test_whatever_ends_an_order_gives_back_what_it_took(api: RunningApi, peer: SwitchPeer) -> None:
    shop = await honey(api, peer)
    (reza,) = shop.buyers
    grant = await shop.privilege(bonus_points=10, quantity=2)
    for steps, state in (
        (("cancellation",), "cancelled"),
        (("decline",), "declined"),
        (("confirmation", "withdrawal"), "withdrawn"),
        (("confirmation", "delivery", "return"), "returned"),
    ):
        placed = await shop.order(reza, quantity=2, privilege_id=grant, payment="points")
        await _refused(shop, (409, "storefront-sold-out"), privilege_id=grant)
        assert (await shop.step(placed, *steps))["state"] == state
        await shop.moved(f"pay-{placed['id']}", "returned")
        assert (peer.balances[reza], await shop.account()) == (1_000, (0, 0)), state
        assert (await get(api, f"{FRONTS}/goods/{shop.good_id}"))["stock"] == 10
        assert (await get(api, f"{FRONTS}/privileges/{grant}"))["left"] == 2
    assert await shop.sums() == {}


async def test_orders_lapse_and_refused_ones_hold_nothing(api: RunningApi, peer: SwitchPeer) -> None:
    shop = await honey(api, peer, buyers=2, points=150)
    first, second = shop.buyers
    grant = await shop.privilege(bonus_points=10, audience={"f": "tier", "op": "=", "v": "initial"})
    dear = await shop.order(first, quantity=2, payment="points", privilege_id=grant)
    assert (dear["state"], await shop.account()) == ("refused", (0, 0))
    late = [await shop.order(who, payment="points", privilege_id=grant) for who in (first, second)]
    assert await shop.account() == (0, 20_000)
    await shop.step(late[1], "confirmation")
    for order, hours in ((late[0], 49), (late[1], 24 * 8)):
        assert await shop.pass_time(order, hours=hours)
        assert (await get(api, f"{ORDERS}/{order['id']}"))["state"] == "lapsed"
        await shop.moved(f"pay-{order['id']}", "returned")
    assert [peer.balances[who] for who in shop.buyers] == [150, 150]
    assert ((await get(api, f"{FRONTS}/goods/{shop.good_id}"))["stock"], await shop.account()) == (10, (0, 0))
    gold = await shop.privilege(discount_bp=1, audience={"f": "tier", "op": "=", "v": "gold"})
    await _refused(shop, (409, "storefront-privilege-not-for-member"), privilege_id=gold)
    await _refused(shop, (409, "storefront-not-sold"), member_id=shop.member_id)
    await _refused(shop, (409, "storefront-sold-out"), quantity=11)
    await _refused(shop, (409, "storefront-no-instalments"), payment="instalments")
    rich = await shop.privilege(bonus_points=1_001)
    await _refused(shop, (409, "seller-limit-reached"), privilege_id=rich)
    # What was refused has taken nothing.
    assert (await get(api, f"{FRONTS}/goods/{shop.good_id}"))["stock"] == 10
    own = items_of(await get(api, f"/v1/members/{first}/storefront-privileges"))
    assert {number(row) for row in own} == {grant, rich}


async def test_a_refused_bonus_is_asked_again(api: RunningApi, peer: SwitchPeer) -> None:
    shop = await honey(api, peer, return_days=0)
    (reza,) = shop.buyers
    grant = await shop.privilege(bonus_points=10)
    placed = await shop.order(reza, privilege_id=grant)
    peer.refuse = lambda message: "57"
    done = await shop.step(placed, "confirmation", "delivery")
    assert done["state"] == "completed"
    failed = await shop.moved(f"bonus-{placed['id']}", "refused")
    assert await shop.account() == (0, 10_000)
    peer.refuse = lambda message: None
    await post(api, f"/v1/sellers/movements/{failed['id']}/retry", None)
    await shop.moved(f"bonus-{placed['id']}", "done")
    assert (peer.balances[reza], await shop.account()) == (1_010, (10_000, 0))
    answer = await api.client.post(f"/v1/sellers/movements/{failed['id']}/retry")
    assert problem(answer) == (409, "seller-movement-not-failed")
