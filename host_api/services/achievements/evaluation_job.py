"""The job that looks at all members every night, some hundreds in each step."""

from datetime import datetime, time, timedelta
from typing import Final

from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import DailyAt
from host_api.services.achievements import evaluation
from host_api.services.members import selection
from host_api.services.members.selection import MEMBERS_AT_ONCE

EVALUATE_ACHIEVEMENTS: Final = "evaluate-achievements"


async def _evaluate(running: RunningJob) -> JsonObject:
    checkpoint = running.checkpoint
    # All are looked at as of one instant, whenever their turn comes.
    now = datetime.fromisoformat(str(checkpoint.setdefault("at", running.now().isoformat())))
    async with running.reading() as session:
        total = await selection.count(session)
    while True:
        after = int(str(checkpoint.get("after", 0)))
        async with running.reading() as session:
            members = await selection.briefs_after(session, after, MEMBERS_AT_ONCE)
            ids = [member.id for member in members]
            achievements = await evaluation.running(session, now) if ids else []
            found = await evaluation.reached(session, achievements, ids, now)
        if not members:
            break
        checkpoint["after"] = ids[-1]
        if found:
            async with running.step() as session:
                wanted = sorted({entry.member_id for entry in found})
                made = await evaluation.settle(session, wanted, now, running.caller)
                checkpoint["awarded"] = int(str(checkpoint.get("awarded", 0))) + len(made)
                running.done, running.total = running.done + len(ids), total
        else:
            await running.report(running.done + len(ids), total)
    return {"evaluated": running.done, "awarded": checkpoint.get("awarded", 0), "at": now.isoformat()}


EVALUATION: Final = Job(
    EVALUATE_ACHIEVEMENTS,
    "Evaluation of achievements",
    "سنجش دستاوردها",
    _evaluate,
    schedule=DailyAt(time(1, 10)),
    is_on_demand=True,
    timeout=timedelta(hours=12),
)
