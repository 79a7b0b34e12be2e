"""Many at once: stakes at closing time, the last of a cap, two approvals, settlements that overlap."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from host_api.core.access.caller import system_caller
from host_api.core.audit import audit_as
from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.ledger import bank
from host_api.core.ledger.outcomes import one_by_one
from host_api.core.ledger.requests import LedgerRequest
from host_api.core.ledger.states import RequestState
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.contests import logic, repository, settlement
from host_api.services.contests.models import Contest, ContestEntry, ContestResult
from host_api.services.contests.paying import on_outcome
from host_api.services.contests.payout import pool_of
from host_api.services.contests.schemas import ContestCreate
from host_api.services.contests.settlement_job import SETTLE_CONTESTS, settlement_job
from host_api.services.members.models import Member
from tests.host_api.api_calls import get, post
from tests.host_api.core.jobs.working_jobs import Runners, tools_on
from tests.host_api.people import problem
from tests.host_api.points_bench import runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.services.contests.contest_calls import (
    FREE,
    close,
    enter,
    entered,
    members,
    published,
    rows,
    second_person,
    settle,
    wanted,
)
from tests.host_api.switch_peer import SwitchPeer

pytestmark = pytest.mark.anyio

CALLER = system_caller("tests", FIRST_PROGRAMME)


@pytest.fixture
async def peer() -> AsyncIterator[SwitchPeer]:
    async with SwitchPeer() as running:
        yield running


@pytest.fixture
async def api(settings: Settings, tmp_path: Path, peer: SwitchPeer) -> AsyncIterator[RunningApi]:
    async with running_api(runtime_with(settings, tmp_path, switch=peer.endpoint)) as running:
        yield running


async def test_a_stake_at_closing_time_counts_or_costs_nothing(api: RunningApi, peer: SwitchPeer) -> None:
    people = await members(api, 6)
    peer.balances = dict.fromkeys(people, 10_000)
    contest = await published(api, entries_per_member=1000)
    ends_at = utc_now() + timedelta(seconds=1.5)
    await close(api, contest, ends_at)

    async def stake_until_closed(member: int) -> int:
        taken = 0
        while True:
            answer = await enter(api, contest, member, 10)
            if answer.status_code == 409:
                assert problem(answer) == (409, "contest-not-open")
                return taken
            assert (answer.status_code, answer.json()["state"]) == (201, "accepted"), answer.text
            taken += 1

    taken = await asyncio.gather(*(stake_until_closed(member) for member in people))
    made = await rows(api, contest)
    assert len(made) == sum(taken)
    assert all(entry.asked_at < ends_at for entry in made)
    assert peer.balances == {member: 10_000 - 10 * count for member, count in zip(people, taken, strict=True)}
    result = await post(api, f"/v1/contests/{contest}/results", {"answers": {"winner": ["home"]}})
    second = await second_person(api)
    path = f"/v1/contest-results/{result['id']}/approval"
    both = await asyncio.gather(*(api.client.post(path, json={}, headers=second.headers) for _ in range(3)))
    assert sorted(answer.status_code for answer in both) == [201, 409, 409]
    over = await settle(api, contest)
    assert (over["entries"], over["won"]) == (sum(taken), 18 * sum(taken))
    assert sum(peer.balances.values()) == 60_000 + 8 * sum(taken)


async def test_caps_hold_for_entries_at_once(api: RunningApi) -> None:
    people = await members(api, 8)
    contest = await published(api, **FREE, exposure_cap=95)  # three prizes of 30
    answers = await asyncio.gather(*(enter(api, contest, member) for member in people))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 5
    assert (await get(api, f"/v1/contests/{contest}"))["exposure"] == 90
    once = await published(api, **FREE)
    answers = await asyncio.gather(*(enter(api, once, people[0]) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5


async def test_entries_and_a_cancellation_at_once_leave_nobody_out(api: RunningApi, peer: SwitchPeer) -> None:
    people = await members(api, 6)
    peer.balances = dict.fromkeys(people, 1000)
    contest = await published(api, cost_mode="fixed", stake_least=None, stake_cap=40)
    await entered(api, contest, people[0])
    cancelling = asyncio.create_task(
        post(api, f"/v1/contests/{contest}/cancellation", {"reason": "بازی برگزار نشد"})
    )
    answers = await asyncio.gather(*(enter(api, contest, member) for member in people[1:]))
    await cancelling
    assert {answer.status_code for answer in answers} <= {201, 409}
    await settle(api, contest, "cancelled")
    assert {entry.state for entry in await rows(api, contest)} == {"refunded"}


async def _store(database: Database, count: int, one_in: int) -> tuple[int, int]:
    """A closed pool with an approved result; the contest and how much was staked."""
    now = utc_now()
    async with database.writing(FIRST_PROGRAMME) as session:
        audit_as(session, CALLER)
        create = ContestCreate.model_validate(wanted(payout_mode="pool", club_part=50))
        contest_id = (await logic.create(session, create, CALLER))[0].id
        await logic.publish(session, contest_id)
        result = ContestResult(
            contest_id=contest_id,
            answers={"winner": ["home"]},
            ranking=[],
            state="approved",
            asked_by="x",
            asked_by_name="x",
            asked_at=now,
        )
        session.add(result)
        await session.flush()
        contest = await session.get_one(Contest, contest_id)
        contest.ends_at, contest.settle_from, contest.result_id = now, now, result.id
        member = Member(id=1, name="n", tier="gold", status="active", created_at=now)
        session.add(member)
        await session.flush()
        entries = [
            {
                "programme_id": FIRST_PROGRAMME,
                "contest_id": contest_id,
                "member_id": member.id,
                "answers": {"winner": "away" if number % one_in else "home"},
                "stake": number % 7 + 1,
                "possible": 0,
                "state": "accepted",
                "attempts": 0,
                "entered_by": "x",
                "asked_at": now,
                "changed_at": now,
                "rrn": f"{number:012d}",
            }
            for number in range(count)
        ]
        for start in range(0, count, 1000):
            await session.execute(insert(ContestEntry), entries[start : start + 1000])
    return contest_id, sum(number % 7 + 1 for number in range(count))


async def _answer(database: Database) -> int:
    """Approve what the switch was asked for, as the ledger's worker would; how much."""
    async with database.writing(FIRST_PROGRAMME) as session:
        audit_as(session, CALLER)
        found = await session.scalars(
            select(LedgerRequest).where(LedgerRequest.state == "waiting").limit(500).with_for_update()
        )
        asked = found.all()
        ends = [(request, RequestState.APPROVED) for request in asked]
        await bank.end(session, ends, {"contests": one_by_one(on_outcome)})
    return len(asked)


async def test_settlements_that_die_and_overlap_pay_each_winner_once(
    database: Database, settings: Settings
) -> None:
    count, one_in = 1300, 13
    contest_id, staked = await _store(database, count, one_in)
    # The first dies after some entries are weighed, another after some shares are written.
    async with database.writing(FIRST_PROGRAMME) as session:
        assert await settlement.begin(session, contest_id, utc_now())
        assert await settlement.weigh_page(session, contest_id) == settlement.AT_ONCE
    async with database.reading(FIRST_PROGRAMME) as reading:
        assert await settlement.pool_shares_due(reading, contest_id) == []
    runners = Runners(await tools_on(database, settings), settlement_job(patience_s=0.05))
    runners.clock.now = utc_now()

    async def stage() -> str:
        async with database.reading(FIRST_PROGRAMME) as session:
            return (await repository.find(session, contest_id))[0].stage

    for _ in range(20):
        for _ in range(2):
            await runners.enqueue(SETTLE_CONTESTS)
        await asyncio.gather(*(runners.work_off(runners.new()) for _ in range(2)))
        while await _answer(database):
            pass
        if await stage() == "settled":
            break
    assert await stage() == "settled"
    assert {run.state for run in await runners.runs(SETTLE_CONTESTS)} <= {"succeeded", "waiting"}
    async with database.reading(FIRST_PROGRAMME) as reading:
        states = dict(
            (
                await reading.execute(select(ContestEntry.state, func.count()).group_by(ContestEntry.state))
            ).all()
        )
        paid = (
            await reading.execute(
                select(
                    func.count(),
                    func.count(func.distinct(LedgerRequest.reference)),
                    func.sum(LedgerRequest.amount),
                )
            )
        ).one()
        _, tally = await repository.find(reading, contest_id)
    assert states == {"paid": count // one_in, "lost": count - count // one_in}
    assert paid == (count // one_in, count // one_in, pool_of(staked, 50))
    assert (tally.winners, tally.won, tally.staked) == (count // one_in, pool_of(staked, 50), staked)


async def test_a_closed_contest_takes_no_second_settlement(api: RunningApi, peer: SwitchPeer) -> None:
    people = await members(api, 3)
    contest = await published(api, **FREE)
    for member in people:
        await entered(api, contest, member)
    await close(api, contest)
    result = await post(api, f"/v1/contests/{contest}/results", {"answers": {"winner": ["home"]}})
    await (await second_person(api)).post(f"/v1/contest-results/{result['id']}/approval", {})
    await asyncio.gather(settle(api, contest), settle(api, contest))
    assert peer.balances == dict.fromkeys(people, 30)
    assert len(peer.posted) == 3
