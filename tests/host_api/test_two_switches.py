"""Two programmes with a real switch each: neither sees, counts or waits for anything of the other's."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from host_api.client.models.points import PointsActRead
from host_api.core.application import create_runtime
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.rebuild import rebuild
from host_api.services.fault_finder.collector import FaultCollector
from host_api.services.members.numbers import LAST_HOST_NUMBER
from protocol.message import Message, Value
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.points_bench import Person, new_key, person
from tests.host_api.running_api import NO_TLS, RunningApi, running_api
from tests.switch.conftest import MERCHANT, TERMINAL, Link, SwitchProcess

pytestmark = pytest.mark.anyio

ENROLLED = LAST_HOST_NUMBER + 1
ENROLMENT, PURCHASE = "910000", "000000"


@dataclass
class Club:
    """A programme: the API as its owner calls it, its switch, and two persons who move points."""

    programme: int
    api: RunningApi
    switch: SwitchProcess
    asker: Person
    approver: Person

    async def status(self, part: str) -> dict[str, object]:
        found = (await get(self.api, "/v1/status"))[part]
        assert isinstance(found, dict)
        return found

    async def open_shop(self) -> str:
        """A shop with a terminal and a card in stock, all known to the switch; the card's number."""
        merchant = await post(self.api, "/v1/merchants", {"merchant_id": MERCHANT, "name": "Shop"})
        branch = await post(self.api, f"/v1/merchants/{merchant['id']}/branches", {"name": "One"})
        await post(self.api, "/v1/terminals", {"terminal_id": TERMINAL, "branch_id": branch["id"]})
        card = await post(self.api, "/v1/cards", {"branch_id": branch["id"]})

        async def is_sent() -> bool:
            outbox = await self.status("outbox")
            return outbox["waiting"] == outbox["refused"] == 0

        await eventually(is_sent)
        return str(card["number"])

    async def serve(self, number: str, amount: int) -> None:
        """Enrol a member with the card at the counter, and sell something."""

        def call() -> list[str]:
            with closing(Link(self.switch.terminals)) as link:
                link.sign_on()
                return [
                    link.call(_scanned(link, number, code, sold)).text(39)
                    for code, sold in ((ENROLMENT, 0), (PURCHASE, amount))
                ]

        assert await asyncio.to_thread(call) == ["00", "00"]

        async def is_known() -> bool:
            listed = items_of(await get(self.api, "/v1/transactions"))
            return len(listed) == 2

        await eventually(is_known)

    async def give(self, units: int) -> PointsActRead:
        return await self.approver.approve(await self.asker.ask_credit(ENROLLED, units))

    async def points(self) -> object:
        return (await get(self.api, f"/v1/members/{ENROLLED}/balances"))["points"]

    async def amounts(self) -> list[object]:
        return [item["amount"] for item in items_of(await get(self.api, "/v1/transactions"))]


def _scanned(link: Link, number: str, code: str, amount: int) -> Message:
    fields: dict[int, Value] = dict(link.purchase(amount, code).fields)
    del fields[35]
    return Message("0200", fields | {2: number, 22: "031"})


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
def settings_of_two(
    settings: Settings, tmp_path: Path, switches: tuple[SwitchProcess, SwitchProcess]
) -> Settings:
    """The first programme's switch in the settings, the other's in a file."""
    first, second = switches
    host, port = second.terminals
    (tmp_path / "switches.toml").write_text(
        f"""version = 1
[switches.trial]
switch_address = "{host}:{port}"
operations_url = "{second.operations}"
master_key_file = "two/keys/master.key"
feed_token_file = "two/keys/feed.token"
journal_directory = "two/journal"
"""
    )
    return settings.model_copy(
        update={
            "switch_address": "{}:{}".format(*first.terminals),
            "operations_url": first.operations,
            "master_key_file": tmp_path / "one/keys/master.key",
            "feed_token_file": tmp_path / "one/keys/feed.token",
            "switches_file": tmp_path / "switches.toml",
        }
    )


@asynccontextmanager
async def _owner(api: RunningApi, programme: int) -> AsyncIterator[RunningApi]:
    headers = await new_key(api, "owner", "*", programme=programme)
    async with httpx2.AsyncClient(
        base_url=api.base_url, headers=headers, timeout=20, trust_env=False, verify=NO_TLS
    ) as client:
        yield RunningApi(api.runtime, client, api.base_url)


async def _club(api: RunningApi, programme: int, switch: SwitchProcess) -> Club:
    asker = await person(api, "asker", "points:write", programme=programme)
    approver = await person(api, "approver", "points:approve", programme=programme)
    return Club(programme, api, switch, asker, approver)


async def _make_trial(api: RunningApi) -> int:
    """A sandbox, made while the API serves: its switch begins then."""
    (notice,) = (await api.calls.status.read_status()).notices
    assert (notice.code, "trial" in notice.text_fa) == ("switch-without-programme", True)
    wanted = {"username": "reza", "display_name": "رضا"}
    made = await post(
        api, "/v1/programmes", {"code": "trial", "name": "trial", "mode": "sandbox", "owner": wanted}
    )

    async def has_begun() -> bool:
        return (await api.calls.status.read_status()).notices == []

    await eventually(has_begun)
    return int(str(made["id"]))


async def test_two_programmes_move_points_with_a_switch_each(
    settings_of_two: Settings, switches: tuple[SwitchProcess, SwitchProcess]
) -> None:
    runtime = create_runtime(settings_of_two)
    async with running_api(runtime) as api:
        programme = await _make_trial(api)
        async with _owner(api, programme) as other:
            club = await _club(api, FIRST_PROGRAMME, switches[0])
            trial = await _club(other, programme, switches[1])
            both = (club, trial)
            # Terminal, shop and the member's number are the same in both.
            cards = await asyncio.gather(*(one.open_shop() for one in both))
            await asyncio.gather(
                *(
                    one.serve(card, amount)
                    for one, card, amount in zip(both, cards, (3_000_000, 8_000_000), strict=True)
                )
            )
            acts = await asyncio.gather(club.give(500), club.give(20), trial.give(7), trial.give(1))
            assert [act.state for act in acts] == ["done"] * 4

            async def are_projected() -> bool:
                return [await one.points() for one in both] == [820, 808]

            await eventually(are_projected)
            assert sorted(map(str, await club.amounts())) == ["0", "20", "3000000", "500"]
            assert sorted(map(str, await trial.amounts())) == ["0", "1", "7", "8000000"]
            for one, name in zip(both, ("سارا", "آزمایش"), strict=True):
                member = await one.api.client.get(f"/v1/members/{ENROLLED}")
                assert (member.json()["name"], member.json()["joined_via"]) == ("", "counter")
                named = await one.api.client.patch(
                    f"/v1/members/{ENROLLED}",
                    json={"name": name},
                    headers={"If-Match": member.headers["etag"]},
                )
                assert named.json()["name"] == name
                trail = items_of(await get(one.api, "/v1/audit", table_name="members", row_key=ENROLLED))
                assert [entry["action"] for entry in trail] == ["update"]
            assert (await get(api, f"/v1/members/{ENROLLED}"))["name"] == "سارا"
            for one, points in zip(both, (820, 808), strict=True):
                report = await one.api.calls.reconciliation.create_reconciliation()
                assert report.is_balanced is True, report
                assert [total.switch for total in report.totals if total.purse == "points"] == [points]
                statement = await get(one.api, f"/v1/members/{ENROLLED}/statement")
                closing = {purse["purse"]: purse["closing"] for purse in _list(statement["purses"])}
                assert closing["points"] == points
            await _one_dies(club, trial)
            await _one_is_built_anew(settings_of_two, club, trial)


def _list(value: object) -> list[dict[str, object]]:
    assert isinstance(value, list)
    return value


async def _one_dies(club: Club, trial: Club) -> None:
    """Its own movements wait, the other's go on, and who looks for faults finds it where it belongs."""
    trial.switch.kill()

    async def is_lost() -> bool:
        return (await trial.status("outbox"))["link"] == "connecting"

    await eventually(is_lost)
    asked = await trial.asker.ask_credit(ENROLLED, 30)
    path = f"/v1/points/acts/{asked.id}/approval?wait_s=0"
    answer = await trial.api.client.post(path, json={}, headers=trial.approver.headers)
    assert answer.status_code == 202
    assert (await club.give(100)).state == "done"
    assert (await club.status("outbox"))["link"] == "connected"
    await FaultCollector.of(club.api.runtime).look()
    for one, kinds in ((club, set()), (trial, {"switch_unreachable"})):
        faults = items_of(await get(one.api, "/v1/faults"))
        assert {fault["kind"] for fault in faults} & {"switch_unreachable"} == kinds
    _, _, operations_port = trial.switch.operations.rpartition(":")
    trial.switch.start(terminals_port=trial.switch.terminals[1], operations_port=operations_port)

    async def have_arrived() -> bool:
        return [await one.points() for one in (club, trial)] == [920, 838]

    await eventually(have_arrived, 40)


async def _one_is_built_anew(settings: Settings, club: Club, trial: Club) -> None:
    before = [await one.amounts() for one in (club, trial)]
    position = (await club.status("feed"))["position"]
    report = await rebuild(settings, programme="trial")
    assert report.events > 0
    assert [await one.amounts() for one in (club, trial)] == before
    assert (await club.status("feed"))["position"] == position
    assert [await one.points() for one in (club, trial)] == [920, 838]
