"""Networks from files: every branch or none, each fault with its row, and the tree as one by one."""

import random
from collections import Counter

import pytest
from sqlalchemy import select

from host_api.core.database import Database
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.referral_network import forest, tree
from host_api.services.referral_network.models import DownlineCount, NetworkPlace
from host_api.services.referral_network.policy_schemas import DEEPEST
from host_api.services.referral_network.problems import OwnBranch
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.people import problem
from tests.host_api.points_bench import person
from tests.host_api.running_api import RunningApi
from tests.host_api.services.bulk_calls import ENDED, Imported, csv_of, faults_of, give_file, mobile

pytestmark = pytest.mark.anyio

NETWORK = "/v1/referral-network"
HEADERS = ("عضو", "معرف")


async def _import(api: RunningApi, *rows: tuple[object, object], **options: object) -> Imported:
    content = csv_of([HEADERS, *((str(member), str(above)) for member, above in rows)])
    wanted = {"file_id": await give_file(api, content, "network.csv"), **options}
    begun = await post(api, f"{NETWORK}/imports", wanted, 202)
    found: Imported = {}

    async def is_ended() -> bool:
        nonlocal found
        found = await get(api, f"{NETWORK}/imports/{begun['id']}")
        return found["state"] in ENDED

    await eventually(is_ended, 60)
    return found


async def _members(api: RunningApi, count: int) -> list[int]:
    made = [
        await post(api, "/v1/members", {"name": f"m{number}", "mobile": mobile(number)})
        for number in range(count)
    ]
    return [int(str(each["id"])) for each in made]


def _figures(done: Imported) -> list[object]:
    return [done[name] for name in ("state", "rows", "created", "skipped", "faulty")]


async def test_a_network_comes_whole_with_children_before_their_introducers(api: RunningApi) -> None:
    first, second, third, fourth, fifth, sixth = await _members(api, 6)
    approver = await person(api, "approver", "referral_network:approve")
    asked = await post(api, f"{NETWORK}/policies", {"branches_max": 2, "branch_days": 10})
    await approver.post(f"{NETWORK}/policies/{asked['id']}/approval", {})
    await post(api, f"/v1/members/{sixth}/block", {"reason": "r"})
    wrong = await _import(
        api,
        (second, first),
        (third, first),
        (fourth, first),
        (first, third),
        (fifth, fifth),
        (mobile(1), third),
        (99_999, first),
        (sixth, fifth),
    )
    assert _figures(wrong) == ["refused", 8, 2, 0, 6]
    assert faults_of(wrong) == [
        (3, "introducer", "own-branch"),
        (5, "introducer", "own-branch"),
        (6, "introducer", "own-branch"),
        (7, "member", "double-row"),
        (8, "member", "member-not-found"),
        (9, "member", "member-not-in-network"),
    ]
    assert (await get(api, NETWORK))["introduced"] == 0
    good = ((fourth, mobile(2)), (third, mobile(1)), (second, first), (fifth, second))
    done = await _import(api, *good)
    assert _figures(done) == ["done", 4, 4, 0, 0], done
    seen = await get(api, f"{NETWORK}/members/{first}")
    assert seen["downline"] == [
        {"level": 1, "members": 1},
        {"level": 2, "members": 2},
        {"level": 3, "members": 1},
    ]
    place = (await get(api, f"{NETWORK}/members/{fourth}"))["place"]
    assert isinstance(place, dict)
    assert (place["upline"], place["until"] is not None) == ([third, second, first], True)
    record = await get(api, f"/v1/members/{fourth}")
    assert record["introducer"] == third
    changes = items_of(await get(api, f"{NETWORK}/changes", kind="imported"))
    assert len(changes) == 4
    # The same once more changes nothing; another introducer, or a third branch, is refused.
    again = await _import(api, *good, on_existing="skip", repeat=True)
    assert _figures(again) == ["done", 4, 0, 4, 0]
    other = await _import(api, (fifth, first), (first, second), on_existing="skip")
    assert faults_of(other) == [(2, "member", "introduced-otherwise"), (3, "introducer", "own-branch")]
    assert _figures(other) == ["refused", 2, 0, 0, 2]
    seventh = int(str((await post(api, "/v1/members", {"name": "m7"}))["id"]))
    full = await _import(api, (seventh, second))
    assert faults_of(full) == [(2, "introducer", "branches-full")]
    assert (await get(api, f"{NETWORK}/members/{first}"))["downline"] == seen["downline"]


async def test_only_who_approves_branches_imports_them(api: RunningApi) -> None:
    writer = await person(api, "writer", "referral_network:write", "referral_network:read")
    answer = await api.client.post(f"{NETWORK}/imports", json={"file_id": 1}, headers=writer.headers)
    assert problem(answer)[0] == 403


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
async def test_trees_hung_together_are_as_counted_by_hand(database: Database) -> None:
    chosen = random.Random(7)
    above: dict[int, int] = {}
    for attempt in range(8):
        free = [number for number in range(1, 91) if number not in above]
        wanted: dict[int, int] = {}
        for member_id in chosen.sample(free, min(12, len(free))):
            introducer = chosen.choice([*range(1, 91)])
            if member_id not in _chain(introducer, above | wanted):
                wanted[member_id] = introducer
        if attempt == 4:  # a branch deeper than introducers are kept beside a member
            chain = [*range(91, 140)]
            wanted |= dict(zip(chain, [*chain[1:], 1], strict=True))
        async with database.writing(FIRST_PROGRAMME) as session:
            await tree.pass_gate(session)
            await forest.hang_roots(session, wanted)
        above |= wanted
        await _compare(database, above)
    tops = {member_id: _chain(member_id, above)[-1] for member_id in range(1, 140)}
    async with database.writing(FIRST_PROGRAMME) as session:
        assert await forest.roots_of(session, set(tops)) == tops
        circle = {tops[1]: 91}
        with pytest.raises(OwnBranch):
            await forest.hang_roots(session, circle)
        await session.rollback()


def _chain(member_id: int, above: dict[int, int]) -> list[int]:
    """The member and all above, the nearest first."""
    found = [member_id]
    while found[-1] in above:
        found.append(above[found[-1]])
    return found


async def _compare(database: Database, above: dict[int, int]) -> None:
    levels: Counter[tuple[int, int]] = Counter()
    for member_id in above:
        for level, higher in enumerate(_chain(member_id, above)[1 : DEEPEST + 1], 1):
            levels[higher, level] += 1
    async with database.reading(FIRST_PROGRAMME) as session:
        places = (await session.scalars(select(NetworkPlace))).all()
        counts = (await session.scalars(select(DownlineCount))).all()
    uplines = {place.member_id: place.upline for place in places if place.introducer is not None}
    assert uplines == {member_id: _chain(member_id, above)[1 : DEEPEST + 1] for member_id in above}
    assert {(row.member_id, row.level): row.members for row in counts if row.members} == dict(levels)
