"""The job that ends awards of things that nobody came for."""

from datetime import timedelta
from typing import Final

from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import Every
from host_api.services.prizes import logic

_BATCH: Final = 200


async def _expire(running: RunningJob) -> JsonObject:
    while True:
        async with running.step() as session:
            expired = await logic.expire(session, running.now(), _BATCH)
            running.done += expired
        if expired < _BATCH:
            return {"expired": running.done}


EXPIRE_AWARDS: Final = Job(
    "expire-prize-awards",
    "End prizes that nobody came for",
    "پایان مهلت جایزه‌های دریافت‌نشده",
    _expire,
    schedule=Every(timedelta(hours=1)),
    is_on_demand=True,
)
