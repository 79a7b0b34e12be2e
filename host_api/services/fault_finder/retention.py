"""Forgets faults that were kept long enough."""

from datetime import time
from typing import Final

from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import DailyAt
from host_api.services.fault_finder.sightings import forget

_BATCH: Final = 500


async def _prune(running: RunningJob) -> JsonObject:
    while True:
        async with running.step() as session:
            deleted = await forget(session, running.now(), _BATCH)
            running.done += deleted
        if deleted < _BATCH:
            return {"deleted": running.done}


PRUNE_FAULTS: Final = Job(
    "prune-faults",
    "Delete old faults",
    "پاک کردن خطاهای کهنه",
    _prune,
    schedule=DailyAt(time(3, 25)),
    is_on_demand=True,
)
