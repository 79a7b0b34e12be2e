"""The job that marks instalments whose day has gone by unpaid, however late it runs."""

from datetime import time, timedelta
from typing import Final

from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import DailyAt
from host_api.core.tehran_time import tehran_date
from host_api.services.instalment_sales import logic

_AT_ONCE: Final = 50


async def _mark(running: RunningJob) -> JsonObject:
    today = tehran_date(running.now())
    while True:
        async with running.reading() as session:
            found = await logic.late_parts(session, today, _AT_ONCE)
        if not found:
            return {"marked": running.done}
        marked = 0
        for part_id in found:
            async with running.step() as session:
                marked += await logic.mark_late(session, part_id, today)
        running.done += marked


MARK_LATE: Final = Job(
    "mark-late-instalments",
    "Marks of late instalments",
    "نشان‌گذاری قسط‌های عقب‌افتاده",
    _mark,
    schedule=DailyAt(time(8, 0)),
    is_on_demand=True,
    timeout=timedelta(hours=1),
)
