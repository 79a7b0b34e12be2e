"""The job that evaluates all members, some hundreds in each step."""

from datetime import datetime, time, timedelta
from typing import Final

from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import DailyAt
from host_api.core.pace import Pace
from host_api.services.members import selection
from host_api.services.members.selection import MEMBERS_AT_ONCE
from host_api.services.tiers import tier_set
from host_api.services.tiers.evaluation import settle, weigh

EVALUATE_TIERS: Final = "evaluate-tiers"

# Records wait in one queue for the switch: a card that was just issued should not wait behind all members.
SENT_PER_MINUTE: Final = 3000


def evaluation_job(sent_per_minute: int = SENT_PER_MINUTE) -> Job:
    """The job; it runs soon after midnight in Tehran, when windows begin and end."""

    async def run(running: RunningJob) -> JsonObject:
        return await _evaluate(running, Pace(sent_per_minute))

    return Job(
        EVALUATE_TIERS,
        "Evaluation of tiers",
        "سنجش سطح عضوها",
        run,
        schedule=DailyAt(time(0, 20)),
        is_on_demand=True,
        timeout=timedelta(hours=12),
    )


async def _evaluate(running: RunningJob, pace: Pace) -> JsonObject:
    checkpoint = running.checkpoint
    # All are evaluated at one instant, whenever their turn comes.
    now = datetime.fromisoformat(str(checkpoint.setdefault("at", running.now().isoformat())))
    async with running.reading() as session:
        total = await selection.count(session)
    while True:
        after = int(str(checkpoint.get("after", 0)))
        async with running.reading() as session:
            rules = await tier_set.read(session)
            members = await selection.briefs_after(session, after, MEMBERS_AT_ONCE)
            weighed = await weigh(session, members, rules, now)
        if not members:
            break
        checkpoint["after"] = members[-1].id
        wanted = [entry.member.id for entry in weighed if entry.is_changed]
        sent = 0
        if wanted:
            async with running.step() as session:
                changed = await settle(session, wanted, await tier_set.read(session), now)
                sent = sum(entry.tier != entry.member.tier for entry in changed)
                checkpoint["changed"] = int(str(checkpoint.get("changed", 0))) + sent
                running.done, running.total = running.done + len(members), total
        else:
            await running.report(running.done + len(members), total)
        await pace.take(sent)
    return {"evaluated": running.done, "changed": checkpoint.get("changed", 0), "at": now.isoformat()}
