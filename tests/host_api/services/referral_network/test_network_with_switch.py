"""A purchase at a terminal pays the network above through a real switch, and its return takes that back."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from host_api.core.settings import Settings
from protocol.codec import decode
from protocol.message import Message
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.points_bench import person, runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.switch.conftest import FEED_TOKEN, SPEC, Link, SwitchProcess

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]

NETWORK = "/v1/referral-network"
TERMINAL, SHOP = "TERM0001", "SHOP01"


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


async def _ask(link: Link, card: str, amount: int, processing_code: str = "000000", rrn: str = "") -> str:
    """The RRN of an approved sale or return."""
    message = link.purchase(amount, processing_code, card=card, terminal_id=TERMINAL, merchant_id=SHOP)
    fields = message.fields | ({48: {"DF0E": rrn}} if rrn else {})

    def exchange() -> Message:
        link.send(Message("0200", fields))
        answered = link.receive_payload()
        assert answered is not None
        return decode(SPEC, answered)

    reply = await asyncio.to_thread(exchange)
    assert reply.text(39) == "00"
    return reply.text(37)


async def _has(api: RunningApi, member: object, points: int) -> None:
    async def is_so() -> bool:
        return (await get(api, f"/v1/members/{member}/balances"))["points"] == points

    await eventually(is_so)


async def test_an_introducer_earns_by_a_sale_and_spends_it(api: RunningApi, switch: SwitchProcess) -> None:
    top, middle, buyer = [await post(api, "/v1/members", {"name": name}) for name in ("a", "b", "c")]
    cards = {one["id"]: await post(api, "/v1/cards", {"member_id": one["id"]}) for one in (middle, buyer)}
    merchant = await post(api, "/v1/merchants", {"merchant_id": SHOP, "name": "فروشگاه"})
    branch = await post(api, f"/v1/merchants/{merchant['id']}/branches", {"name": "مرکزی"})
    await post(
        api, "/v1/terminals", {"terminal_id": TERMINAL, "branch_id": branch["id"], "key_generation": 1}
    )
    approver = await person(api, "approver", "referral_network:approve")
    policy = await post(
        api,
        f"{NETWORK}/policies",
        {"payout": "immediate", "levels": [{"introducer": {"rate": 5000}}, {"introducer": {"rate": 2000}}]},
    )
    await approver.post(f"{NETWORK}/policies/{policy['id']}/approval", {})
    for introduced, introducer in ((middle, top), (buyer, middle)):
        code = (await post(api, f"{NETWORK}/members/{introducer['id']}/code", None))["code"]
        await post(api, f"{NETWORK}/registrations", {"member_id": introduced["id"], "code": code})

    async def is_served() -> bool:
        return (await get(api, f"/v1/terminals/{TERMINAL}"))["switch_state"] == "active"

    await eventually(is_served)
    link = Link(switch.terminals)
    await asyncio.to_thread(link.sign_on, TERMINAL)
    sale = await _ask(link, str(cards[buyer["id"]]["number"]), 2_000_000)
    await _has(api, buyer["id"], 200)
    await _has(api, middle["id"], 100)
    await _has(api, top["id"], 40)

    # What was paid is spent at the terminal before half of the sale comes back.
    await _ask(link, str(cards[middle["id"]]["number"]), 80_000, "009100")
    await _has(api, middle["id"], 20)
    await _ask(link, str(cards[buyer["id"]]["number"]), 1_000_000, "200000", rrn=sale)
    await _has(api, top["id"], 20)
    owed = f"{NETWORK}/members/{middle['id']}"

    async def is_owed() -> bool:
        return (await get(api, owed))["waiting_units"] == -50

    await eventually(is_owed)
    await _has(api, middle["id"], 20)
    payouts = items_of(await get(api, f"{NETWORK}/payouts", member_id=middle["id"]))
    assert [(payout["units"], payout["state"], payout["response_code"]) for payout in payouts] == [
        (-50, "failed", "51"),
        (100, "paid", "00"),
    ]
    # The next income is kept until what is owed is even.
    await _ask(link, str(cards[buyer["id"]]["number"]), 3_000_000)
    await _has(api, top["id"], 80)
    await _has(api, middle["id"], 120)
    assert (await get(api, owed))["waiting_units"] == 0
    report = await post(api, "/v1/reconciliations", None)
    assert report["is_balanced"] is True, report
    link.close()
    await asyncio.to_thread(switch.stop)
