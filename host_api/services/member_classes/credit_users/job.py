"""The job that ends credits whose validity is over."""

from datetime import timedelta
from typing import Final

from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import Every
from host_api.services.member_classes.credit_users import logic

_BATCH: Final = 100


async def _expire(running: RunningJob) -> JsonObject:
    while True:
        async with running.step() as session:
            expired = await logic.expire(session, running.now(), _BATCH)
            running.done += expired
        if expired < _BATCH:
            return {"expired": running.done}


EXPIRE_CREDIT: Final = Job(
    "expire-credit-users",
    "End credits whose validity is over",
    "پایان دادن به اعتبارهای منقضی",
    _expire,
    schedule=Every(timedelta(minutes=15)),
    is_on_demand=True,
)
