"""Jobs of the host API itself: what has been kept long enough is deleted, and large tables are known."""

from datetime import time, timedelta
from typing import Final

from sqlalchemy import delete, select

from host_api.core.idempotency import AnsweredRequest
from host_api.core.jobs import run_store
from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import DailyAt, Every
from host_api.core.programmes import FIRST_PROGRAMME

KEEP_RUNS: Final = timedelta(days=35)
# How long a request may be repeated under its idempotency key.
KEEP_ANSWERS: Final = timedelta(hours=72)

_BATCH: Final = 500


async def _prune_runs(running: RunningJob) -> JsonObject:
    before = running.now() - KEEP_RUNS
    while True:
        async with running.step() as session:
            deleted = await run_store.prune(session, before=before, limit=_BATCH)
            running.done += deleted
        if deleted < _BATCH:
            return {"deleted": running.done}


async def _prune_answers(running: RunningJob) -> JsonObject:
    before = running.now() - KEEP_ANSWERS
    old = (
        select(AnsweredRequest.id)
        .where(AnsweredRequest.at < before)
        .order_by(AnsweredRequest.at)
        .limit(_BATCH)
    )
    while True:
        async with running.step() as session:
            ids = list(await session.scalars(old))
            await session.execute(
                delete(AnsweredRequest).where(AnsweredRequest.id.in_(ids)),
                execution_options={"synchronize_session": False},
            )
            running.done += len(ids)
        if len(ids) < _BATCH:
            return {"deleted": running.done}


async def _gather_statistics(running: RunningJob) -> JsonObject:
    # Once for all programmes of the database; PostgreSQL does it by itself.
    is_wanted = running.database.is_sqlite and running.programme_id == FIRST_PROGRAMME
    if is_wanted:
        await running.database.gather_statistics()
    return {"gathered": is_wanted}


PRUNE_RUNS: Final = Job(
    "prune-job-runs",
    "Delete old runs of jobs",
    "پاک کردن اجراهای کهنهٔ کارها",
    _prune_runs,
    schedule=DailyAt(time(3, 10)),
    is_on_demand=True,
)
PRUNE_ANSWERS: Final = Job(
    "prune-answered-requests",
    "Delete answers kept for repeats",
    "پاک کردن پاسخ‌های نگه‌داشته برای تکرار",
    _prune_answers,
    schedule=Every(timedelta(hours=1)),
    is_on_demand=True,
)
GATHER_STATISTICS: Final = Job(
    "gather-statistics",
    "Gather statistics of the database",
    "گردآوری آمار پایگاه داده",
    _gather_statistics,
    schedule=Every(timedelta(minutes=15)),
    is_on_demand=True,
)
UPKEEP: Final = (PRUNE_RUNS, PRUNE_ANSWERS, GATHER_STATISTICS)
