"""A product's way through a store before a real switch: stock, sales, points, return, counting, accounts."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from host_api.core.clock import utc_now
from host_api.core.settings import Settings
from host_api.core.tehran_time import tehran_date
from switch.snapshot.reading import recovered_state
from tests.host_api.api_calls import get, post
from tests.host_api.eventually import eventually
from tests.host_api.people import problem
from tests.host_api.points_bench import runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.services.stores.store_calls import Json, Store, cash, number, open_store
from tests.host_api.services.stores.store_file_parser import parse
from tests.switch.conftest import FEED_TOKEN, Link, SwitchProcess

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]

TERMINAL, STORE = "TERM0001", "STORE01"


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


async def _furnished(api: RunningApi) -> Store:
    """A store whose terminal the switch knows, with ten jars of tea for 1,000,000 rial and 10 % tax."""
    store = await open_store(api, STORE)
    wanted = {"terminal_id": TERMINAL, "branch_id": store.branch, "key_generation": 1}
    await post(api, "/v1/terminals", wanted)

    async def is_served() -> bool:
        return (await get(api, f"/v1/terminals/{TERMINAL}"))["switch_state"] == "active"

    await eventually(is_served)
    await store.product("TEA", 1_000_000, tax_rate=1000)
    await store.receive("TEA", 10)
    return store


async def _has(api: RunningApi, member: int, points: int) -> None:
    async def is_so() -> bool:
        return (await get(api, f"/v1/members/{member}/balances"))["points"] == points

    await eventually(is_so)


async def _has_earned(api: RunningApi, member: int, points: int, sale: Json) -> None:
    await _has(api, member, points)
    # For rules, and whoever counts by it, it was made where the till stands.
    told = await get(api, f"/v1/transactions/{sale['rrn']}")
    assert (told["merchant_id"], told["branch_number"]) == (STORE, 1)


async def _at_terminal(switch: SwitchProcess, card: str, rials: int) -> str:
    link = Link(switch.terminals)
    try:
        await asyncio.to_thread(link.sign_on, TERMINAL)
        sale = link.purchase(rials, card=card, terminal_id=TERMINAL, merchant_id=STORE)
        answer = await asyncio.to_thread(link.call, sale)
        assert answer.text(39) == "00"
        return answer.text(37)
    finally:
        link.close()


def _return(sale: Json, reference: str, quantity: int, rials: int) -> Json:
    return {
        "till": "T1",
        "reference": reference,
        "sale_id": sale["id"],
        "lines": [{"number": 1, "quantity": quantity}],
        "refunds": cash(rials),
        "reason": "کالا برگشت خورد",
    }


async def _returned(api: RunningApi, body: Json) -> Json:
    """The return, once the club has read the sale from the switch's feed."""
    made: Json = {}

    async def is_taken() -> bool:
        answer = await api.client.post("/v1/store-returns?wait_s=10", json=body)
        if answer.status_code == 201:
            made.update(answer.json())
            return True
        assert problem(answer) == (409, "store-points-undecided")
        return False

    await eventually(is_taken)
    return made


async def test_from_receipt_to_accounts(api: RunningApi, switch: SwitchProcess) -> None:
    store = await _furnished(api)
    sara = number(await post(api, "/v1/members", {"name": "سارا عضو"}), "id")
    card = str((await post(api, "/v1/cards", {"member_id": sara}))["number"])

    # A till without a terminal: the sale earns as it is registered. 2,200,000 rial are 220 points.
    body = store.document("1", ("TEA", 2), code=card, payments=cash(2_200_000))
    sale = await post(api, "/v1/store-sales?wait_s=10", body)
    assert (sale["points_state"], sale["points"], sale["member_id"]) == ("earned", 220, sara)
    assert (await post(api, "/v1/store-sales?wait_s=10", body))["rrn"] == sale["rrn"]
    await _has_earned(api, sara, 220, sale)

    # A sale of the terminal has earned already: linked, it earns nothing more, and is linked once.
    rrn = await _at_terminal(switch, card, 1_100_000)
    await _has(api, sara, 330)
    linked = store.document("2", ("TEA", 1), rrn=rrn, payments=cash(1_100_000))
    second = await post(api, "/v1/store-sales?wait_s=10", linked)
    assert (second["points_state"], second["member_id"], second["rrn"]) == ("linked", sara, rrn)
    twice = await api.client.post("/v1/store-sales", json=linked | {"reference": "3"})
    assert problem(twice) == (409, "store-transaction-differs")
    own = store.document("4", ("TEA", 2), rrn=sale["rrn"], payments=cash(2_200_000))
    assert problem(await api.client.post("/v1/store-sales", json=own))[1] == "store-transaction-differs"

    # Half of the first sale comes back, and its points; then all of the second.
    back = await _returned(api, _return(sale, "R1", 1, 1_100_000))
    assert (back["points_request_state"], back["total"]) == ("done", 1_100_000)
    await _has(api, sara, 220)
    whole = await _returned(api, _return(second, "R2", 1, 1_100_000))
    assert whole["points_request_state"] == "done"
    await _has(api, sara, 110)
    again = await api.client.post(f"/v1/store-returns/{whole['id']}/points")
    assert problem(again) == (409, "store-points-settled")

    # Ten came in and one is out; eight are found.
    assert await store.level("TEA") == 9
    count = await post(api, "/v1/stock-counts", {"branch_id": store.branch})
    path = f"/v1/stock-counts/{count['id']}"
    counted = {"lines": [{"product_id": store.products["TEA"], "counted": 8}]}
    assert (await api.client.post(f"{path}/lines", json=counted)).status_code == 201
    await post(api, f"{path}/closing", None)
    assert await store.ledger_sums() == {store.products["TEA"]: 8}
    assert await store.level("TEA") == 8

    balances, together = await store.trial_balance()
    assert (balances, together) == ({"cash": 1_100_000, "sales": -1_000_000, "tax": -100_000}, 0)
    today = tehran_date(utc_now())
    days = {"first_day": str(today - timedelta(1)), "last_day": str(today + timedelta(1))}
    file = await api.client.get("/v1/store-entries/file", params={"merchant": str(store.merchant)} | days)
    merchant_id, lines = parse(file.text)
    assert merchant_id == STORE
    sums: dict[str, int] = {}
    for line in lines:
        sums[line.account] = sums.get(line.account, 0) + line.amount
    assert sums == balances

    report = await post(api, "/v1/reconciliations", None)
    assert report["is_balanced"] is True, report
    await asyncio.to_thread(switch.stop)
    trial = recovered_state(switch.journal).accounts.trial_balance()
    assert trial
    assert not any(trial.values()), trial
