"""Points spent at partners: contract, code or card, the partner's own reference, statements (BURN-09)."""

import csv
import io
from datetime import timedelta

import pytest

from host_api.core.clock import utc_now
from host_api.core.tehran_time import tehran_date
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.people import problem
from tests.host_api.points_bench import Person, person
from tests.host_api.running_api import RunningApi
from tests.host_api.services.acceptance_bench import change
from tests.host_api.services.payouts.payouts_bench import Row, code_for, member, texts
from tests.host_api.switch_peer import SwitchPeer

pytestmark = pytest.mark.anyio

PATH = "/v1/partner-spending"
MOBILE = "09120000001"


async def _partner(api: RunningApi, code: str = "phone", **terms: object) -> tuple[Person, Row]:
    """A partner, and what its key calls."""
    caller = await person(api, code, "partner_spending:act")
    wanted: Row = {
        "code": code,
        "name": "کارت تلفن",
        "api_key_id": caller.headers["X-API-Key"][5:13],
        "rate_units": 3,
        "rate_rials": 1_000,
        "commission_basis_points": 250,
    }
    return caller, await post(api, f"{PATH}/partners", wanted | terms)


async def _spend(api: RunningApi, caller: Person, reference: str, units: int) -> Row:
    """With a code by SMS."""
    told: Row = {"reference": reference, "units": units, "mobile": MOBILE}
    await caller.post(f"{PATH}/codes", told)
    told["code"] = await code_for(api, "partner_spending")
    return await caller.post(f"{PATH}/spendings?wait_s=10", told)


async def test_a_code_spends_once_and_the_statement_tells_it(api: RunningApi, peer: SwitchPeer) -> None:
    sara = await member(api, peer, 1, 1_000)
    caller, partner = await _partner(api, limits={"day_units": 900})
    told: Row = {"reference": "PC-1", "units": 200, "mobile": MOBILE}
    sent = await caller.post(f"{PATH}/codes", told)
    assert sent["reference"] == "PC-1"
    ((receiver, text),) = await texts(api, "partner_spending")
    assert (receiver, "۲۰۰ امتیاز نزد کارت تلفن" in str(text)) == ("+989120000001", True)
    code = str(text).split()[-1]
    wrong = "000000" if code != "000000" else "000001"
    for change_, expected in (
        ({"code": wrong}, (409, "code-wrong")),
        ({"units": 201}, (409, "code-over")),  # the member was told another number of units
        ({"reference": "PC-2"}, (409, "code-over")),
        ({"mobile": "09120000009"}, (409, "partner-spender")),
        ({"code": None}, (422, "validation-failed")),
        ({"card_number": "6280000000000017"}, (422, "validation-failed")),
    ):
        body = told | {"code": code} | change_
        answer = await api.client.post(f"{PATH}/spendings", json=body, headers=caller.headers)
        assert problem(answer) == expected, change_
    done = await caller.post(f"{PATH}/spendings?wait_s=10", told | {"code": code})
    assert (done["state"], done["rials"], done["commission_rials"]) == ("accepted", 66_666, 1_666)
    again = await caller.post(f"{PATH}/spendings?wait_s=10", told | {"code": code})
    assert (again["id"], again["rrn"], peer.balances[sara]) == (done["id"], done["rrn"], 800)
    other = await api.client.post(
        f"{PATH}/spendings", json=told | {"code": code, "units": 1}, headers=caller.headers
    )
    assert problem(other) == (409, "partner-reference-used")
    assert (await _spend(api, caller, "PC-3", 700))["state"] == "accepted"
    over = await api.client.post(
        f"{PATH}/spendings", json=told | {"code": code, "reference": "PC-4"}, headers=caller.headers
    )
    assert problem(over) == (409, "period-limit-reached")
    cancelled = await caller.post(f"{PATH}/spendings/PC-1/cancellation")
    assert cancelled["state"] == "returning"
    await caller.post(f"{PATH}/spendings/PC-1/cancellation")  # changes nothing

    async def is_returned() -> bool:
        own = await api.client.get(f"{PATH}/spendings/PC-1", headers=caller.headers)
        return str(own.json()["state"]) == "returned"

    await eventually(is_returned)
    assert peer.balances[sara] == 300

    today = f"{tehran_date(utc_now()):%Y-%m-%d}"
    statement = await get(api, f"{PATH}/partners/{partner['id']}/statement", **{"from": today, "to": today})
    rials = 700 * 1_000 // 3
    assert (statement["debits"], statement["returns"], statement["units"]) == (2, 1, 700)
    assert (statement["rials"], statement["owed_rials"]) == (rials, rials - rials * 250 // 10_000)
    file = await api.client.get(
        f"{PATH}/movements/export", params={"partner_id": str(partner["id"]), "headers": "en"}
    )
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert [row["Kind"] for row in rows] == ["debit", "debit", "return"]
    assert sum(int(row["Units"]) for row in rows) == 700
    assert sum(int(row["Rials"]) for row in rows) == statement["rials"]
    # What the partner's account says is what the switch has moved.
    debited = sum(posted.moves[sara] for posted in peer.standing)
    assert -debited == statement["units"]
    yesterday = f"{tehran_date(utc_now() - timedelta(days=1)):%Y-%m-%d}"
    empty = await get(
        api, f"{PATH}/partners/{partner['id']}/statement", **{"from": yesterday, "to": yesterday}
    )
    assert (empty["debits"], empty["owed_rials"]) == (0, 0)
    wrong_way = await api.client.get(
        f"{PATH}/partners/{partner['id']}/statement", params={"from": today, "to": yesterday}
    )
    assert problem(wrong_way) == (422, "partner-statement-period")


async def test_a_contract_says_what_a_partner_may_do(api: RunningApi, peer: SwitchPeer) -> None:
    sara = await member(api, peer, 1, 1_000)
    card = await post(api, "/v1/cards", {"member_id": sara})
    caller, partner = await _partner(api, proofs=["card"], least_units=10, most_units=100)
    wanted: Row = {"reference": "F-1", "units": 50, "card_number": card["number"]}

    async def refused(expected: tuple[int, str], **change_: object) -> None:
        answer = await api.client.post(f"{PATH}/spendings", json=wanted | change_, headers=caller.headers)
        assert problem(answer) == expected, change_

    await refused((409, "partner-units"), units=9)
    await refused((409, "partner-spender"), card_number="6280000000000017")
    nobody = await api.client.post(f"{PATH}/codes", json={"reference": "F-0", "units": 50, "member_id": sara})
    assert problem(nobody) == (403, "not-a-partner")
    by_code = await api.client.post(
        f"{PATH}/codes", json={"reference": "F-0", "units": 50, "member_id": sara}, headers=caller.headers
    )
    assert problem(by_code) == (409, "partner-proof")
    done = await caller.post(f"{PATH}/spendings?wait_s=10", wanted)
    assert (done["state"], done["proof"], done["member_id"]) == ("accepted", "card", sara)
    path = f"{PATH}/partners/{partner['id']}"
    assert (await change(api, "PATCH", path, {"most_units": 5})).json()["type"].endswith("contradict")
    assert (await change(api, "PATCH", path, {"status": "suspended"})).json()["status"] == "suspended"
    await refused((409, "partner-not-open"), reference="F-2")
    assert (await caller.post(f"{PATH}/spendings?wait_s=10", wanted))["rrn"] == done["rrn"]  # a repeat
    assert (await caller.post(f"{PATH}/spendings/F-1/cancellation"))["state"] == "returning"
    await change(
        api, "PATCH", path, {"status": "active", "valid_until": (utc_now() - timedelta(1)).isoformat()}
    )
    await refused((409, "partner-not-open"), reference="F-2")
    await change(api, "PATCH", path, {"valid_until": None})
    rival, _ = await _partner(api, "petrol")
    unknown = await api.client.get(f"{PATH}/spendings/F-1", headers=rival.headers)
    assert problem(unknown) == (404, "partner-spending-not-found")
    assert (await api.client.get(f"{PATH}/all-spendings", headers=rival.headers)).status_code == 403
    twice = await api.client.post(f"{PATH}/partners", json={"code": "phone", "name": "n", "rate_rials": 1})
    assert problem(twice) == (409, "partner-taken")
    assert len(items_of(await get(api, f"{PATH}/partners"))) == 2


async def test_a_spending_that_is_cancelled_on_its_way_goes_back_on_arrival(
    api: RunningApi, peer: SwitchPeer
) -> None:
    sara = await member(api, peer, 1, 1_000)
    card = await post(api, "/v1/cards", {"member_id": sara})
    caller, _ = await _partner(api, proofs=["card"])
    peer.ignore = lambda message: message.mti.startswith("02")
    wanted: Row = {"reference": "F-1", "units": 50, "card_number": card["number"]}
    asked = await caller.post(f"{PATH}/spendings?wait_s=0", wanted, 202)
    assert asked["state"] == "paying"
    assert (await caller.post(f"{PATH}/spendings/F-1/cancellation"))["state"] == "paying"
    peer.ignore = lambda message: False
    await caller.post(f"{PATH}/spendings?wait_s=10", wanted)

    async def sums() -> tuple[object, ...]:
        rows = items_of(await get(api, f"{PATH}/movements"))
        return (*(row["kind"] for row in rows), sum(int(str(row["units"])) for row in rows))

    async def is_back() -> bool:
        return await sums() == ("debit", "return", 0)

    await eventually(is_back)
    assert peer.balances[sara] == 1_000
