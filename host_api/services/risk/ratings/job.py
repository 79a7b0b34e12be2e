"""The job that rates all members every night."""

from datetime import time, timedelta
from typing import Final

from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import DailyAt
from host_api.services.members import selection
from host_api.services.risk.ratings.logic import rate_members

_AT_ONCE: Final = 200
_AFTER: Final = "after"
_CHANGED: Final = "changed"


async def _run(running: RunningJob) -> JsonObject:
    while True:
        after, changed = running.checkpoint.get(_AFTER, 0), running.checkpoint.get(_CHANGED, 0)
        if not isinstance(after, int) or not isinstance(changed, int):
            raise TypeError("the checkpoint has no numbers")
        async with running.step() as session:
            members = await selection.briefs_after(session, after, _AT_ONCE)
            if not members:
                return {"rated": running.done, "changed": changed}
            changed += await rate_members(session, members, running.now())
            running.checkpoint = {_AFTER: members[-1].id, _CHANGED: changed}
            running.done += len(members)


RATING: Final = Job(
    "rate-risk",
    "Risk classes of members",
    "رده‌بندی ریسک اعضا",
    _run,
    schedule=DailyAt(time(2, 40)),
    is_on_demand=True,
    timeout=timedelta(hours=2),
)
