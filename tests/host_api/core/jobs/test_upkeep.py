"""The host API's own jobs, and what can be declared as a job."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from host_api.core.access.caller import system_caller
from host_api.core.database import Database
from host_api.core.idempotency import AnsweredRequest
from host_api.core.jobs.declaration import Job, by_name
from host_api.core.jobs.run_table import JobRun
from host_api.core.jobs.upkeep import KEEP_ANSWERS, KEEP_RUNS, PRUNE_ANSWERS, PRUNE_RUNS
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from tests.host_api.core.jobs.working_jobs import Runners, do_nothing, job, tools_on

pytestmark = pytest.mark.anyio


async def test_old_runs_and_answers_are_deleted(database: Database, settings: Settings) -> None:
    tools = await tools_on(database, settings)
    runners = Runners(tools, PRUNE_RUNS, PRUNE_ANSWERS)
    now = runners.clock()
    caller = system_caller("test", FIRST_PROGRAMME)
    async with tools.database.writing(FIRST_PROGRAMME) as session:
        for number, at in enumerate((now - KEEP_ANSWERS - timedelta(seconds=1), now - KEEP_ANSWERS)):
            session.add(
                AnsweredRequest(
                    caller=caller.name,
                    key=f"wish-{number}",
                    request_sha256=bytes(32),
                    at=at,
                    status=201,
                    headers=b"",
                    body=b"",
                )
            )
    old = [await runners.enqueue("prune-job-runs"), await runners.enqueue("prune-answered-requests")]
    await runners.work_off(runners.new())
    async with tools.database.reading(FIRST_PROGRAMME) as session:
        assert list(await session.scalars(select(AnsweredRequest.key))) == ["wish-1"]
    assert [(await runners.run(run_id)).outcome for run_id in old] == [{"deleted": 0}, {"deleted": 1}]
    runners.clock.turn(days=KEEP_RUNS.days, seconds=1)
    latest = await runners.enqueue("prune-job-runs")
    await runners.work_off(runners.new())
    async with tools.database.reading(FIRST_PROGRAMME) as session:
        kept = list(await session.scalars(select(JobRun.id)))
    assert latest in kept
    assert not set(old) & set(kept)


async def test_two_jobs_have_two_names() -> None:
    one = job("one", do_nothing)
    assert by_name([one, one]) == {"one": one}
    with pytest.raises(ValueError, match="one"):
        by_name([one, job("one", do_nothing)])
    with pytest.raises(ValueError, match="plain name"):
        Job("Bad Name", "", "", do_nothing)
