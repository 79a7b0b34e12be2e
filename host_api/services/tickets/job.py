"""The job that notes late tickets, hands them up, and closes old ones."""

from datetime import timedelta
from typing import Final

from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import Every
from host_api.services.tickets import handling

_AT_ONCE: Final = 100


async def _run(running: RunningJob) -> JsonObject:
    late = closed = 0
    for work in (handling.note_late, handling.close_old):
        while True:
            async with running.step() as session:
                count = await work(session, running.now(), _AT_ONCE)
                running.done += count
            late += count if work is handling.note_late else 0
            closed += count if work is handling.close_old else 0
            if count < _AT_ONCE:
                break
    return {"late": late, "closed": closed}


LATE_TICKETS: Final = Job(
    "late-tickets", "Late tickets", "تیکت‌های دیرشده", _run, schedule=Every(timedelta(minutes=5))
)
