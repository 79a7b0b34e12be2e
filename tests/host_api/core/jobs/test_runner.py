"""Runs are made once and end once, whoever is killed, and whatever two processes believe."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import select, update

from host_api.core.audit import AuditEntry
from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.jobs.declaration import JobFailed
from host_api.core.jobs.run_store import want_cancelled
from host_api.core.jobs.run_table import JobRun, JsonObject, RunState
from host_api.core.jobs.running import JobTools, RunningJob
from host_api.core.jobs.schedules import DailyAt, Every
from host_api.core.programmes import FIRST_PROGRAMME, Programme
from host_api.core.settings import Settings
from tests.host_api.core.jobs.working_jobs import Runners, do_nothing, job, mark, tools_on
from tests.host_api.eventually import eventually

pytestmark = pytest.mark.anyio

OTHER = 2


@pytest.fixture
async def tools(database: Database, settings: Settings) -> AsyncIterator[JobTools]:
    yield await tools_on(database, settings)


async def test_a_due_time_makes_one_run_in_each_programme_however_many_processes(tools: JobTools) -> None:
    async with tools.database.writing() as session:
        session.add(
            Programme(
                id=OTHER, code="other", name="other", mode="live", status="active", created_at=utc_now()
            )
        )
    runners = Runners(tools, job("hourly", _leave_due_time, schedule=Every(timedelta(hours=1))))
    processes = [runners.new() for _ in range(3)]
    for _ in range(4):
        await asyncio.gather(*(runners.work_off(process) for process in processes))
        runners.clock.turn(hours=1)
    for programme in (FIRST_PROGRAMME, OTHER):
        runs = await runners.runs("hourly", programme)
        assert [run.state for run in runs] == ["succeeded"] * 3 + ["waiting"]
        assert [run.due_at for run in runs] == [
            datetime(2026, 11, 22, hour, tzinfo=UTC) for hour in (10, 11, 12, 13)
        ]
        assert await runners.marks(programme) == ["10:00", "11:00", "12:00"]


async def _leave_due_time(running: RunningJob) -> JsonObject:
    now = running.now()
    async with running.step() as session:
        session.add(mark(now.hour, f"{now:%H:%M}"))
    return {}


async def test_due_times_that_passed_while_nobody_worked_are_made_up_for_once(tools: JobTools) -> None:
    runners = Runners(tools, job("daily", _leave_due_time, schedule=DailyAt(time(3, 0))))
    await runners.work_off(runners.new())
    runners.clock.turn(days=4)
    await runners.work_off(runners.new())
    runs = await runners.runs("daily")
    assert [(run.state, run.due_at) for run in runs] == [
        ("succeeded", datetime(2026, 11, 22, 23, 30, tzinfo=UTC)),
        ("waiting", datetime(2026, 11, 26, 23, 30, tzinfo=UTC)),
    ]


async def test_a_suspended_programme_rests(tools: JobTools) -> None:
    runners = Runners(tools, job("hourly", do_nothing, schedule=Every(timedelta(hours=1))))
    await runners.work_off(runners.new())
    async with tools.database.writing() as session:
        await session.execute(update(Programme).values(status="suspended"))
    runners.clock.turn(hours=2)
    await runners.work_off(runners.new())
    assert [run.state for run in await runners.runs("hourly")] == ["waiting"]


async def test_a_run_of_a_killed_process_goes_on_from_its_checkpoint(tools: JobTools) -> None:
    """The first process stops for good inside the third step, as one that is killed does."""
    is_killed = True

    async def run(running: RunningJob) -> JsonObject:
        while running.done < 5:
            async with running.step() as session:
                session.add(mark(running.done, f"step {running.done}"))
                await session.flush()
                if running.done == 2 and is_killed:
                    raise SystemError
                running.done += 1
                running.checkpoint = {"after": running.done}
        return {"after": running.checkpoint["after"]}

    runners = Runners(tools, job("walk", run))
    run_id = await runners.enqueue("walk")
    killed = runners.new()
    async with tools.database.writing(FIRST_PROGRAMME) as session:
        await session.execute(update(JobRun).values(state="running", lease_holder="gone", attempts=1))
        await session.execute(update(JobRun).values(lease_until=runners.clock() + timedelta(seconds=60)))
    await runners.work_off(killed)
    assert await runners.marks() == []  # the lease is another's
    runners.clock.turn(seconds=61)
    await runners.work_off(killed)
    assert await runners.marks() == ["step 0", "step 1"]
    waiting = await runners.run(run_id)
    assert (waiting.state, waiting.error_kind, waiting.checkpoint) == ("waiting", "SystemError", {"after": 2})
    is_killed = False
    runners.clock.turn(minutes=5)
    await runners.work_off(runners.new())
    ended = await runners.run(run_id)
    assert (ended.state, ended.outcome, ended.attempts) == ("succeeded", {"after": 5}, 3)
    assert (ended.progress_done, ended.lease_holder) == (5, None)
    assert await runners.marks() == [f"step {number}" for number in range(5)]


async def test_a_process_that_lost_its_lease_writes_nothing(tools: JobTools) -> None:
    """It was only slow: its step ends after another process has done the work."""
    is_slow, begun, go_on = [True], asyncio.Event(), asyncio.Event()

    async def run(running: RunningJob) -> JsonObject:
        slow = is_slow.pop() if is_slow else False
        begun.set()
        if slow:
            await go_on.wait()
        async with running.step() as session:
            session.add(mark(1 if slow else 2, "slow" if slow else "fast"))
        return {"by": "slow" if slow else "fast"}

    runners = Runners(tools, job("once", run))
    run_id = await runners.enqueue("once")
    first, second = runners.new(), runners.new()
    assert await first.tick() == 1
    await begun.wait()
    assert await second.tick() == 0
    runners.clock.turn(seconds=61)
    await runners.work_off(second)
    go_on.set()
    await first.settled()
    assert await runners.marks() == ["fast"]
    ended = await runners.run(run_id)
    assert (ended.state, ended.outcome, ended.attempts) == ("succeeded", {"by": "fast"}, 2)


async def test_a_process_that_renews_keeps_its_run(tools: JobTools) -> None:
    go_on = asyncio.Event()

    async def run(_running: RunningJob) -> JsonObject:
        await go_on.wait()
        return {}

    runners = Runners(tools, job("long", run))
    run_id = await runners.enqueue("long")
    first, second = runners.new(renew_every_s=0.01), runners.new()
    await first.tick()
    for _ in range(3):
        runners.clock.turn(seconds=40)
        wanted = runners.clock() + timedelta(seconds=60)

        async def is_renewed(until: datetime = wanted) -> bool:
            return (await runners.run(run_id)).lease_until == until

        await eventually(is_renewed)
        assert await second.tick() == 0
    go_on.set()
    await first.settled()
    assert (await runners.run(run_id)).attempts == 1


async def test_a_slow_process_hears_that_its_lease_is_lost(tools: JobTools) -> None:
    is_ended = asyncio.Event()

    async def run(_running: RunningJob) -> JsonObject:
        try:
            await asyncio.Event().wait()
        finally:
            is_ended.set()
        return {}

    runners = Runners(tools, job("long", run))
    run_id = await runners.enqueue("long")
    first = runners.new(renew_every_s=0.01)
    await first.tick()
    async with tools.database.writing(FIRST_PROGRAMME) as session:
        await session.execute(update(JobRun).values(lease_holder="another", attempts=2))
    await asyncio.wait_for(is_ended.wait(), 60)
    await first.settled()
    assert ((await runners.run(run_id)).state, (await runners.run(run_id)).lease_holder) == (
        "running",
        "another",
    )


async def test_of_one_job_one_run_at_a_time_is_under_way(tools: JobTools) -> None:
    at_once, most = 0, 0

    async def run(running: RunningJob) -> JsonObject:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        async with running.step():
            pass
        at_once -= 1
        return {}

    runners = Runners(tools, job("serial", run))
    ids = [await runners.enqueue("serial") for _ in range(5)]
    processes = [runners.new() for _ in range(3)]

    async def all_done() -> bool:
        await asyncio.gather(*(process.tick() for process in processes))
        return all([(await runners.run(run_id)).state == "succeeded" for run_id in ids])

    await eventually(all_done)
    assert most == 1


async def test_a_process_has_so_many_slots(tools: JobTools) -> None:
    go_on = asyncio.Event()

    async def run(_running: RunningJob) -> JsonObject:
        await go_on.wait()
        return {}

    runners = Runners(tools, *(job(f"job-{number}", run) for number in range(5)))
    for number in range(5):
        await runners.enqueue(f"job-{number}")
    runner = runners.new(slots=2)
    assert await runner.tick() == 2
    assert (await runner.tick(), runner.running) == (0, 2)
    go_on.set()
    await runner.settled()
    await runners.work_off(runner)
    assert {run.state for number in range(5) for run in await runners.runs(f"job-{number}")} == {"succeeded"}


async def test_failures_are_tried_again_later_and_later_and_tell_no_text(
    tools: JobTools, caplog: pytest.LogCaptureFixture
) -> None:
    async def run(running: RunningJob) -> JsonObject:
        async with running.step() as session:
            session.add(mark(1, "never"))
            raise LookupError("".join(("00135", "42419")))

    runners = Runners(tools, job("fails", run, retries=2))
    run_id = await runners.enqueue("fails")
    runner = runners.new()
    waits = []
    with caplog.at_level(logging.ERROR):
        while True:
            await runners.work_off(runner)
            ended = await runners.run(run_id)
            if ended.state != "waiting":
                break
            waits.append((ended.run_at - runners.clock()).total_seconds())
            runners.clock.now = ended.run_at
    assert waits == [30, 60]
    assert (ended.state, ended.error_kind, ended.attempts) == ("failed", "LookupError", 3)
    assert "test_runner.py" in caplog.text
    assert "0013542419" not in caplog.text
    assert await runners.marks() == []


async def test_a_failure_for_good_is_not_tried_again(tools: JobTools) -> None:
    async def run(_running: RunningJob) -> JsonObject:
        raise JobFailed("file-is-gone")

    runners = Runners(tools, job("fails", run))
    run_id = await runners.enqueue("fails")
    await runners.work_off(runners.new())
    ended = await runners.run(run_id)
    assert (ended.state, ended.error_kind, ended.attempts) == ("failed", "file-is-gone", 1)


async def test_an_attempt_has_a_time(tools: JobTools) -> None:
    async def run(_running: RunningJob) -> JsonObject:
        await asyncio.Event().wait()
        return {}

    runners = Runners(tools, job("hangs", run, retries=0, timeout=timedelta(milliseconds=50)))
    run_id = await runners.enqueue("hangs")
    await runners.work_off(runners.new())
    ended = await runners.run(run_id)
    assert (ended.state, ended.error_kind) == ("failed", "timeout")


async def test_a_run_that_kills_its_processes_is_given_up(tools: JobTools) -> None:
    runners = Runners(tools, job("deadly", do_nothing, retries=1))
    run_id = await runners.enqueue("deadly")
    async with tools.database.writing(FIRST_PROGRAMME) as session:
        gone = {"state": "running", "lease_holder": "gone", "lease_until": runners.clock(), "attempts": 2}
        await session.execute(update(JobRun).values(**gone))
    runners.clock.turn(seconds=1)
    await runners.work_off(runners.new())
    ended = await runners.run(run_id)
    assert (ended.state, ended.error_kind) == ("failed", "abandoned")


async def _cancel(runners: Runners, run_id: int) -> None:
    async with runners.database.writing(FIRST_PROGRAMME) as session:
        await want_cancelled(session, run_id, now=runners.clock())


async def test_a_waiting_run_is_cancelled_at_once(tools: JobTools) -> None:
    runners = Runners(tools, job("later", do_nothing))
    run_id = await runners.enqueue("later")
    await _cancel(runners, run_id)
    assert await runners.new().tick() == 0
    assert (await runners.run(run_id)).state == RunState.CANCELLED


async def test_a_cancelled_due_time_is_not_made_again(tools: JobTools) -> None:
    runners = Runners(tools, job("hourly", do_nothing, schedule=Every(timedelta(hours=1))))
    runner = runners.new()
    await runners.work_off(runner)
    await _cancel(runners, (await runners.runs("hourly"))[0].id)
    for process in (runner, runners.new()):
        await runners.work_off(process)
    runners.clock.turn(hours=1)
    await runners.work_off(runner)
    assert [run.state for run in await runners.runs("hourly")] == ["cancelled", "waiting"]


@pytest.mark.parametrize("is_in_step", [True, False], ids=["in a step", "between steps"])
async def test_a_run_under_way_is_cancelled_and_leaves_nothing_half_done(
    tools: JobTools, is_in_step: bool
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def run(running: RunningJob) -> JsonObject:
        async with running.step() as session:
            session.add(mark(1, "whole"))
        begun.set()
        await go_on.wait()
        async with running.step() as session:
            session.add(mark(2, "half"))
        return {}

    runners = Runners(tools, job("long", run))
    run_id = await runners.enqueue("long")
    runner = runners.new(renew_every_s=3600 if is_in_step else 0.01)
    await runner.tick()
    await begun.wait()
    await _cancel(runners, run_id)
    if is_in_step:  # it hears of it at the end of the next step
        go_on.set()
    await runner.settled()
    assert (await runners.run(run_id)).state == RunState.CANCELLED
    assert await runners.marks() == ["whole"]


async def test_a_process_that_ends_in_good_order_gives_its_runs_back(tools: JobTools) -> None:
    begun = asyncio.Event()

    async def run(running: RunningJob) -> JsonObject:
        async with running.step() as session:
            session.add(mark(running.done, "half"))
            begun.set()
            await asyncio.Event().wait()
        return {}

    runners = Runners(tools, job("long", run))
    run_id = await runners.enqueue("long")
    runner = runners.new()
    task = asyncio.create_task(runner.run())
    await asyncio.wait_for(begun.wait(), 60)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    left = await runners.run(run_id)
    assert (left.state, left.attempts, left.lease_holder) == ("waiting", 0, None)
    assert await runners.marks() == []


async def test_what_a_job_changes_is_audited_in_the_name_of_who_started_it(tools: JobTools) -> None:
    runners = Runners(tools, job("once", _leave_due_time))
    await runners.enqueue("once")
    await runners.work_off(runners.new())
    async with tools.database.reading(FIRST_PROGRAMME) as session:
        entries = list(await session.scalars(select(AuditEntry)))
    assert [(entry.table_name, entry.caller_kind, entry.caller_name) for entry in entries] == [
        ("merchants", "system", "test")
    ]


async def test_a_process_that_is_woken_as_it_is_stopped_ends(tools: JobTools) -> None:
    runner = Runners(tools, job("quiet", do_nothing)).new()
    running = asyncio.create_task(runner.run())
    # It waits for work.
    await eventually(lambda: bool(runner._work._waiters))
    runner.wake()
    running.cancel()
    ended, _ = await asyncio.wait([running], timeout=20)
    assert running in ended
    assert running.cancelled()
