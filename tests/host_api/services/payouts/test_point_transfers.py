"""Points between members: policy, code, both told, report, taken back (BURN-07)."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from host_api.core.clock import utc_now
from host_api.core.feed_projection import apply_batch
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.catalogue import projectors
from host_api.services.messages.models import MemberCode
from host_api.services.point_transfers.models import PointTransfer
from host_api.services.point_transfers.personal_data import PERSONAL_DATA
from protocol.feed import FEED_EVENT
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.feed_peer import lot, transaction
from tests.host_api.people import problem
from tests.host_api.points_bench import person
from tests.host_api.running_api import RunningApi
from tests.host_api.services.payouts.payouts_bench import Row, code_for, member, reaches, texts
from tests.host_api.switch_peer import SwitchPeer

pytestmark = pytest.mark.anyio

PATH = "/v1/point-transfers"


async def _policy(api: RunningApi, **policy: object) -> Row:
    return await post(api, f"{PATH}/policies", policy)


async def _confirm(api: RunningApi, transfer: Row, code: str) -> Row:
    return await post(api, f"{PATH}/{transfer['id']}/confirmation?wait_s=10", {"code": code})


async def test_a_gift_is_confirmed_by_a_code_and_both_are_told(api: RunningApi, peer: SwitchPeer) -> None:
    sara, reza = await member(api, peer, 1, 1_000), await member(api, peer, 2, 0)
    await api.client.put(f"/v1/messages/languages/{reza}", json={"language": "en"})
    wanted: Row = {"member_id": sara, "to_mobile": "09120000002", "units": 300}
    assert problem(await api.client.post(PATH, json=wanted)) == (409, "policy-missing")
    await _policy(api)
    asked = await post(api, PATH, wanted, 202)
    assert (asked["state"], asked["to_member_id"], peer.balances[reza]) == ("asked", reza, 0)
    path = f"{PATH}/{asked['id']}"
    code = await code_for(api, "point_transfers")
    assert [receiver for receiver, _ in await texts(api, "point_transfers")] == ["+989120000001"]
    wrong = "000000" if code != "000000" else "000001"
    tried = await api.client.post(f"{path}/confirmation", json={"code": wrong})
    assert problem(tried) == (409, "code-wrong")
    assert problem(await api.client.post(f"{path}/code")) == (409, "too-many-codes")
    done = await _confirm(api, asked, code)
    assert (done["state"], peer.balances) == ("done", {sara: 700, reza: 300})
    assert problem(await api.client.post(f"{path}/confirmation", json={"code": code})) == (
        409,
        "point-transfer-state",
    )
    told = dict(await texts(api, "point_transfers"))
    assert told["+989120000001"] == "۳۰۰ امتیاز به عضو دیگری دادید."
    assert told["+989120000002"] == "Another member gave you 300 points."
    # More than there is: the switch says no, and nothing has moved.
    await _policy(api, code_from_units=None)
    failed = await post(api, f"{PATH}?wait_s=10", wanted | {"units": 701})
    assert (failed["state"], failed["response_code"]) == ("failed", "51")
    assert peer.balances == {sara: 700, reza: 300}


async def test_a_code_is_good_for_five_tries_and_a_quarter_of_an_hour(
    api: RunningApi, peer: SwitchPeer
) -> None:
    sara, reza = await member(api, peer, 1, 1_000), await member(api, peer, 2, 0)
    await _policy(api)
    asked = await post(api, PATH, {"member_id": sara, "to_member_id": reza, "units": 1}, 202)
    path = f"{PATH}/{asked['id']}"
    code = await code_for(api, "point_transfers")
    wrong = "000000" if code != "000000" else "000001"
    for _ in range(5):
        await api.client.post(f"{path}/confirmation", json={"code": wrong})
    over = await api.client.post(f"{path}/confirmation", json={"code": code})
    assert problem(over) == (409, "code-over")
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        await session.execute(update(MemberCode).values(sent_at=utc_now() - timedelta(minutes=2)))
    assert (await post(api, f"{path}/code", None))["state"] == "asked"
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        await session.execute(update(PointTransfer).values(confirm_until=utc_now()))
    late = await api.client.post(
        f"{path}/confirmation", json={"code": await code_for(api, "point_transfers")}
    )
    assert problem(late) == (409, "point-transfer-state")
    assert (await get(api, path))["state"] == "expired"
    assert [row["id"] for row in items_of(await get(api, PATH, state="expired"))] == [asked["id"]]
    assert items_of(await get(api, PATH, state="asked")) == []
    report = await get(api, f"{PATH}/report")
    assert report["by_state"] == [{"state": "expired", "count": 1, "units": 1}]
    assert peer.balances[sara] == 1_000


async def test_what_the_policy_refuses(api: RunningApi, peer: SwitchPeer) -> None:
    sara, reza = await member(api, peer, 1, 1_000), await member(api, peer, 2, 0)
    silent = await member(api, peer, 3, 1_000, mobile=None)
    wanted: Row = {"member_id": sara, "to_member_id": reza, "units": 100}
    await _policy(api, least_units=10, most_units=500, limits={"day_units": 500, "month_count": 2})
    for change, expected in (
        ({"units": 9}, (409, "point-transfer-units")),
        ({"units": 501}, (409, "point-transfer-units")),
        ({"to_member_id": sara}, (409, "point-transfer-receiver")),
        ({"to_member_id": 999}, (409, "point-transfer-receiver")),
        ({"to_member_id": None, "to_mobile": "09120000009"}, (409, "point-transfer-receiver")),
        ({"to_mobile": "09120000002"}, (422, "validation-failed")),
        ({"member_id": 999}, (404, "member-not-found")),
        ({"member_id": silent}, (409, "member-has-no-mobile")),
    ):
        assert problem(await api.client.post(PATH, json=wanted | change)) == expected, change
    first = await post(api, PATH, wanted | {"units": 450}, 202)
    over = await api.client.post(PATH, json=wanted)  # what waits for its code counts too
    assert (problem(over), over.json()["errors"][0]["field"]) == ((409, "period-limit-reached"), "day_units")
    assert (await post(api, f"{PATH}/{first['id']}/withdrawal", None))["state"] == "cancelled"
    asked = await post(api, PATH, wanted, 202)
    await _policy(api, waiting_days=30)
    new = await api.client.post(
        f"{PATH}/{asked['id']}/confirmation", json={"code": await code_for(api, "point_transfers")}
    )
    assert problem(new) == (409, "point-transfer-giver")  # the policy that is in force when it is confirmed
    await _policy(api, audience={"f": "tier", "op": "=", "v": "GOLD"}, code_from_units=None)
    assert problem(await api.client.post(PATH, json=wanted)) == (409, "point-transfer-giver")
    await _policy(api, least_left=850, code_from_units=None)
    assert problem(await api.client.post(PATH, json=wanted)) == (409, "point-transfer-too-little-left")
    lines = [transaction(1, member=sara, lots=[lot(f"member:{sara}", 1_000)])]
    events = [FEED_EVENT.validate_python(line) for line in lines]
    await apply_batch(api.runtime.database, FIRST_PROGRAMME, projectors(), 0, events)
    assert (await post(api, f"{PATH}?wait_s=10", wanted))["state"] == "done"
    bad = await api.client.post(f"{PATH}/policies", json={"least_left": 1, "purse": 60})
    assert problem(bad) == (422, "validation-failed")


async def test_an_administrator_sums_up_and_takes_back(api: RunningApi, peer: SwitchPeer) -> None:
    sara, reza = await member(api, peer, 1, 1_000), await member(api, peer, 2, 0)
    await _policy(api, code_from_units=500)
    wanted: Row = {"member_id": sara, "to_member_id": reza}
    ids = [
        (await post(api, f"{PATH}?wait_s=10", wanted | {"units": units}))["id"] for units in (100, 200, 300)
    ]
    back: Row = {"member_id": reza, "to_member_id": sara, "units": 350}
    await post(api, f"{PATH}?wait_s=10", back)
    report = await get(api, f"{PATH}/report")
    assert report["by_state"] == [{"state": "done", "count": 4, "units": 950}]
    assert (report["givers"], report["receivers"]) == (2, 2)
    assert report["largest_givers"] == [
        {"member_id": sara, "count": 3, "units": 600},
        {"member_id": reza, "count": 1, "units": 350},
    ]
    future = await get(api, f"{PATH}/report", asked_from=(utc_now() + timedelta(days=1)).isoformat())
    assert (future["by_state"], future["givers"]) == ([], 0)
    boss = await person(api, "boss", "point_transfers:approve")
    await boss.post(f"{PATH}/{ids[1]}/cancellation", {"reason": "به اشتباه"})
    gone = await reaches(api, f"{PATH}/{ids[1]}", "cancelled")
    assert (gone["cancelled_by"], gone["cancel_rrn"] is not None) == ("boss", True)
    assert peer.balances == {sara: 950, reza: 50}
    # The receiver has spent it: the gift stays, and the switch's answer tells why.
    await boss.post(f"{PATH}/{ids[2]}/cancellation", {"reason": "به اشتباه"})
    kept = await reaches(api, f"{PATH}/{ids[2]}", "done")
    assert (kept["response_code"], kept["cancel_rrn"]) == ("51", None)
    again = await api.client.post(f"{PATH}/{ids[1]}/cancellation", json={"reason": "به اشتباه"})
    assert problem(again) == (409, "point-transfer-state")
    assert len(items_of(await get(api, PATH, to_member_id=reza, state="done"))) == 2
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        cipher = api.runtime.vault.cipher
        assert len((await PERSONAL_DATA.export(session, cipher, reza))["transfers"]) == 4  # type: ignore[arg-type]
        assert await PERSONAL_DATA.hindrances(session, reza) == []
        assert len(await PERSONAL_DATA.erase(session, cipher, reza)) == 4
