"""The job that scores runs and publishes them, page by page; whoever takes over goes on where it was."""

from datetime import timedelta

from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import Every
from host_api.services.member_scoring import publishing, runs
from host_api.services.member_scoring.schemas import ScoringRunState
from host_api.services.members import selection


async def _run(running: RunningJob) -> JsonObject:
    async with running.reading() as session:
        scoring = await runs.in_state(session, ScoringRunState.SCORING)
        running.total = await selection.count(session) * len(scoring) or None
    for run_id, _ in scoring:
        await _score(running, run_id)
    async with running.reading() as session:
        publishing_now = await runs.in_state(session, ScoringRunState.PUBLISHING)
    published = 0
    for run_id, model_id in publishing_now:
        published += await _publish(running, run_id)
        await _clear(running, model_id)
    return {"scored": running.done, "published": published}


async def _score(running: RunningJob, run_id: int) -> None:
    while True:
        async with running.step() as session:
            count = await runs.score_page(session, run_id)
            running.done += count or 0
        if count is None:
            return


async def _publish(running: RunningJob, run_id: int) -> int:
    """As far as the switch has room; the next run of the job goes on."""
    published = 0
    while True:
        async with running.step() as session:
            count = await publishing.publish_page(session, run_id, running.caller, running.now())
        if count is None:
            return published
        published += count


async def _clear(running: RunningJob, model_id: int) -> None:
    while True:
        async with running.step() as session:
            cleared = await runs.clear_old(session, model_id)
        if not cleared:
            return


JOB = Job(
    runs.RUN_SCORING,
    "Scoring of members",
    "امتیازدهی هوشمند اعضا",
    _run,
    schedule=Every(timedelta(minutes=1)),
    is_on_demand=True,
    timeout=timedelta(hours=6),
)
