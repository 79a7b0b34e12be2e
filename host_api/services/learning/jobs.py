"""The job that gives the points of cancelled courses back."""

from datetime import timedelta
from typing import Final

from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import Every
from host_api.services.learning.purchases import logic

_BATCH: Final = 200


async def _give_back(running: RunningJob) -> JsonObject:
    while True:
        async with running.step() as session:
            given = await logic.give_back_cancelled(session, _BATCH)
            running.done += given
        if given < _BATCH:
            return {"given_back": running.done}


GIVE_BACK_CANCELLED: Final = Job(
    "give-back-cancelled-courses",
    "Give the points of cancelled courses back",
    "برگشت امتیاز دوره‌های لغوشده",
    _give_back,
    schedule=Every(timedelta(minutes=10)),
    is_on_demand=True,
)
