"""A member of one club spends what they earned there in another: two real switches, and books that agree."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from host_api.core.application import create_runtime
from host_api.core.clock import utc_now
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.core.tehran_time import tehran_date
from switch.snapshot.reading import recovered_state
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.points_bench import Person, new_key, person
from tests.host_api.running_api import NO_TLS, RunningApi, running_api
from tests.host_api.services.acceptance_bench import change
from tests.host_api.services.coalition.foreign_club import PATH, Row, rows, whole
from tests.host_api.services.payouts.payouts_bench import member, reaches
from tests.switch.conftest import SwitchProcess

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]


@dataclass
class Club:
    """A programme, as its owner and two other persons call it, and its switch."""

    api: RunningApi
    code: str
    switch: SwitchProcess
    asker: Person
    second: Person
    partner: int = 0

    async def know(self, other: str, limit: int) -> None:
        """Enter the other club, which may owe so much."""
        wanted: Row = {"club_code": other, "name": other, "is_local": True}
        made = await post(self.api, f"{PATH}/clubs", wanted)
        self.partner = whole(made["id"])
        path = f"{PATH}/clubs/{self.partner}"
        await change(self.api, "PUT", f"{path}/credit-limit", {"credit_limit_rials": limit}, of=path)

    async def give(self, member_id: int, units: int) -> None:
        act = await self.asker.ask_credit(member_id, units)
        assert (await self.second.approve(act)).state == "done"

    async def has(self, member_id: int, points: int) -> None:
        """Wait until the projection tells so many points."""

        async def is_there() -> bool:
            return (await get(self.api, f"/v1/members/{member_id}/balances"))["points"] == points

        await eventually(is_there, 60)

    async def first(self, path: str, state: str) -> Row:
        """Wait until the newest record of a list is in a state."""
        found: list[Row] = []

        async def is_there() -> bool:
            found[:] = rows(items_of(await get(self.api, f"{PATH}/{path}", sort="-id")))
            return bool(found) and found[0]["state"] == state

        await eventually(is_there, 60)
        return found[0]

    async def exchange(self, contract: Row, member_id: int, units: int, state: str) -> Row:
        wanted: Row = {"contract_id": contract["id"], "member_id": member_id, "units": units}
        asked = await post(self.api, f"{PATH}/exchanges", wanted)
        return await self.reach(f"{PATH}/exchanges/{asked['id']}", state)

    async def reach(self, path: str, state: str) -> Row:
        return await reaches(self.api, path, state)

    async def balance(self) -> int:
        return whole((await get(self.api, f"{PATH}/clubs/{self.partner}"))["balance_rials"])


@pytest.fixture
def switches(tmp_path: Path) -> Iterator[tuple[SwitchProcess, SwitchProcess]]:
    found = SwitchProcess(tmp_path / "one"), SwitchProcess(tmp_path / "two")
    try:
        yield found[0].start(), found[1].start()
    finally:
        for switch in found:
            if switch.running:
                switch.kill()


@pytest.fixture
async def clubs(
    settings: Settings, tmp_path: Path, switches: tuple[SwitchProcess, SwitchProcess]
) -> AsyncIterator[tuple[Club, Club]]:
    entries = "".join(
        f"""[switches.{code}]
switch_address = "{switch.terminals[0]}:{switch.terminals[1]}"
operations_url = "{switch.operations}"
master_key_file = "{folder}/keys/master.key"
feed_token_file = "{folder}/keys/feed.token"
"""
        for code, folder, switch in zip(("club", "books"), ("one", "two"), switches, strict=True)
    )
    (tmp_path / "switches.toml").write_text(f"version = 1\n{entries}")
    runtime = create_runtime(settings.model_copy(update={"switches_file": tmp_path / "switches.toml"}))
    async with running_api(runtime) as api:
        owner = {"username": "reza", "display_name": "رضا"}
        wanted: Row = {"code": "books", "name": "books", "mode": "sandbox", "owner": owner}
        programme = whole((await post(api, "/v1/programmes", wanted))["id"])
        async with _owner(api, programme) as other:
            yield (
                await _club(api, FIRST_PROGRAMME, "club", switches[0]),
                await _club(other, programme, "books", switches[1]),
            )


@asynccontextmanager
async def _owner(api: RunningApi, programme: int) -> AsyncIterator[RunningApi]:
    headers = await new_key(api, "owner", "*", programme=programme)
    async with httpx2.AsyncClient(
        base_url=api.base_url, headers=headers, timeout=20, trust_env=False, verify=NO_TLS
    ) as client:
        yield RunningApi(api.runtime, client, api.base_url)


async def _club(api: RunningApi, programme: int, code: str, switch: SwitchProcess) -> Club:
    asker = await person(api, "asker", "points:write", programme=programme)
    second = await person(api, "second", "points:approve", "coalition:approve", programme=programme)
    return Club(api, code, switch, asker, second)


async def _conclude(one: Club, other: Club) -> tuple[Row, Row]:
    """Each enters the other; one's contract, 3 here for 2 there, as both have it."""
    await one.know(other.code, 50_000)
    await other.know(one.code, 40_000)
    wanted: Row = {"club_id": one.partner, "code": "C1", "own_units": 3, "partner_units": 2}
    asked = await post(one.api, f"{PATH}/contracts", wanted | {"rials": 1_000})
    await one.second.post(f"{PATH}/contracts/{asked['id']}/approval", status=200)
    received = await other.first("contracts", "received")
    assert (received["own_units"], received["partner_units"], received["rials"]) == (2, 3, 1_000)
    accept = f"{PATH}/contracts/{received['id']}/approval"
    theirs = await other.second.api.client.post(accept, headers=other.second.headers)
    assert theirs.json()["state"] == "active"
    return await one.reach(f"{PATH}/contracts/{asked['id']}", "active"), theirs.json()


async def _link(one: Club, sara: int, other: Club, sara_there: int) -> None:
    code = await post(other.api, f"{PATH}/link-codes", {"member_id": sara_there})
    wanted: Row = {"club_id": one.partner, "member_id": sara}
    asked = await post(one.api, f"{PATH}/links", wanted | {"code": "aaaa-bbbb-cccc-dddd"})
    await one.reach(f"{PATH}/links/{asked['id']}", "refused")
    asked = await post(one.api, f"{PATH}/links", wanted | {"code": code["code"]})
    await one.reach(f"{PATH}/links/{asked['id']}", "active")


async def _agree_and_settle(one: Club, other: Club) -> None:
    """Both statements say the same, and each club's two persons settle its own."""
    wanted: Row = {"club_id": one.partner, "end": utc_now().isoformat()}
    proposed = await post(one.api, f"{PATH}/statements", wanted)
    own = await one.reach(f"{PATH}/statements/{proposed['id']}", "agreed")
    theirs = await other.first("statements", "agreed")
    assert own["digest"] == theirs["digest"]
    assert whole(own["net_rials"]) + whole(theirs["net_rials"]) == 0
    assert (own["outgoing_rials"], own["incoming_rials"]) == (30_000, 5_000)
    assert await one.balance() + await other.balance() == 0
    for club, statement in ((one, own), (other, theirs)):
        told: Row = {"statement_id": statement["id"], "bank_reference": "140501310042"}
        paid = await post(club.api, f"{PATH}/settlements", told)
        await club.second.post(f"{PATH}/settlements/{paid['id']}/approval", status=200)
        assert await club.balance() == 0


async def test_a_member_of_one_club_spends_in_another(clubs: tuple[Club, Club]) -> None:
    one, other = clubs
    sara, sara_there = await member(one.api, None, 1, 0), await member(other.api, None, 2, 0)
    ours, theirs = await _conclude(one, other)
    await _link(one, sara, other, sara_there)
    await one.give(sara, 200)
    await other.give(sara_there, 20)
    done = await one.exchange(ours, sara, 91, "done")
    assert (done["own_units"], done["partner_units"], done["remainder_units"]) == (90, 60, 1)
    await one.has(sara, 110)
    await other.has(sara_there, 80)
    # Beyond what a club may owe nothing is credited, and what was debited is back.
    refused = await one.exchange(ours, sara, 90, "returned")
    assert refused["reason"] == "limit"
    await one.has(sara, 110)
    # The other way, by the same contract and link.
    assert (await other.exchange(theirs, sara_there, 10, "done"))["partner_units"] == 15
    await one.has(sara, 125)
    policy: Row = {"rate_rials": 10_000}
    await post(other.api, "/v1/trading-credit/policies", policy)
    spent: Row = {"member_id": sara_there, "units": 70}
    bought = await post(other.api, "/v1/trading-credit/lines?wait_s=10", spent)
    await other.reach(f"/v1/trading-credit/lines/{bought['id']}", "granted")
    await other.has(sara_there, 0)
    await _agree_and_settle(one, other)
    day = f"{tehran_date(utc_now()):%Y-%m-%d}"
    before = f"{tehran_date(utc_now() - timedelta(days=1)):%Y-%m-%d}"  # midnight may have passed
    found = await get(one.api, f"{PATH}/clearing/all", **{"from": before, "to": day})
    nets = {str(row["club_code"]): row["net_rials"] for row in rows(found["positions"])}
    assert (nets, found["total_rials"]) == ({"books": 25_000, "club": -25_000}, 0)
    denied = await other.api.client.get(f"{PATH}/clearing/all", params={"from": before, "to": day})
    assert denied.status_code == 403
    for club in clubs:
        report = await post(club.api, "/v1/reconciliations", None)
        assert report["is_balanced"] is True, report
        await asyncio.to_thread(club.switch.stop)
        books = recovered_state(club.switch.journal).accounts.trial_balance()
        assert books and not any(books.values())
