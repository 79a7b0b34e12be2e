"""Points buy a package, a till spends its credit, days accrue, instalments are paid: before a real switch."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.running_api import RunningApi
from tests.host_api.services.credit_packages.credit_calls import (
    PATH,
    age,
    balances,
    contract,
    entries,
    figures,
    number,
    package,
    run_job,
)
from tests.host_api.services.game_bench import (
    SHOP,
    TERMINAL,
    api_with,
    are_books_in_balance,
    running_switch,
    shop,
)
from tests.host_api.services.rules.rule_calls import approver, editor, freeze
from tests.host_api.services.shop.shop_calls import item, order, states_of
from tests.switch.conftest import Link, SwitchProcess

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]

FROM_CREDIT = "009200"
# Points for every sale; card credit pays with cards of the credit product alone.
RULES = """
format = 2
programme = "club1"

[[rules]]
rule_id = "EARN-01"
status = "active"
kind = "earn"
name = { fa = "امتیاز", en = "Points" }
member_text = { fa = "امتیاز شما", en = "Your points" }
trigger = "purchase"
effects = [
    { type = "earn", purse = "points", calc = { mode = "rate", give = 100, per = 1000000 }, max = 10000 },
]

[[rules]]
rule_id = "CREDIT-CARDS"
status = "active"
kind = "burn"
name = { fa = "کارت اعتباری", en = "Credit cards" }
member_text = { fa = "با اعتبار شما پرداخت شد", en = "Paid with your credit" }
trigger = "burn_request"
scope = { card_types = ["CREDIT"] }
effects = [
    { type = "tender", purse = "credit", calc = { mode = "rate", give = 1, per = 1 }, rounding = "ceil" },
]
"""


@pytest.fixture
def switch(tmp_path: Path) -> Iterator[SwitchProcess]:
    with running_switch(tmp_path / "switch") as running:
        yield running


@pytest.fixture
async def api(settings: Settings, tmp_path: Path, switch: SwitchProcess) -> AsyncIterator[RunningApi]:
    async with api_with(settings, tmp_path, switch) as running:
        yield running


async def _publish(api: RunningApi) -> None:
    sara, omid = await editor(api), await approver(api)
    await eventually(lambda: api.runtime.switches.of(FIRST_PROGRAMME).feed_projection.state == "following")
    await sara.post("/v1/rules/draft/import", {"text": RULES})
    version = await freeze(sara)
    asked = await sara.post("/v1/rules/publications", {"version_id": version["id"], "reason": "credit cards"})
    done = await omid.post(f"/v1/rules/publications/{asked['id']}/approval?wait_s=10", {})
    assert done["state"] == "published", done


async def _card(api: RunningApi, member: object, card_type: str) -> str:
    card = await post(api, "/v1/cards", {"member_id": member, "card_type": card_type})

    async def is_known() -> bool:
        return (await get(api, f"/v1/cards/{card['id']}"))["switch_state"] == "active"

    await eventually(is_known)
    return str(card["number"])


async def _pay(link: Link, card: str, rials: int, processing_code: str = "000000") -> str:
    sale = link.purchase(rials, processing_code, card=card, terminal_id=TERMINAL, merchant_id=SHOP)
    return (await asyncio.to_thread(link.call, sale)).text(39)


async def _used(api: RunningApi, contract_id: int, rials: int) -> None:
    """Have the job read the journal until so much is used."""

    async def is_used() -> bool:
        await run_job(api, "read-credit-use")
        return (await contract(api, contract_id))["consumed"] == rials

    await eventually(is_used)


async def _accrue(api: RunningApi, contract_id: int) -> int:
    """Forty days, once; the interest on 600,000 rials."""
    await age(api, contract_id, 40)
    outcome = await run_job(api, "accrue-credit-interest")
    days = number(outcome["days"])
    assert days in (40, 41)  # midnight may have passed since it began
    interest = round(600_000 * Fraction(18, 100) * Fraction(days, 365))
    names = ("open", "principal", "interest", "overdue", "instalments_due")
    assert await figures(api, contract_id, *names) == (0, 600_000, interest, 200_000, 1)
    before = await entries(api, contract_id)
    await run_job(api, "accrue-credit-interest")
    assert (await entries(api, contract_id))[: len(before)] == before
    plan = (await get(api, f"{PATH}/contracts/{contract_id}/plan"))["instalments"]
    assert isinstance(plan, list)
    assert [(row["principal"], row["is_due"]) for row in plan] == [
        (200_000, True),
        (200_000, False),
        (200_000, False),
    ]
    return interest


async def _pay_off(api: RunningApi, member: object, contract_id: int, interest: int) -> None:
    """What is due first, then the rest, from the wallet."""
    await post(
        api, f"/v1/members/{member}/wallet/loads?wait_s=10", {"merchant_id": SHOP, "amount": 2_000_000}
    )
    wanted = {"member_id": member, "rials": 205_000 + interest}
    paid = await post(api, f"{PATH}/payments?wait_s=10", wanted)
    assert (paid["state"], paid["applied"]) == ("applied", wanted["rials"])
    assert await figures(api, contract_id, "principal", "cost", "overdue", "state") == (
        400_000,
        0,
        0,
        "in_force",
    )
    await post(api, f"{PATH}/payments?wait_s=10", {"member_id": member, "rials": 500_000}, 409)
    for _ in range(2):  # again where midnight has passed, and so another day has accrued
        await run_job(api, "accrue-credit-interest")
        owed = sum(map(number, await figures(api, contract_id, "principal", "interest")))
        if owed:
            await post(api, f"{PATH}/payments?wait_s=10", {"member_id": member, "rials": owed})
    found = await contract(api, contract_id)
    assert found["state"] == "settled"
    paid_in_all = number(found["paid"])
    assert paid_in_all - 605_000 - interest in range(400)
    sums = await balances(api, contract_id)
    assert {account: rials for account, rials in sums.items() if rials} == {
        "paid": paid_in_all,
        "club": -paid_in_all,
    }
    totals = (await get(api, f"{PATH}/totals", member_id=member))["packages"]
    assert isinstance(totals, list)
    assert [(row["consumed"], row["open"], row["paid"]) for row in totals] == [(600_000, 0, paid_in_all)]


async def test_a_package_is_bought_used_accrued_and_paid(api: RunningApi, switch: SwitchProcess) -> None:
    link = await shop(api, switch)
    await _publish(api)
    product = {"code": "CREDIT", "title": "Credit card", "title_fa": "کارت اعتباری"}
    await post(api, "/v1/card-products", product)
    member = (await post(api, "/v1/members", {"name": "سارا", "tier": "gold"}))["id"]
    card, plain_card = await _card(api, member, "CREDIT"), await _card(api, member, "LOYALTY")
    assert await _pay(link, plain_card, 2_500_000) == "00"  # 250 points
    package_id = await package(api)
    sold = await item(api, "credit", credit_package_id=package_id, price=100)
    assert states_of(await order(api, number(member), (sold, 1))) == ["accepted", "delivered"]

    async def is_in_force() -> bool:
        await run_job(api, "read-credit-use")
        return bool(items_of(await get(api, f"{PATH}/contracts", state="in_force")))

    await eventually(is_in_force)
    (found,) = items_of(await get(api, f"{PATH}/contracts", member_id=member))
    contract_id = number(found["id"])
    assert (found["open"], found["cost"], found["service"]) == (1_000_000, 5_000, "shop")

    # The product of the card decides at the switch; whose credit it is, its member (SW-08).
    assert await _pay(link, plain_card, 600_000, FROM_CREDIT) != "00"
    assert await _pay(link, card, 600_000, FROM_CREDIT) == "00"
    assert await _pay(link, card, 900_000, FROM_CREDIT) == "51"
    other = (await post(api, "/v1/members", {"name": "رضا"}))["id"]
    assert await _pay(link, await _card(api, other, "CREDIT"), 1_000, FROM_CREDIT) == "51"
    await _used(api, contract_id, 600_000)
    assert [(row["kind"], row["rials"]) for row in await entries(api, contract_id, kind="drawn")] == [
        ("drawn", 600_000)
    ]

    await _pay_off(api, member, contract_id, await _accrue(api, contract_id))
    report = await post(api, "/v1/reconciliations", None)
    assert report["is_balanced"] is True, report
    link.close()
    await asyncio.to_thread(switch.stop)
    assert are_books_in_balance(switch.journal.parent)
