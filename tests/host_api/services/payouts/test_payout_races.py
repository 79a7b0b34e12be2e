"""At the same moment: asks at a limit, batches, the bank's answers, codes, references; and a broken batch."""

import asyncio
from collections import Counter

import httpx2
import pytest

from host_api.core.access.caller import system_caller
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.cash_outs import batches
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.points_bench import person
from tests.host_api.running_api import RunningApi
from tests.host_api.services.payouts.payouts_bench import Row, code_for, member, reaches
from tests.host_api.switch_peer import SwitchPeer

pytestmark = pytest.mark.anyio

HEAD = "line,reference,status,bank_reference,reason\r\n"


def _statuses(answers: list[httpx2.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


async def _at_once(api: RunningApi, path: str, body: object, times: int) -> list[httpx2.Response]:
    return list(await asyncio.gather(*(api.client.post(path, json=body) for _ in range(times))))


async def test_cash_outs_at_once(api: RunningApi, peer: SwitchPeer) -> None:
    policy = {"rate_rials": 500, "approval_above_units": None, "limits": {"day_count": 1}}
    await post(api, "/v1/cash-outs/policies", policy)
    who = [await member(api, peer, number, 1_000) for number in range(4)]
    wanted: Row = {"member_id": who[0], "units": 100}
    answers = await _at_once(api, "/v1/cash-outs?wait_s=10", wanted, 4)
    assert _statuses(answers) == {201: 1, 409: 3}
    assert peer.balances[who[0]] == 900
    for member_id in who[1:]:
        await post(api, "/v1/cash-outs?wait_s=10", wanted | {"member_id": member_id})

    # A batch that breaks before it is committed leaves nothing behind.
    with pytest.raises(ZeroDivisionError):
        async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
            await batches.make(session, system_caller("test", FIRST_PROGRAMME), 10)
            raise ZeroDivisionError
    assert items_of(await get(api, "/v1/cash-outs/vouchers")) == []

    made = await _at_once(api, "/v1/cash-outs/batches", {"most_lines": 2}, 5)
    ids = [answer.json()["id"] for answer in made if answer.status_code == 201]
    lines = [line for batch in ids for line in items_of(await get(api, "/v1/cash-outs", batch_id=batch))]
    assert len({line["id"] for line in lines}) == len(lines) == 4
    assert sum(answer.json().get("line_count", 0) for answer in made) == 4
    assert len(items_of(await get(api, "/v1/cash-outs/vouchers"))) == len(ids)

    first = [line for line in lines if line["batch_id"] == ids[0]]
    csv = HEAD + "".join(f"{line['line']},{line['id']},failed,,closed\r\n" for line in first)
    path = f"/v1/cash-outs/batches/{ids[0]}/answers"
    told = [answer.json() for answer in await _at_once(api, path, {"csv": csv}, 4)]
    assert sum(answer["failed"] for answer in told) == len(first)
    assert sum(answer["voucher_id"] is not None for answer in told) == 1
    for line in first:
        await reaches(api, f"/v1/cash-outs/{line['id']}", "returned")
        assert peer.balances[int(str(line["member_id"]))] == 1_000
    assert sum(1 for posted in peer.standing if posted.message.text(3).startswith("20")) == len(first)

    # One decides while another takes it back.
    await post(api, "/v1/cash-outs/policies", policy | {"approval_above_units": 0, "limits": {}})
    asked = await post(api, "/v1/cash-outs?wait_s=10", {"member_id": who[3], "units": 10})
    boss = await person(api, "boss", "cash_outs:approve")
    path = f"/v1/cash-outs/{asked['id']}"
    answers = list(
        await asyncio.gather(
            api.client.post(f"{path}/approval", json={}, headers=boss.headers),
            api.client.post(f"{path}/rejection", json={}, headers=boss.headers),
            api.client.post(f"{path}/cancellation"),
            api.client.post(f"{path}/cancellation"),
        )
    )
    assert _statuses(answers)[201] in (1, 2)  # approved, and then taken back
    state = (await get(api, path))["state"]
    assert state in ("ready", "returning", "returned")
    if state != "ready":
        await reaches(api, path, "returned")
    assert sum(1 for posted in peer.standing if posted.message.text(3).startswith("20")) - len(first) == (
        state != "ready"
    )


async def test_transfers_at_once(api: RunningApi, peer: SwitchPeer) -> None:
    path = "/v1/point-transfers"
    await post(api, f"{path}/policies", {"limits": {"day_units": 250}, "code_from_units": 150})
    sara, reza = await member(api, peer, 1, 1_000), await member(api, peer, 2, 0)
    wanted: Row = {"member_id": sara, "to_member_id": reza, "units": 100}
    assert _statuses(await _at_once(api, f"{path}?wait_s=10", wanted, 5)) == {201: 2, 409: 3}
    assert peer.balances == {sara: 800, reza: 200}
    await post(api, f"{path}/policies", {})
    asked = await post(api, path, wanted, 202)
    confirmation = f"{path}/{asked['id']}/confirmation?wait_s=10"
    code = await code_for(api, "point_transfers")
    answers = await _at_once(api, confirmation, {"code": code}, 4)
    assert _statuses(answers) == {201: 1, 409: 3}
    assert peer.balances == {sara: 700, reza: 300}
    cancelled = await _at_once(api, f"{path}/{asked['id']}/cancellation", {"reason": "by mistake"}, 3)
    assert _statuses(cancelled) == {201: 1, 409: 2}
    await reaches(api, f"{path}/{asked['id']}", "cancelled")
    assert peer.balances == {sara: 800, reza: 200}


async def test_trading_credit_at_once(api: RunningApi, peer: SwitchPeer) -> None:
    path = "/v1/trading-credit"
    await post(api, f"{path}/policies", {"rate_rials": 10, "limits": {"month_count": 2}})
    sara = await member(api, peer, 1, 1_000)
    wanted: Row = {"member_id": sara, "units": 100}
    answers = await _at_once(api, f"{path}/lines?wait_s=10", wanted, 5)
    assert (_statuses(answers), peer.balances[sara]) == ({201: 2, 409: 3}, 800)
    (line, _) = items_of(await get(api, f"{path}/lines"))
    reversed_ = await _at_once(api, f"{path}/lines/{line['id']}/reversal", {"reason": "by mistake"}, 3)
    assert _statuses(reversed_) == {201: 1, 409: 2}
    await reaches(api, f"{path}/lines/{line['id']}", "returned")
    assert peer.balances[sara] == 900


async def test_a_partner_that_repeats_itself_at_once(api: RunningApi, peer: SwitchPeer) -> None:
    sara = await member(api, peer, 1, 1_000)
    card = await post(api, "/v1/cards", {"member_id": sara})
    caller = await person(api, "petrol", "partner_spending:act")
    partner: Row = {"code": "petrol", "name": "بنزین", "rate_rials": 500, "proofs": ["card"]}
    key = caller.headers["X-API-Key"][5:13]
    await post(api, "/v1/partner-spending/partners", partner | {"api_key_id": key})
    wanted: Row = {"reference": "F-1", "units": 50, "card_number": card["number"]}
    path = "/v1/partner-spending/spendings"
    answers = await asyncio.gather(
        *(api.client.post(f"{path}?wait_s=10", json=wanted, headers=caller.headers) for _ in range(5))
    )
    assert {answer.json()["rrn"] for answer in answers} == {answers[0].json()["rrn"]}
    assert peer.balances[sara] == 950
    cancelled = await asyncio.gather(
        *(api.client.post(f"{path}/F-1/cancellation", headers=caller.headers) for _ in range(4))
    )
    assert _statuses(list(cancelled)) == {201: 4}
    spending = items_of(await get(api, "/v1/partner-spending/all-spendings"))[0]
    assert spending["state"] in ("returning", "returned")
    await peer.wait_for(lambda: peer.balances[sara] == 1_000)
    assert len(peer.standing) == 2
