"""The host API's own jobs, and what can be declared as a job."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from host_api.core.access.caller import system_caller
from host_api.core.database import Database
from host_api.core.idempotency import AnsweredRequest
from host_api.core.jobs.declaration import Job, by_name
from host_api.core.jobs.run_table import JobRun
from host_api.core.jobs.upkeep import GATHER_STATISTICS, KEEP_ANSWERS, KEEP_RUNS, PRUNE_ANSWERS, PRUNE_RUNS
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.members.models import Member
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


async def test_statistics_are_gathered_once_for_all_programmes(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("host_api.core.database._SMALL_TABLE_ROWS", 100)
    runners = Runners(await tools_on(database, settings), GATHER_STATISTICS)
    async with database.writing(FIRST_PROGRAMME) as session:
        rows = [Member(id=n, name="n", club_level="vip" if n % 50 == 0 else None) for n in range(1, 501)]
        for row in rows:
            row.tier, row.status, row.created_at = "gold", "active", runners.clock()
        session.add_all(rows)
    statistics = (
        "SELECT stat FROM sqlite_stat1 WHERE idx = 'ix_members_programme_id_club_level_id'"
        if database.is_sqlite
        else "SELECT reltuples FROM pg_class WHERE relname = 'ix_members_programme_id_club_level_id'"
    )
    async with database.reading() as early:
        await early.execute(text("SELECT 1"))
        run_id = await runners.enqueue("gather-statistics")
        await runners.work_off(runners.new())
    assert (await runners.run(run_id)).outcome == {"gathered": database.is_sqlite}
    if not database.is_sqlite:
        await database.gather_statistics()
    async with database.reading() as reading:
        counted = str(await reading.scalar(text(statistics)))
    assert float(counted.split(maxsplit=1)[0]) == 10
    async with database.reading() as reading:  # its connection has been opened anew
        explained = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
        plan = await reading.execute(
            text(f"{explained} SELECT id FROM members WHERE programme_id = 1 AND club_level = 'vip'")
        )
        expected = "ix_members_programme_id_club_level_id" if database.is_sqlite else "rows=10 "
        assert expected in str(plan.all())


async def test_two_jobs_have_two_names() -> None:
    one = job("one", do_nothing)
    assert by_name([one, one]) == {"one": one}
    with pytest.raises(ValueError, match="one"):
        by_name([one, job("one", do_nothing)])
    with pytest.raises(ValueError, match="plain name"):
        Job("Bad Name", "", "", do_nothing)
