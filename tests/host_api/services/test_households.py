"""Households: one at a time for each member, joining, leaving, moving, and two who take the same member."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from host_api.core.database import Database
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.schema_migration import prepare_database, upgrade
from host_api.core.settings import Settings
from host_api.services.households import logic
from host_api.services.households.listing import HouseholdQuery
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.people import problem
from tests.host_api.points_bench import runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.switch_peer import SwitchPeer

pytestmark = pytest.mark.anyio

HOUSEHOLDS = "/v1/households"


@pytest.fixture
async def peer() -> AsyncIterator[SwitchPeer]:
    async with SwitchPeer() as running:
        yield running


@pytest.fixture
async def api(settings: Settings, tmp_path: Path, peer: SwitchPeer) -> AsyncIterator[RunningApi]:
    async with running_api(runtime_with(settings, tmp_path, switch=peer.endpoint)) as running:
        yield running


async def _members(api: RunningApi, count: int) -> list[int]:
    return [int(str((await post(api, "/v1/members", {"name": f"m{one}"}))["id"])) for one in range(count)]


def _relations(household: dict[str, object]) -> dict[int, str]:
    members = household["members"]
    assert isinstance(members, list)
    return {member["member_id"]: member["relation"] for member in members}


async def test_members_join_leave_move_and_the_switch_is_told(api: RunningApi, peer: SwitchPeer) -> None:
    head, spouse, child, other = await _members(api, 4)
    body = {"name": "خانواده", "head_id": head, "members": [{"member_id": spouse, "relation": "spouse"}]}
    first = await post(api, HOUSEHOLDS, body)
    assert _relations(first) == {head: "head", spouse: "spouse"}
    second = await post(api, HOUSEHOLDS, {"head_id": other})
    assert second["number"] != first["number"]
    path = f"{HOUSEHOLDS}/{first['id']}"
    assert _relations(await post(api, f"{path}/members", {"member_id": child, "relation": "child"})) == {
        head: "head",
        spouse: "spouse",
        child: "child",
    }
    taken = await api.client.post(
        f"{HOUSEHOLDS}/{second['id']}/members", json={"member_id": child, "relation": "other"}
    )
    assert problem(taken) == (409, "in-another-household")
    moved = {"member_id": child, "relation": "other", "is_move": True}
    assert child in _relations(await post(api, f"{HOUSEHOLDS}/{second['id']}/members", moved))
    assert _relations(await get(api, path)) == {head: "head", spouse: "spouse"}
    stuck = await api.client.delete(f"{path}/members/{head}")
    assert problem(stuck) == (409, "household-head-leaves-last")
    tag = (await api.client.get(path)).headers["etag"]
    for status in (200, 412):  # the second comes with what the first has overtaken
        answer = await api.client.patch(path, json={"head_id": spouse}, headers={"If-Match": tag})
        assert answer.status_code == status
    assert _relations((await api.client.delete(f"{path}/members/{head}")).json()) == {spouse: "head"}
    gone = (await api.client.delete(f"{path}/members/{spouse}")).json()
    assert (gone["members"], gone["dissolved_at"] is None) == ([], False)
    late = await api.client.post(f"{path}/members", json={"member_id": head, "relation": "child"})
    assert problem(late) == (409, "household-dissolved")
    assert [one["id"] for one in items_of(await get(api, HOUSEHOLDS, member_id=child))] == [second["id"]]

    def households() -> dict[int, str | None]:
        records = [entry.tags for entry in peer.records() if "DF05" in entry.tags]
        return {int(tags["DF20"]): tags.get("DF48") for tags in records}

    number = f"{second['number']:012d}"
    expected = {head: None, spouse: None, child: number, other: number}
    await peer.wait_for(lambda: households() == expected)

    async def is_told() -> bool:
        events = items_of(await get(api, "/v1/events", subject_kind="member", subject_id=child))
        return [event["type"] for event in events if event["type"] != "member.joined"] == [
            "household.joined",
            "household.left",
            "household.joined",
        ]

    await eventually(is_told)


async def test_of_two_households_that_take_a_member_one_gets_them(api: RunningApi) -> None:
    wanted, *heads = await _members(api, 5)
    bodies = [{"head_id": head, "members": [{"member_id": wanted, "relation": "other"}]} for head in heads]
    answers = await asyncio.gather(*(api.client.post(HOUSEHOLDS, json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    (household,) = items_of(await get(api, HOUSEHOLDS, member_id=wanted))
    # The households that were refused are not there, not even empty.
    assert [one["id"] for one in items_of(await get(api, HOUSEHOLDS))] == [household["id"]]
    free = [head for head in heads if head not in _relations(household)]
    places = [await post(api, HOUSEHOLDS, {"head_id": head}) for head in free[:2]]
    moves = [
        api.client.post(
            f"{HOUSEHOLDS}/{place['id']}/members",
            json={"member_id": wanted, "relation": "child", "is_move": True},
        )
        for place in places
    ]
    assert {answer.status_code for answer in await asyncio.gather(*moves)} <= {201, 409, 404}
    assert len(items_of(await get(api, HOUSEHOLDS, member_id=wanted))) == 1


async def test_wrong_wishes_change_nothing(api: RunningApi) -> None:
    head, blocked = await _members(api, 2)
    await post(api, "/v1/block-list", {"member_id": blocked, "reason_code": "debt", "reason": "for a test"})
    twice = {"head_id": head, "members": [{"member_id": head, "relation": "child"}]}
    two_heads = {"head_id": head, "members": [{"member_id": blocked, "relation": "head"}]}
    for wrong in (twice, two_heads, {"head_id": 0}, {"head_id": head, "more": 1}):
        assert (await api.client.post(HOUSEHOLDS, json=wrong)).status_code == 422
    unfit = {"head_id": head, "members": [{"member_id": blocked, "relation": "child"}]}
    assert problem(await api.client.post(HOUSEHOLDS, json=unfit)) == (409, "household-member-not-active")
    assert problem(await api.client.post(HOUSEHOLDS, json={"head_id": 999})) == (404, "member-not-found")
    household = await post(api, HOUSEHOLDS, {"head_id": head})
    stranger = await api.client.delete(f"{HOUSEHOLDS}/{household['id']}/members/{blocked}")
    assert problem(stranger) == (404, "not-in-household")


async def test_numbers_that_members_had_before_become_households(database_url: str, tmp_path: Path) -> None:
    settings = Settings(database_url=database_url, var_directory=tmp_path / "var")
    database = Database(settings.sqlalchemy_url)
    now = "2026-03-21 06:30:00.000000" if database.is_sqlite else "2026-03-21 06:30:00+00:00"
    async with database.migrating() as connection:
        await connection.run_sync(upgrade, "0008")
        for household in ("7", "7", "NULL"):
            await connection.execute(
                text(
                    "INSERT INTO members (programme_id, name, tier, status, created_at, household)"
                    f" VALUES (1, 'n', 'gold', 'active', '{now}', {household})"
                )
            )
    await prepare_database(database, settings)
    async with database.reading(FIRST_PROGRAMME) as session:
        page = await logic.read_page(session, HouseholdQuery())
    assert [(one.number, [(row.member_id, row.relation) for row in one.members]) for one in page.items] == [
        (7, [(1, "head"), (2, "other")])
    ]
    await database.dispose()
