"""The job that pulls triggers."""

from datetime import timedelta
from typing import Final

from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import Every
from host_api.services.messages.triggers import logic


async def _pull(running: RunningJob) -> JsonObject:
    is_behind = True
    while is_behind:
        async with running.step() as session:
            is_behind = await logic.pull_some(session)
            running.done += 1
    return {"steps": running.done}


PULLING: Final = Job(
    "pull-message-triggers",
    "Queue messages that events set off",
    "آماده‌سازی پیام‌های رویدادها",
    _pull,
    schedule=Every(timedelta(minutes=1)),
    is_on_demand=True,
)
