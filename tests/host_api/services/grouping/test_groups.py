"""Groups: chosen by hand, by a file and by a query; what goes to the switch, and what is taken away again."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from host_api.core.access.caller import system_caller
from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.events.models import Event
from host_api.core.outbox import OutboxRow
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.groups import logic
from host_api.services.groups.computation_job import COMPUTE_GROUPS, computation_job
from host_api.services.groups.models import Group, GroupMember
from host_api.services.groups.schemas import GroupCreate
from host_api.services.members.models import Member
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.core.jobs.working_jobs import Runners, TurnedClock, tools_on
from tests.host_api.eventually import eventually
from tests.host_api.people import problem
from tests.host_api.running_api import RunningApi
from tests.host_api.services.bulk_calls import csv_of, give_file
from tests.host_api.services.grouping.history import member, store

pytestmark = pytest.mark.anyio

GOLD = {"f": "tier", "op": "=", "v": "gold"}


def _wish(code: str, **changes: object) -> dict[str, object]:
    wish: dict[str, object] = {"code": code, "title": code, "title_fa": code, "kind": "static"}
    return wish | changes


async def _segments(database: Database) -> dict[int, tuple[list[int], str | None]]:
    async with database.reading(FIRST_PROGRAMME) as session:
        rows = await session.execute(select(Member.id, Member.segments, Member.group_name))
        return {number: (segments or [], group) for number, segments, group in rows}


async def _records(database: Database) -> int:
    async with database.reading(FIRST_PROGRAMME) as session:
        return await session.scalar(select(func.count(OutboxRow.id))) or 0


async def _ended(api: RunningApi, begun: dict[str, object]) -> dict[str, object]:
    run: dict[str, object] = {}

    async def is_over() -> bool:
        nonlocal run
        run = await get(api, f"/v1/jobs/{begun['job_run_id']}")
        return run["state"] not in {"waiting", "running"}

    await eventually(is_over)
    assert run["state"] == "succeeded", run
    outcome = run["outcome"]
    assert isinstance(outcome, dict)
    return outcome


async def test_members_chosen_by_hand_carry_the_bit_and_nothing_else_of_theirs_changes(
    api: RunningApi,
) -> None:
    database = api.runtime.database
    await store(database, [member(1, segments=[9, 200]), member(2), member(3, group_name="OTHER")])
    tea = await post(api, "/v1/groups", _wish("tea", segment_bit=9))
    nuts = await post(api, "/v1/groups", _wish("nuts"))
    low, high = [
        await post(api, "/v1/groups", _wish(code, effect="group", priority=priority))
        for code, priority in (("low", 200), ("high", 5))
    ]
    assert (tea["segment_bit"], nuts["segment_bit"], low["segment_bit"]) == (9, 0, None)
    assert (await get(api, "/v1/groups/segments"))["segments"] == {"nuts": 0, "tea": 9}

    async def put(group: dict[str, object], *ids: int, end: str = "members") -> dict[str, object]:
        return await post(api, f"/v1/groups/{group['id']}/{end}", {"member_ids": ids}, 200)

    assert await put(nuts, 1, 2, 999, -5, 10**30) == {"changed": 2, "unknown": [-5, 999, 10**30]}
    assert await put(nuts, 1, 2) == {"changed": 0, "unknown": []}
    # The bit that 1 had before anybody had allotted it goes as soon as the record is touched.
    assert await _segments(database) == {1: ([0, 200], None), 2: ([0], None), 3: ([], "OTHER")}
    assert await _records(database) == 2
    await put(low, 2, 3)
    await put(high, 2)
    assert await _segments(database) == {1: ([0, 200], None), 2: ([0], "high"), 3: ([], "low")}
    await put(high, 2, end="members/removal")
    await put(low, 3, end="members/removal")
    assert await _segments(database) == {1: ([0, 200], None), 2: ([0], "low"), 3: ([], None)}
    listed = items_of(await get(api, f"/v1/groups/{nuts['id']}/members", limit=1, sort="-id"))
    assert [entry["member_id"] for entry in listed] == [2]


async def test_two_at_once_leave_both_memberships_in_the_record(api: RunningApi) -> None:
    database = api.runtime.database
    await store(database, [member(number) for number in range(1, 21)])
    groups = [await post(api, "/v1/groups", _wish(f"g{number}")) for number in range(4)]
    answers = await asyncio.gather(
        *(
            api.client.post(f"/v1/groups/{group['id']}/members", json={"member_ids": ids})
            for group in groups
            for ids in (list(range(1, 21)), list(range(20, 0, -1)))
        )
    )
    assert {answer.status_code for answer in answers} == {200}
    assert sum(answer.json()["changed"] for answer in answers) == 80
    assert {tuple(segments) for segments, _ in (await _segments(database)).values()} == {(0, 1, 2, 3)}


async def test_bits_are_allotted_once_also_to_two_at_once(api: RunningApi) -> None:
    answers = await asyncio.gather(
        *(api.client.post("/v1/groups", json=_wish(f"g{number}", segment_bit=7)) for number in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        for number in range(255):
            await logic.create(session, GroupCreate.model_validate(_wish(f"all{number}")))
    assert problem(await api.client.post("/v1/groups", json=_wish("more"))) == (409, "no-segment-left")
    await post(api, "/v1/groups", _wish("more", effect="group"))
    assert problem(await api.client.post("/v1/groups", json=_wish("more"))) == (409, "no-segment-left")
    for wrong in (
        _wish("x", kind="dynamic"),
        _wish("x", query=GOLD),
        _wish("x", effect="group", segment_bit=1),
        _wish("much too long a code"),
        _wish("x", kind="dynamic", query={"all": [{"not": GOLD}, {"f": "name", "op": "=", "v": "n"}]}),
    ):
        assert (await api.client.post("/v1/groups", json=wrong)).status_code == 422


async def test_a_query_is_previewed_computed_changed_and_taken_away(api: RunningApi) -> None:
    database = api.runtime.database
    tiers = ["gold", "silver", "gold", "initial"]
    await store(database, [member(number, tier=tier) for number, tier in enumerate(tiers, 1)])
    preview = await post(api, "/v1/groups/preview", {"query": GOLD}, 200)
    assert (preview["count"], preview["is_complete"], preview["asked_up_to"]) == (2, True, 4)
    assert [found["id"] for found in preview["members"]] == [1, 3]  # type: ignore[attr-defined]
    wish = _wish("golden", kind="dynamic", query=GOLD, schedule="by_hand", segment_bit=5)
    group = await post(api, "/v1/groups", wish)
    path = f"/v1/groups/{group['id']}"
    assert problem(await api.client.post(f"{path}/members", json={"member_ids": [2]})) == (409, "group-kind")
    for sent in (2, 0):
        outcome = await _ended(api, await post(api, f"{path}/computation", None, 202))
        assert outcome == {"groups": 1, "members": 4, "sent": sent}
    assert await _records(database) == 2
    read = await api.client.get(path)
    assert (read.json()["members"], read.json()["due_at"]) == (2, None)
    changed = await api.client.patch(
        path, json={"query": {"not": GOLD}}, headers={"If-Match": read.headers["ETag"]}
    )
    assert changed.status_code == 200, changed.text
    await _ended(api, await post(api, f"{path}/computation", None, 202))
    assert [segments for segments, _ in (await _segments(database)).values()] == [[], [5], [], [5]]
    deleted = await api.client.delete(path, headers={"If-Match": changed.headers["ETag"]})
    assert deleted.status_code == 202, deleted.text
    assert (await _ended(api, deleted.json()))["sent"] == 2
    assert (await api.client.get(path)).status_code == 404
    assert {tuple(segments) for segments, _ in (await _segments(database)).values()} == {()}
    async with database.reading(FIRST_PROGRAMME) as session:
        told = await session.scalars(
            select(Event.type).where(Event.type.startswith("group.")).order_by(Event.id)
        )
        # Changing the query for its contrary has left the number of members as it was.
        assert list(told) == ["group.computed", "group.deleted"]
    assert (await post(api, "/v1/groups", _wish("next", segment_bit=5)))["segment_bit"] == 5


async def test_a_static_group_is_filled_once_by_a_query_and_by_a_file(api: RunningApi) -> None:
    database = api.runtime.database
    await store(
        database, [member(number, tier="gold" if number < 3 else "initial") for number in range(1, 6)]
    )
    group = await post(api, "/v1/groups", _wish("vips"))
    path = f"/v1/groups/{group['id']}"
    await post(api, f"{path}/members", {"member_ids": [5]}, 200)
    assert (await _ended(api, await post(api, f"{path}/filling", {"query": GOLD}, 202)))["sent"] == 2
    read = await get(api, path)
    assert (read["members"], read["query"]) == (3, None)
    headers, row = ("گروه", "شمارهٔ عضویت"), ("vips", "۴")

    async def imported(*rows: tuple[str, str]) -> dict[str, object]:
        file_id = await give_file(api, csv_of([headers, *rows]))
        begun = await post(api, "/v1/groups/imports", {"file_id": file_id, "on_existing": "skip"}, 202)
        found: dict[str, object] = {}

        async def is_over() -> bool:
            nonlocal found
            found = await get(api, f"/v1/groups/imports/{begun['id']}")
            return found["state"] not in {"waiting", "running"}

        await eventually(is_over)
        return found

    done = await imported(row, ("vips", "5"))
    assert (done["state"], done["created"], done["skipped"]) == ("done", 1, 1)
    assert (await imported(("vips", "3"), ("vips", "99")))["error_kind"] == "member-not-found"
    assert (await imported(("nope", "3")))["error_kind"] == "group-not-static"
    assert (await imported(("vips", "x")))["state"] == "refused"
    listed = items_of(await get(api, f"{path}/members"))
    assert [entry["member_id"] for entry in listed] == [1, 2, 4, 5]


async def test_a_pass_whose_process_dies_is_finished_by_another_and_serves_all_groups_due(
    database: Database, settings: Settings
) -> None:
    await store(
        database, [member(number, tier="gold" if number % 2 else "initial") for number in range(1, 1101)]
    )
    async with database.writing(FIRST_PROGRAMME) as session:
        for code, query in (
            ("golden", GOLD),
            ("others", {"not": GOLD}),
            ("first", {"f": "tier", "op": "!=", "v": "x"}),
        ):
            wish = _wish(code, kind="dynamic", query=query, schedule="hourly")
            await logic.create(session, GroupCreate.model_validate(wish))
    tools = await tools_on(database, settings)
    # The pace of the first is such that it hangs after its first step, until its lease is over.
    dying, next_one = Runners(tools, computation_job(1)), Runners(tools, computation_job(10**9))
    clock = TurnedClock(utc_now() + timedelta(hours=1))
    dying.clock = next_one.clock = clock
    run_id = await dying.enqueue(COMPUTE_GROUPS)
    first = dying.new()
    await first.tick()

    async def has_written() -> bool:
        return await _records(database) > 0

    await eventually(has_written)
    assert await _records(database) == 500
    # Half of its members have got the bit of a group that is deleted now: this pass must not free the bit.
    async with database.writing(FIRST_PROGRAMME) as session:
        golden = (await session.scalars(select(Group).where(Group.code == "golden"))).one()
        await logic.delete(session, golden.id, str(golden.version), system_caller("test", FIRST_PROGRAMME))
    clock.turn(minutes=5)
    await next_one.work_off(next_one.new())
    await first.stop()
    run = await next_one.run(run_id)
    assert (run.state, run.attempts) == ("succeeded", 2)
    # One record a member, though each came into two groups.
    assert run.outcome == {"groups": 3, "members": 1100, "sent": 1100}
    for number, (segments, _) in (await _segments(database)).items():
        assert segments == ([2] if number % 2 else [1, 2])
    assert await _records(database) == 1100 + 250
    clock.turn(hours=1)
    await next_one.work_off(next_one.new())
    assert await _records(database) == 1100 + 250
    async with database.reading(FIRST_PROGRAMME) as reading:
        assert await reading.scalar(select(func.count()).select_from(GroupMember)) == 550 + 1100
        assert set(await reading.scalars(select(Group.code))) == {"others", "first"}
