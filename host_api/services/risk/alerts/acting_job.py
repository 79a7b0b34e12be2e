"""The job that does what limits do by themselves, at once when an alert has made work for it."""

from datetime import timedelta
from typing import Final

from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import Every
from host_api.services.risk.alerts import acts
from host_api.services.risk.alerts.raising import ACT_JOB

_AT_ONCE: Final = 50


async def _run(running: RunningJob) -> JsonObject:
    while True:
        async with running.reading() as session:
            ids = await acts.due(session, _AT_ONCE)
        if not ids:
            return {"done": running.done}
        for act_id in ids:
            async with running.step() as session:
                await acts.do_due(session, running.cipher, act_id)
                running.done += 1


ACTING: Final = Job(
    ACT_JOB,
    "Blocks for risk alerts",
    "اقدام‌های هشدارهای ریسک",
    _run,
    schedule=Every(timedelta(minutes=5)),
)
