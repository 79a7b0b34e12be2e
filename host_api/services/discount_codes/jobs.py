"""The job that lets codes expire, and looks at the pools' stocks."""

from datetime import timedelta
from typing import Final

from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import Every
from host_api.services.discount_codes import logic, pools

_BATCH: Final = 500


async def _expire(running: RunningJob) -> JsonObject:
    while True:
        async with running.step() as session:
            expired = await logic.expire(session, running.now(), _BATCH)
            running.done += expired
        if expired < _BATCH:
            break
    async with running.step() as session:
        await pools.note_stock(session)
    return {"expired": running.done}


EXPIRE_CODES: Final = Job(
    "expire-discount-codes",
    "Let discount codes expire",
    "منقضی کردن کدهای تخفیف",
    _expire,
    schedule=Every(timedelta(hours=1)),
    is_on_demand=True,
)
