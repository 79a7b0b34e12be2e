"""The job that holds members' records on the switch against their acceptances.

Acceptances are told at once; what this finds comes of records merged and split, and of bits set by hand.
"""

from datetime import time
from typing import Final

from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import DailyAt
from host_api.services.agreements import acceptances
from host_api.services.members import selection

_AT_ONCE: Final = 500


async def _run(running: RunningJob) -> JsonObject:
    changed = running.checkpoint.get("changed", 0)
    last = running.checkpoint.get("last", 0)
    changed, last = (value if isinstance(value, int) else 0 for value in (changed, last))
    while True:
        async with running.reading() as session:
            ids = await selection.ids_after(session, last, _AT_ONCE)
        if not ids:
            return {"changed": changed}
        async with running.step() as session:
            changed += await acceptances.tell_switch(session, ids)
            last = ids[-1]
            running.done += len(ids)
            running.checkpoint = {"changed": changed, "last": last}


CHECK_ACCEPTANCES: Final = Job(
    "check-agreement-acceptances",
    "Acceptances on the switch",
    "پذیرش توافق‌نامه‌ها در سوییچ",
    _run,
    schedule=DailyAt(time(3, 40)),
    is_on_demand=True,
)
