"""A member earns at a terminal and spends by every service of this folder: the books of a real switch."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from host_api.core.settings import Settings
from protocol.message import Message
from switch.snapshot.reading import recovered_state
from tests.host_api.api_calls import get, post
from tests.host_api.eventually import eventually
from tests.host_api.points_bench import person, runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.services.acceptance_bench import furnish
from tests.host_api.services.payouts.payouts_bench import Row, code_for, member, reaches
from tests.switch.conftest import FEED_TOKEN, Link, SwitchProcess

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]

TERMINAL, SHOP = "TERM0001", "SHOP01"
HEAD = "line,reference,status,bank_reference,reason\r\n"


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


def _sell(switch: SwitchProcess, card: str, rials: int) -> None:
    link = Link(switch.terminals)
    try:
        link.sign_on(TERMINAL)
        sale = link.purchase(rials, card=card, terminal_id=TERMINAL, merchant_id=SHOP)
        assert link.call(Message("0200", sale.fields)).text(39) == "00"
    finally:
        link.close()


async def _has(api: RunningApi, member_id: int, points: int) -> None:
    """Wait until the projection tells so many points."""

    async def is_there() -> bool:
        return (await get(api, f"/v1/members/{member_id}/balances"))["points"] == points

    await eventually(is_there)


async def _cash(api: RunningApi, member_id: int) -> None:
    """300 of three are paid, 300 not."""
    await post(api, "/v1/cash-outs/policies", {"rate_rials": 1_000, "approval_above_units": None})
    wanted: Row = {"member_id": member_id, "units": 100}
    ids = [(await post(api, "/v1/cash-outs?wait_s=10", wanted))["id"] for _ in range(2)]
    too_much = await post(api, "/v1/cash-outs?wait_s=10", wanted | {"units": 2_000})
    assert (too_much["state"], too_much["response_code"]) == ("refused", "51")
    batch = await post(api, "/v1/cash-outs/batches", {})
    csv = f"{HEAD}1,{ids[0]},paid,B1,\r\n2,{ids[1]},failed,,closed\r\n"
    await post(api, f"/v1/cash-outs/batches/{batch['id']}/answers", {"csv": csv})
    await reaches(api, f"/v1/cash-outs/{ids[1]}", "returned")


async def _give(api: RunningApi, sara: int, reza: int) -> None:
    """200 are given, and 50 more are given and taken back."""
    path = "/v1/point-transfers"
    await post(api, f"{path}/policies", {"least_left": 100, "code_from_units": 200})
    asked = await post(api, path, {"member_id": sara, "to_member_id": reza, "units": 200}, 202)
    code = {"code": await code_for(api, "point_transfers")}
    assert (await post(api, f"{path}/{asked['id']}/confirmation?wait_s=10", code))["state"] == "done"
    small = await post(api, f"{path}?wait_s=10", {"member_id": sara, "to_member_id": reza, "units": 50})
    await post(api, f"{path}/{small['id']}/cancellation", {"reason": "by mistake"})
    await reaches(api, f"{path}/{small['id']}", "cancelled")


async def _buy(api: RunningApi, card: object) -> None:
    """150 are spent, and 60 more are spent and cancelled."""
    path = "/v1/partner-spending"
    caller = await person(api, "petrol", "partner_spending:act")
    key = caller.headers["X-API-Key"][5:13]
    partner: Row = {"code": "petrol", "name": "بنزین", "rate_rials": 500, "proofs": ["card"]}
    await post(api, f"{path}/partners", partner | {"api_key_id": key})
    for reference, units in (("F-1", 150), ("F-2", 60)):
        wanted: Row = {"reference": reference, "units": units, "card_number": card}
        assert (await caller.post(f"{path}/spendings?wait_s=10", wanted))["state"] == "accepted"
    await caller.post(f"{path}/spendings/F-2/cancellation")

    async def is_back() -> bool:
        rows = (await get(api, f"{path}/movements"))["items"]
        assert isinstance(rows, list)
        return [row["units"] for row in rows] == [150, 60, -60]

    await eventually(is_back)


async def _buy_credit(api: RunningApi, member_id: int) -> None:
    """50 buy credit, and 70 more buy some that is reversed."""
    path = "/v1/trading-credit"
    await post(api, f"{path}/policies", {"rate_rials": 10_000})
    ids = []
    for units in (50, 70):
        line = await post(api, f"{path}/lines?wait_s=10", {"member_id": member_id, "units": units})
        assert line["state"] == "granted"
        ids.append(line["id"])
    await post(api, f"{path}/lines/{ids[1]}/reversal", {"reason": "by mistake"})
    await reaches(api, f"{path}/lines/{ids[1]}", "returned")


async def test_what_was_earned_is_spent_and_the_books_balance(api: RunningApi, switch: SwitchProcess) -> None:
    sara, reza = await member(api, None, 1, 0), await member(api, None, 2, 0)
    card = await post(api, "/v1/cards", {"member_id": sara})
    await furnish(api)  # records go in order: with the terminal's the others have arrived

    async def is_served() -> bool:
        return (await get(api, f"/v1/terminals/{TERMINAL}"))["switch_state"] == "active"

    await eventually(is_served)
    await asyncio.to_thread(_sell, switch, str(card["number"]), 10_000_000)
    await _has(api, sara, 1_000)
    await _cash(api, sara)
    await _has(api, sara, 900)
    await _give(api, sara, reza)
    await _buy(api, card["number"])
    await _buy_credit(api, sara)
    await _has(api, sara, 500)
    await _has(api, reza, 200)
    report = await post(api, "/v1/reconciliations", None)
    assert report["is_balanced"] is True, report
    await asyncio.to_thread(switch.stop)
    books = recovered_state(switch.journal).accounts.trial_balance()
    assert books and not any(books.values())
