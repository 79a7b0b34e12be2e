"""The job that moves what has come to merged records since: what was pending, a void, a return."""

from datetime import time
from typing import Final

from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import DailyAt
from host_api.services.member_merging import logic

_BATCH: Final = 50


async def _sweep(running: RunningJob) -> JsonObject:
    while True:
        after_id = int(str(running.checkpoint.get("after_id", 0)))
        async with running.step() as session:
            begun, next_id = await logic.sweep(session, after_id, _BATCH)
            running.done += begun
            running.checkpoint["after_id"] = next_id or after_id
        if next_id is None:
            return {"begun": running.done}


SWEEP_MERGED: Final = Job(
    "sweep-merged-members",
    "Move what has come to merged records since",
    "انتقال آنچه بعداً به رکوردهای ادغام‌شده رسیده است",
    _sweep,
    schedule=DailyAt(time(4, 10)),
    is_on_demand=True,
)
