"""Points that buy trading credit: policy, line, what the broker hears and reads, reversal (BURN-15)."""

import csv
import io
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from host_api.core.events.models import Event
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.trading_credit.personal_data import PERSONAL_DATA
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.people import problem
from tests.host_api.points_bench import person
from tests.host_api.running_api import RunningApi
from tests.host_api.services.payouts.payouts_bench import Row, member, reaches, texts
from tests.host_api.switch_peer import SwitchPeer

pytestmark = pytest.mark.anyio

PATH = "/v1/trading-credit"


async def test_a_line_is_bought_told_and_reversed(api: RunningApi, peer: SwitchPeer) -> None:
    sara = await member(api, peer, 1, 1_000)
    wanted: Row = {"member_id": sara, "units": 301}
    assert problem(await api.client.post(f"{PATH}/lines", json=wanted)) == (409, "policy-missing")
    policy: Row = {
        "least_units": 10,
        "most_units": 2_000,
        "rate_units": 2,
        "rate_rials": 1_001,
        "valid_days": 90,
        "limits": {"day_units": 1_900},
    }
    made = await post(api, f"{PATH}/policies", policy)
    for change, expected in (
        ({"units": 9}, (409, "credit-line-units")),
        ({"units": 2_001}, (409, "credit-line-units")),
        ({"units": 1_901}, (409, "period-limit-reached")),
        ({"member_id": 999}, (404, "member-not-found")),
        ({"units": -1}, (422, "validation-failed")),
    ):
        assert problem(await api.client.post(f"{PATH}/lines", json=wanted | change)) == expected, change
    line = await post(api, f"{PATH}/lines?wait_s=10", wanted)
    assert (line["state"], line["rials"], line["policy_id"]) == ("granted", 301 * 1_001 // 2, made["id"])
    granted, until = (datetime.fromisoformat(str(line[name])) for name in ("granted_at", "valid_until"))
    assert until - granted == timedelta(days=90)
    refused = await post(api, f"{PATH}/lines?wait_s=10", wanted | {"units": 700})
    assert (refused["state"], refused["response_code"]) == ("refused", "51")
    assert peer.balances[sara] == 699
    gold = {"rate_rials": 1, "audience": {"f": "tier", "op": "=", "v": "GOLD"}}
    await post(api, f"{PATH}/policies", gold)
    barred = await api.client.post(f"{PATH}/lines", json=wanted)
    assert problem(barred) == (409, "credit-line-not-for-member")
    assert (await get(api, f"{PATH}/policies/current"))["rate_rials"] == 1
    assert len(items_of(await get(api, f"{PATH}/policies"))) == 2

    broker = await person(api, "broker", "trading_credit:read")
    file = await api.client.get(
        f"{PATH}/lines/export", params={"state": "granted", "headers": "en"}, headers=broker.headers
    )
    (row,) = csv.DictReader(io.StringIO(file.content.decode("utf-8-sig")))
    assert (row["Line"], row["Member"], row["Rials"]) == (str(line["id"]), str(sara), str(line["rials"]))
    listed = items_of(await get(api, f"{PATH}/lines", granted_from=line["granted_at"]))
    assert [each["id"] for each in listed] == [line["id"]]

    path = f"{PATH}/lines/{line['id']}"
    boss = await person(api, "boss", "trading_credit:approve")
    why = {"reason": "به درخواست کارگزار"}
    assert problem(await api.client.post(f"{PATH}/lines/{refused['id']}/reversal", json=why)) == (
        409,
        "credit-line-state",
    )
    peer.refuse = lambda message: "57" if message.mti == "0200" and message.text(3)[:2] == "20" else None
    assert (await boss.post(f"{path}/reversal", why))["reversed_by"] == "boss"
    await reaches(api, path, "unreturned")
    peer.refuse = lambda message: None
    await boss.post(f"{path}/reversal", why)
    back = await reaches(api, path, "returned")
    assert (back["reason"], back["return_rrn"] is not None, peer.balances[sara]) == (
        why["reason"],
        True,
        1_000,
    )
    assert len(await texts(api, "trading_credit")) == 2
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        told = await session.scalars(
            select(Event.type).where(Event.type.startswith("trading_credit")).order_by(Event.id)
        )
        assert list(told) == ["trading_credit.granted", "trading_credit.reversed"]
        cipher = api.runtime.vault.cipher
        assert await PERSONAL_DATA.hindrances(session, sara) == []
        exported = await PERSONAL_DATA.export(session, cipher, sara)
        assert len(exported["lines"]) == 2  # type: ignore[arg-type]
        await PERSONAL_DATA.erase(session, cipher, sara)
    assert (await get(api, path))["reason"] is None
