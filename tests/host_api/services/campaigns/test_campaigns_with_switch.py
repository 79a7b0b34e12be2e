"""A member earns at a terminal, gets points by a campaign and a gift by an offer, reads a suggestion on the
receipt, spends, and the switch's books agree."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from terminal.messages.codec import unpack
from terminal.screens.receipt import receipt
from terminal.system.clock import Clock
from terminal.system.config import Config
from terminal.transactions.outcome import Outcome

from host_api.core.clock import utc_now
from host_api.core.settings import Settings
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.people import problem
from tests.host_api.points_bench import Person, person, runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.switch.conftest import FEED_TOKEN, Link, SwitchProcess

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]

TERMINAL, SHOP = "TERM0001", "SHOP01"
EARNED_EN = "100 points for every 100,000 toman"
GIFT_EN, GIFT_FA = "A gift is waiting in the app", "هدیه‌ای در برنامه منتظر شماست"


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


async def _opened(api: RunningApi, switch: SwitchProcess) -> tuple[Link, str, int]:
    """The shop with its terminal signed on, and a member with a card."""
    member = await post(api, "/v1/members", {"name": "سارا عضو", "tier": "gold"})
    card = await post(api, "/v1/cards", {"member_id": member["id"]})
    merchant = await post(api, "/v1/merchants", {"merchant_id": SHOP, "name": "فروشگاه مهر"})
    branch = await post(api, f"/v1/merchants/{merchant['id']}/branches", {"name": "مرکزی"})
    await post(
        api, "/v1/terminals", {"terminal_id": TERMINAL, "branch_id": branch["id"], "key_generation": 1}
    )

    async def is_served() -> bool:
        return (await get(api, f"/v1/terminals/{TERMINAL}"))["switch_state"] == "active"

    await eventually(is_served)
    link = Link(switch.terminals)
    await asyncio.to_thread(link.sign_on, TERMINAL)
    assert isinstance(member["id"], int)
    return link, str(card["number"]), member["id"]


async def _buy(link: Link, card: str, amount: int, code: str = "000000") -> Outcome:
    """What the terminal's own firmware makes of the answer."""

    def exchange() -> tuple[bytes, bytes]:
        message = link.purchase(amount, code, card=card, terminal_id=TERMINAL, merchant_id=SHOP)
        asked = link.send(message)
        answered = link.receive_payload()
        assert answered is not None
        return asked, answered

    asked, answered = await asyncio.to_thread(exchange)
    return Outcome(unpack(asked)[1], unpack(answered)[1], Clock(lambda: 0, 210))


def _printed(outcome: Outcome, language: str) -> list[str]:
    config = Config(
        {
            "terminal_id": TERMINAL,
            "merchant_id": SHOP,
            "switch_host": "127.0.0.1",
            "switch_port": 7000,
            "languages": [language],
        }
    )
    return [str(text) for _, text, _ in receipt(outcome, config, copy=False)]


async def _run(api: RunningApi, job: str) -> None:
    run = await post(api, f"/v1/jobs/{job}/runs", {}, 202)

    async def is_over() -> bool:
        return (await get(api, f"/v1/jobs/{run['id']}"))["state"] == "succeeded"

    await eventually(is_over)


async def _budget(api: RunningApi, approver: Person, units: int) -> object:
    budget = await post(api, "/v1/budgets", {"title": "کمپین", "owner": "بازار", "purse": 91, "units": units})
    (change,) = items_of(await get(api, "/v1/budgets/changes"))
    await approver.post(f"/v1/budgets/changes/{change['id']}/approval", {})
    return budget["id"]


async def test_a_member_earns_is_given_reads_and_spends(api: RunningApi, switch: SwitchProcess) -> None:
    second = await person(api, "second", "budgets:*", "campaigns:*")
    link, card, member = await _opened(api, switch)
    first = await _buy(link, card, 2_500_000)
    assert (first.text_en, first.points_earned) == (EARNED_EN, 250)
    prize = await post(
        api,
        "/v1/prizes",
        {"kind": "units", "title": "Fifty", "title_fa": "پنجاه", "purse": 91, "units": 50, "stock": 1},
    )
    offer = await post(
        api,
        "/v1/offers",
        {
            "kind": "gift",
            "prize_id": prize["id"],
            "title": "A gift",
            "title_fa": "هدیه",
            "text": "Fifty points",
            "text_fa": "پنجاه امتیاز",
            "till_text": GIFT_EN,
            "till_text_fa": GIFT_FA,
            "first_day": "1405-01-01",
            "last_day": "1450-01-01",
        },
    )
    await post(api, f"/v1/offers/{offer['id']}/publication", None)
    campaign = await post(
        api,
        "/v1/campaigns",
        {
            "title": "Hello",
            "title_fa": "سلام",
            "goal": "activate",
            "trigger": {"kind": "at", "at": utc_now().isoformat()},
            "last_day": "1450-01-01",
            "control_percent": 0,
            "variants": [{"code": "a", "steps": [{"kind": "points", "units": 300}]}],
            "budget_id": await _budget(api, second, 300),
        },
    )
    own = await api.client.post(f"/v1/campaigns/{campaign['id']}/start")
    assert problem(own) == (403, "second-person-needed")
    await second.post(f"/v1/campaigns/{campaign['id']}/start")
    late = await api.client.patch(
        f"/v1/campaigns/{campaign['id']}", json={"control_percent": 5}, headers={"If-Match": '"2"'}
    )
    assert problem(late) == (409, "campaign-started")
    await _run(api, "campaigns")
    await _run(api, "campaigns")
    await _run(api, "suggest-offers")

    async def holds(points: int) -> None:
        async def is_so() -> bool:
            return (await get(api, f"/v1/members/{member}/balances"))["points"] == points

        await eventually(is_so)

    await holds(550)
    budget = await get(api, f"/v1/budgets/{campaign['budget_id']}")
    assert (budget["consumed"], budget["reserved"]) == (300, 0)
    claimed = await post(api, f"/v1/offers/{offer['id']}/claims", {"member_id": member})
    assert claimed["state"] == "used"
    again = await api.client.post(f"/v1/offers/{offer['id']}/claims", json={"member_id": member})
    assert problem(again) == (409, "offer-claimed-already")
    await holds(600)

    # The record with the suggestion is at the switch: its text stands behind the rule's, or alone.
    told = await _buy(link, card, 1_000_000)
    assert (told.text_en, told.points_earned) == (f"{EARNED_EN} - {GIFT_EN}", 100)
    assert told.text_fa.endswith(f" - {GIFT_FA}")
    small = await _buy(link, card, 10)
    assert (small.text_en, small.text_fa) == (GIFT_EN, GIFT_FA)
    assert GIFT_EN in _printed(small, "en")
    assert GIFT_FA in _printed(small, "fa")

    paid = await _buy(link, card, 700_000, "009100")
    assert paid.approved
    await holds(0)
    results = await get(api, f"/v1/campaigns/{campaign['id']}/results")
    assert results["steps"] == [{"arm": "a", "step": 0, "kind": "points", "members": 1}]
    report = await post(api, "/v1/reconciliations", None)
    assert report["is_balanced"] is True, report
    link.close()
    await asyncio.to_thread(switch.stop)
