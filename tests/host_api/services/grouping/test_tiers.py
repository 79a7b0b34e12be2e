"""Tiers: evaluation, by hand, and both at once; what is missing to the next, and what is told."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.events.models import Event
from host_api.core.outbox import OutboxRow
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.core.tehran_time import tehran_date
from host_api.services.members.models import Member
from host_api.services.tiers import logic, tier_set
from host_api.services.tiers.evaluation import settle
from host_api.services.tiers.evaluation_job import EVALUATE_TIERS, evaluation_job
from host_api.services.tiers.models import MemberTier, TierChange
from host_api.services.tiers.schemas import TierCreate, TierPolicyUpdate, TierUpdate
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.core.jobs.working_jobs import Runners, TurnedClock, tools_on
from tests.host_api.eventually import eventually
from tests.host_api.people import problem
from tests.host_api.points_bench import person
from tests.host_api.running_api import RunningApi
from tests.host_api.services.grouping.history import NOWRUZ_1405, Journal, member, store

pytestmark = pytest.mark.anyio

MS = timedelta(milliseconds=1)
NOWRUZ_1406 = datetime(2027, 3, 20, 20, 30, tzinfo=UTC)
NOWRUZ_1407 = datetime(2028, 3, 19, 20, 30, tzinfo=UTC)
SILVER, GOLD = 1000, 5000


async def _with_criteria(database: Database, **policy: object) -> None:
    async with database.writing(FIRST_PROGRAMME) as session:
        for code, amount in (("silver", SILVER), ("gold", GOLD)):
            wanted = TierUpdate.model_validate(
                {"criteria": [{"kind": "purchase_amount", "at_least": amount}]}
            )
            await tier_set.change(session, code, "1", wanted)
        if policy:
            await tier_set.change_policy(session, "1", TierPolicyUpdate.model_validate(policy))


async def _evaluate(database: Database, now: datetime, *ids: int) -> None:
    async with database.writing(FIRST_PROGRAMME) as session:
        await settle(session, ids, await tier_set.read(session), now)


async def _tiers(database: Database) -> dict[int, str]:
    async with database.reading(FIRST_PROGRAMME) as session:
        rows = await session.execute(select(Member.id, Member.tier))
        return {row.id: row.tier for row in rows}


async def _changes(database: Database) -> list[tuple[int, str, str, str]]:
    async with database.reading(FIRST_PROGRAMME) as session:
        rows = await session.scalars(select(TierChange).order_by(TierChange.id))
        return [(row.member_id, row.from_tier, row.to_tier, row.cause) for row in rows]


async def _sent(database: Database) -> list[tuple[int, str]]:
    """Tiers on their way to the switch."""
    async with database.reading(FIRST_PROGRAMME) as session:
        rows = await session.scalars(select(OutboxRow).order_by(OutboxRow.id))
        return [(row.subject_id, row.record["DF06"]) for row in rows]


async def test_members_rise_at_once_and_fall_when_their_year_is_over(database: Database) -> None:
    await _with_criteria(database)
    journal = Journal()
    journal.sale(1, NOWRUZ_1405 - MS, GOLD)  # the last millisecond of 1404
    journal.sale(2, NOWRUZ_1405, GOLD)  # the first of 1405
    journal.sale(3, NOWRUZ_1405, SILVER - 1)
    gone = journal.sale(4, NOWRUZ_1405, GOLD)
    journal.give_back(4, NOWRUZ_1405, 1, gone)
    held = [member(5, tier="gold"), member(6, tier="vip"), member(7, tier="unheard-of")]
    await store(database, [*(member(number) for number in range(1, 5)), *held], journal)
    everybody = range(1, 8)
    await _evaluate(database, NOWRUZ_1405, *everybody)
    expected = {1: "gold", 2: "gold", 3: "initial", 4: "silver", 5: "gold", 6: "vip", 7: "unheard-of"}
    assert await _tiers(database) == expected
    assert await _sent(database) == [(1, "gold"), (2, "gold"), (4, "silver")]
    await _evaluate(database, NOWRUZ_1406 - MS, *everybody)
    assert await _tiers(database) == expected
    # 1 bought in 1404, which counts until 1405 is over; 5 came with a tier, which is kept as long.
    await _evaluate(database, NOWRUZ_1406, *everybody)
    expected |= {1: "initial", 5: "initial"}
    assert await _tiers(database) == expected
    await _evaluate(database, NOWRUZ_1407 - MS, *everybody)
    assert await _tiers(database) == expected
    await _evaluate(database, NOWRUZ_1407, *everybody)
    assert await _tiers(database) == expected | {2: "initial", 4: "initial"}
    assert [change for change in await _changes(database) if change[0] == 4] == [
        (4, "initial", "silver", "evaluation"),
        (4, "silver", "initial", "evaluation"),
    ]
    async with database.reading(FIRST_PROGRAMME) as session:
        events = list(await session.scalars(select(Event).where(Event.type == "member.tier_changed")))
    assert len(events) == len(await _changes(database)) == 7
    assert events[0].payload == {
        "member_id": 1, "from_tier": "initial", "to_tier": "gold", "is_upwards": True, "cause": "evaluation",
    }  # fmt: skip


async def test_without_any_criteria_nobody_loses_anything(database: Database) -> None:
    await store(database, [member(1, tier="gold"), member(2)])
    for now in (NOWRUZ_1405, NOWRUZ_1407):
        await _evaluate(database, now, 1, 2)
    assert await _tiers(database) == {1: "gold", 2: "initial"}
    assert await _sent(database) == []


async def test_a_tier_set_elsewhere_is_taken_up_and_noted(database: Database) -> None:
    await _with_criteria(database)
    journal = Journal()
    journal.sale(1, NOWRUZ_1405, SILVER)
    await store(database, [member(1)], journal)
    await _evaluate(database, NOWRUZ_1405, 1)
    async with database.writing(FIRST_PROGRAMME) as session:
        (await session.get_one(Member, (FIRST_PROGRAMME, 1))).tier = "gold"
    await _evaluate(database, NOWRUZ_1406 - MS, 1)
    assert await _tiers(database) == {1: "gold"}
    await _evaluate(database, NOWRUZ_1406, 1)
    assert await _changes(database) == [
        (1, "initial", "silver", "evaluation"),
        (1, "silver", "gold", "elsewhere"),
        (1, "gold", "silver", "evaluation"),
    ]


async def test_two_evaluations_at_once_change_each_member_once(database: Database) -> None:
    await _with_criteria(database)
    journal = Journal()
    for number in range(1, 41):
        journal.sale(number, NOWRUZ_1405, SILVER)
    await store(database, [member(number) for number in range(1, 41)], journal)
    orders: Sequence[Sequence[int]] = (range(1, 41), range(40, 0, -1), range(20, 41), range(1, 21))
    await asyncio.gather(*(_evaluate(database, NOWRUZ_1405, *order) for order in orders))
    assert set((await _tiers(database)).values()) == {"silver"}
    assert len(await _changes(database)) == len(await _sent(database)) == 40


async def test_an_evaluation_whose_process_dies_is_finished_by_another(
    database: Database, settings: Settings
) -> None:
    await _with_criteria(database)
    journal = Journal()
    for number in range(1, 1101):
        journal.sale(number, NOWRUZ_1405, GOLD if number % 2 else SILVER - 1)
    await store(database, [member(number) for number in range(1, 1101)], journal)
    tools = await tools_on(database, settings)
    # The pace of the first is such that it hangs after its first step, until its lease is over.
    dying, next_one = Runners(tools, evaluation_job(1)), Runners(tools, evaluation_job(10**9))
    clock = TurnedClock(NOWRUZ_1405 + timedelta(hours=1))
    dying.clock = next_one.clock = clock
    run_id = await dying.enqueue(EVALUATE_TIERS)
    first = dying.new()
    await first.tick()

    async def has_written() -> bool:
        return len(await _changes(database)) > 0

    await eventually(has_written)
    assert len(await _changes(database)) == 250
    clock.turn(minutes=5)
    await next_one.work_off(next_one.new())
    await first.stop()
    run = await next_one.run(run_id)
    assert (run.state, run.attempts) == ("succeeded", 2)
    assert run.outcome is not None
    assert (run.outcome["evaluated"], run.outcome["changed"]) == (1100, 550)
    assert len(await _changes(database)) == len(await _sent(database)) == 550
    async with database.reading(FIRST_PROGRAMME) as session:
        assert await session.scalar(select(func.count()).select_from(MemberTier)) == 550


async def test_what_is_missing_to_the_next_tier(database: Database) -> None:
    await _with_criteria(database, window="rolling", rolling_days=30)
    async with database.writing(FIRST_PROGRAMME) as session:
        wanted = {
            "code": "pearl", "title": "Pearl", "title_fa": "مروارید", "rank": 15, "match": "any",
            "criteria": [
                {"kind": "purchase_count", "at_least": 3},
                {"kind": "tier_points", "at_least": 100},
                {"kind": "member_days", "at_least": 2000},
            ],
        }  # fmt: skip
        await tier_set.create(session, TierCreate.model_validate(wanted))
    now = datetime(2026, 11, 22, 9, tzinfo=UTC)
    journal = Journal()
    for days in (0, 29, 30):  # the last is out of the window
        rrn = journal.sale(1, now - timedelta(days=days), SILVER // 2)
        journal.move(rrn, 1, 20, purse="tier_points")
    await store(database, [member(1, joined=now - timedelta(days=365))], journal)
    await _evaluate(database, now, 1)
    async with database.reading(FIRST_PROGRAMME) as session:
        shown = await logic.read_member(session, 1, now)
    assert (shown.tier, shown.since, shown.valid_until) == ("silver", now, None)
    assert shown.next is not None
    assert (shown.next.code, shown.next.match, shown.next.until) == ("pearl", "any", None)
    assert [(entry.kind, entry.reached, entry.missing) for entry in shown.next.criteria] == [
        ("purchase_count", 2, 1),
        ("tier_points", 40, 60),
        ("member_days", 365, 1635),
    ]


async def test_the_set_of_tiers_is_changed_once_by_two(api: RunningApi) -> None:
    shown = await get(api, "/v1/tiers")
    tiers = shown["tiers"]
    assert isinstance(tiers, list)
    assert [(tier["code"], tier["is_by_hand"]) for tier in tiers] == [
        ("initial", False), ("silver", True), ("gold", True), ("platinum", True), ("vip", True),
    ]  # fmt: skip
    assert shown["policy"]["window"] == "year"  # type: ignore[index]
    benefit = {
        "title": "Lounge", "title_fa": "سالن ويژه", "text": "Free coffee", "text_fa": "قهوهٔ رایگان",
        "kind": "access", "value": None,
    }  # fmt: skip
    etag = {"If-Match": (await api.client.get("/v1/tiers/gold")).headers["ETag"]}
    change = {"benefits": [benefit], "colour": "#ffd700", "rank": 25}
    answers = await asyncio.gather(
        *(api.client.patch("/v1/tiers/gold", json=change, headers=etag) for _ in range(3))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412]
    assert (await get(api, "/v1/tiers/gold"))["benefits"] == [{**benefit, "title_fa": "سالن ویژه"}]
    for path, body, status, kind in (
        ("/v1/tiers/initial", {"rank": 5}, 409, "lowest-tier-fixed"),
        ("/v1/tiers/silver", {"rank": 30}, 409, "tier-taken"),
        ("/v1/tiers/nope", {"rank": 31}, 404, "tier-not-found"),
    ):
        answer = await api.client.patch(path, json=body, headers={"If-Match": '"1"'})
        assert problem(answer) == (status, kind)
    joined = await post(api, "/v1/members", {"name": "n", "tier": "platinum"})
    for code, kind in (("initial", "lowest-tier-fixed"), ("platinum", "tier-in-use")):
        answer = await api.client.delete(f"/v1/tiers/{code}", headers={"If-Match": '"1"'})
        assert problem(answer) == (409, kind)
    assert (await api.client.delete("/v1/tiers/silver", headers={"If-Match": '"1"'})).status_code == 204
    twice = {
        **change,
        "code": "silver",
        "title": "S",
        "title_fa": "ن",
        "criteria": [{"kind": "member_days", "at_least": 1}] * 2,
    }
    assert (await api.client.post("/v1/tiers", json=twice)).status_code == 422
    policy = await api.client.patch("/v1/tier-policy", json={"grace_days": 7}, headers={"If-Match": '"1"'})
    assert (policy.json()["grace_days"], policy.headers["ETag"]) == (7, '"2"')
    assert (await get(api, f"/v1/members/{joined['id']}/tier"))["title_fa"] == "پلاتینیوم"


async def test_a_large_step_by_hand_needs_a_second_person(api: RunningApi) -> None:
    asker = await person(api, "asker", "tiers:*")
    decider = await person(api, "decider", "tiers:*")
    wish = {"tier": "vip", "reason": "مشتری ممتاز", "until": "1450-01-01"}
    numbers = [(await post(api, "/v1/members", {"name": "n"}))["id"] for _ in range(2)]
    first, second = numbers
    small = await asker.post("/v1/tier-assignments", {**wish, "tier": "silver", "member_id": second})
    assert small["state"] == "active"
    asked = await asker.post("/v1/tier-assignments", {**wish, "member_id": first})
    assert asked["state"] == "asked"
    assert (await get(api, f"/v1/members/{first}/tier"))["tier"] == "initial"
    path = f"/v1/tier-assignments/{asked['id']}"
    refused = await asker.post(f"{path}/approval", None, 403)
    assert refused["type"] == "urn:vafa:problem:second-person-needed"
    answers = await asyncio.gather(
        *(api.client.post(f"{path}/approval", headers=decider.headers) for _ in range(3))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    shown = await get(api, f"/v1/members/{first}/tier")
    assert (shown["tier"], shown["assignment_id"], shown["next"]) == ("vip", asked["id"], None)
    # It is a floor, which no evaluation takes away; its end gives back what is earned.
    await post(api, f"/v1/members/{first}/tier/evaluation", None, 200)
    assert (await get(api, f"/v1/members/{first}/tier"))["tier"] == "vip"
    ended = await asker.post(f"{path}/end", None, 200)
    assert ended["state"] == "ended"
    assert (await asker.post(f"{path}/end", None, 409))["type"] == "urn:vafa:problem:tier-assignment-decided"
    changes = items_of(await get(api, "/v1/tier-changes", member_id=first, sort="id"))
    assert [(change["to_tier"], change["cause"], change["assignment_id"]) for change in changes] == [
        ("vip", "assignment", asked["id"]),
        ("initial", "assignment_ended", asked["id"]),
    ]
    for body, status, kind in (
        ({**wish, "member_id": 999, "tier": "silver"}, 404, "member-not-found"),
        ({**wish, "member_id": first, "tier": "nope"}, 404, "tier-not-found"),
        ({**wish, "member_id": first, "until": "1404-12-29"}, 409, "tier-assignment-over"),
    ):
        assert problem(await api.client.post("/v1/tier-assignments", json=body)) == (status, kind)


async def test_a_tier_by_hand_ends_after_its_last_day_and_another_takes_its_place(api: RunningApi) -> None:
    member_id = int(str((await post(api, "/v1/members", {"name": "n"}))["id"]))
    wish: dict[str, object] = {"member_id": member_id, "tier": "silver", "reason": "three words long"}
    first = await post(api, "/v1/tier-assignments", {**wish, "until": tehran_date(utc_now()).isoformat()})
    second = await post(api, "/v1/tier-assignments", {**wish, "until": "1450-01-01"})
    assert (await get(api, f"/v1/tier-assignments/{first['id']}"))["state"] == "ended"
    database = api.runtime.database
    until = datetime.fromisoformat(str(second["until"]))
    await _evaluate(database, until - MS, member_id)
    assert await _tiers(database) == {member_id: "silver"}
    await _evaluate(database, until, member_id)
    assert await _tiers(database) == {member_id: "initial"}
    listed = items_of(await get(api, "/v1/tier-assignments", member_id=member_id))
    assert [entry["state"] for entry in listed] == ["ended", "ended"]
    assert (await _changes(database))[-1] == (member_id, "silver", "initial", "assignment_ended")
