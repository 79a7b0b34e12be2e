"""Paid notices: who gets them, the price before it is confirmed, the bill by what was sent (COAL-06)."""

import pytest
from sqlalchemy import update

from host_api.core.clock import utc_now
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.messages.models import WaitingText
from host_api.services.paid_notices import sending
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.people import problem
from tests.host_api.running_api import RunningApi
from tests.host_api.services.payouts.payouts_bench import Row
from tests.host_api.services.selling.selling_calls import Honey, awaited, honey, leaves, number
from tests.host_api.switch_peer import SwitchPeer

pytestmark = pytest.mark.anyio

PATH = "/v1/paid-notices"


async def _consent(api: RunningApi, member_id: int, *, is_given: bool = True) -> None:
    answer = await api.client.put(f"/v1/members/{member_id}/notice-consent", json={"is_given": is_given})
    assert answer.status_code == 200, answer.text


async def _club(api: RunningApi, peer: SwitchPeer) -> Honey:
    """Five buyers: the first two like food, the third has bought some; the fifth has not consented."""
    shop = await honey(api, peer, buyers=5)
    first, second, third, fourth, fifth = shop.buyers
    for member_id in (first, second, fifth):
        read = await api.client.get(f"/v1/members/{member_id}")
        answer = await api.client.patch(
            f"/v1/members/{member_id}",
            json={"interests": ["food"]},
            headers={"If-Match": read.headers["ETag"]},
        )
        assert answer.status_code == 200, answer.text
    await shop.order(third)
    for member_id in (first, second, third, fourth, shop.member_id):
        await _consent(api, member_id)
    policy: Row = {"message_rials": 2_500, "most_per_member": 1, "per_days": 7}
    await post(api, f"{PATH}/policies", policy)
    return shop


def _wanted(shop: Honey, **values: object) -> Row:
    wanted: Row = {"seller_id": shop.seller_id, "interest": "food", "text": "Honey", "text_fa": "عسل رسید"}
    return wanted | values


async def _confirmed(api: RunningApi, notice: Row) -> Row:
    path = f"{PATH}/{notice['id']}"
    await awaited(api, f"{path}/confirmation", {"most_rials": notice["most_rials"]})
    return await leaves(api, path, "paying")


async def _approved(shop: Honey, notice: Row) -> None:
    path = f"{PATH}/{notice['id']}"
    assert (await _confirmed(shop.api, notice))["state"] == "asked"
    await shop.second.post(f"{path}/approval", status=200)


async def _worked(api: RunningApi, notice: Row) -> Row:
    """Queued as far as it goes, and looked at once."""
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        while await sending.queue_some(session, number(notice)):
            pass
        await sending.settle_some(session, number(notice), 0)
    return await get(api, f"{PATH}/{notice['id']}")


async def _waiting(api: RunningApi) -> list[Row]:
    return items_of(await get(api, "/v1/messages/texts", topic="paid-notice"))


async def test_only_what_was_sent_is_billed(api: RunningApi, peer: SwitchPeer) -> None:
    shop = await _club(api, peer)
    notice = await post(api, PATH, _wanted(shop))
    assert [notice[name] for name in ("state", "recipients", "most_rials")] == ["quoted", 3, 7_500]
    path = f"{PATH}/{notice['id']}"
    wrong = await api.client.post(f"{path}/confirmation", json={"most_rials": 7_499})
    assert problem(wrong) == (409, "paid-notice-price-changed")
    early = await api.client.post(f"{path}/approval", headers=shop.second.headers)
    assert problem(early) == (409, "already-decided")
    assert await shop.account() == (0, 0)
    await _approved(shop, notice)
    assert await shop.account() == (0, 7_500)
    own = await api.client.post(f"{path}/cancellation")
    assert problem(own) == (409, "paid-notice-not-now")
    # One takes the consent back before anything is sent, and gets nothing.
    await _consent(api, shop.buyers[0], is_given=False)
    assert [(await _worked(api, notice))[name] for name in ("state", "queued", "sent")] == ["settling", 2, 0]
    waiting = await _waiting(api)
    assert [row["text"] for row in waiting] == ["عسل رسید"] * 2
    # Who has had one this week is no recipient of the next.
    await _consent(api, shop.buyers[0])
    another = await post(api, PATH, _wanted(shop))
    assert another["recipients"] == 1
    await post(api, f"{PATH}/{another['id']}/cancellation", None, 200)
    await _sent(api, waiting[0])
    assert (await _worked(api, notice))["state"] == "settling"
    await _lose(api)
    done = await _worked(api, notice)
    assert [done[name] for name in ("state", "queued", "sent", "billed_rials")] == ["done", 2, 1, 2_500]
    assert (await shop.account(), await shop.sums()) == ((2_500, 0), {"notice": 2_500})
    # What was lost counts for nobody's week.
    assert (await post(api, PATH, _wanted(shop)))["recipients"] == 2


async def test_a_purse_gets_back_what_was_not_sent(api: RunningApi, peer: SwitchPeer) -> None:
    shop = await _club(api, peer)
    notice = await post(api, PATH, _wanted(shop, means="points", most_recipients=2))
    assert notice["most_rials"] == 5_000
    await _approved(shop, notice)
    assert (peer.balances[shop.member_id], await shop.account()) == (995, (0, 0))
    assert (await _worked(api, notice))["queued"] == 2
    waiting = await _waiting(api)
    await _sent(api, waiting[0])
    await _lose(api)
    assert (await _worked(api, notice))["state"] == "done"
    # 2,500 rials take three points of 1,000.
    await shop.moved(f"fee-{notice['id']}", "returned")
    assert (peer.balances[shop.member_id], await shop.account()) == (997, (0, 0))
    rejected = await post(api, PATH, _wanted(shop, means="points"))
    confirmed = await _confirmed(api, rejected)
    assert (confirmed["state"], peer.balances[shop.member_id]) == ("asked", 992)
    await shop.second.post(f"{PATH}/{rejected['id']}/rejection", status=200)

    async def is_back() -> bool:
        return peer.balances[shop.member_id] == 997

    await eventually(is_back)
    for member_id in shop.buyers:
        await _consent(api, member_id, is_given=False)
    assert problem(await api.client.post(PATH, json=_wanted(shop))) == (409, "paid-notice-nobody")
    merchant = await post(api, "/v1/merchants", {"merchant_id": "SHOP01", "name": "فروشگاه"})
    asked = await post(api, "/v1/sellers", {"merchant_key": merchant["id"]})
    await shop.second.post(f"/v1/sellers/{asked['id']}/approval", {}, 200)
    purse = await api.client.post(PATH, json=_wanted(shop, seller_id=asked["id"], means="points"))
    assert problem(purse) == (409, "paid-notice-no-purse")
    unknown = await api.client.post(PATH, json=_wanted(shop, interest="cars"))
    assert problem(unknown) == (422, "paid-notice-interest-unknown")


async def _sent(api: RunningApi, text: Row) -> None:
    """The gateway tells that it has sent one."""
    answer = await api.client.post(f"/v1/messages/texts/{text['id']}/sent")
    assert answer.status_code == 204, answer.text


async def _lose(api: RunningApi) -> None:
    """Let texts that wait be of no use any more."""
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        await session.execute(update(WaitingText).where(WaitingText.is_waiting).values(expires_at=utc_now()))
