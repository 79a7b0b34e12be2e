"""The job of each night that finds out how active members are."""

from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy import select, update

from host_api.core.database import WriteSession
from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import DailyAt
from host_api.services.members.activity.logic import thresholds_of
from host_api.services.members.models import Member
from host_api.services.members.schemas import Activity
from host_api.services.transactions import logic as transactions

_BATCH: Final = 500


async def _run(running: RunningJob) -> JsonObject:
    while True:
        after_id = int(str(running.checkpoint.get("after_id", 0)))
        async with running.step() as session:
            last_id, changed = await _assess(session, after_id, running.now())
            running.done += changed
            running.checkpoint = {"after_id": last_id or after_id}
        if last_id is None:
            return {"changed": running.done}


async def _assess(session: WriteSession, after_id: int, now: datetime) -> tuple[int | None, int]:
    """Look at the next few members; the id of the last and how many changed, None where there are no more."""
    thresholds = await thresholds_of(session)
    members = (
        await session.execute(
            select(Member.id, Member.created_at, Member.activity)
            .where(Member.id > after_id)
            .order_by(Member.id)
            .limit(_BATCH)
        )
    ).all()
    if not members:
        return None, 0
    purchases = await transactions.purchases_since(
        session, [row.id for row in members], thresholds.counted_since(now)
    )
    changed: dict[Activity, list[int]] = {}
    for member_id, joined_at, activity in members:
        bought = purchases.get(member_id)
        found = thresholds.activity(
            joined_at=joined_at,
            last_purchase_at=None if bought is None else bought.last_at,
            purchases=0 if bought is None else bought.count,
            now=now,
        )
        if found.value != activity:
            changed.setdefault(found, []).append(member_id)
    for activity, ids in changed.items():
        # Not through the rows: a night's count is no change by a person, and takes nobody's version.
        await session.execute(
            update(Member)
            .where(Member.id.in_(ids))
            .values(activity=activity.value)
            .execution_options(synchronize_session=False)
        )
    return int(members[-1].id), sum(len(ids) for ids in changed.values())


ASSESS_ACTIVITY: Final = Job(
    "member-activity",
    "Find out how active members are",
    "سنجش فعالیت عضوها",
    _run,
    schedule=DailyAt(time(2, 20)),
    is_on_demand=True,
    timeout=timedelta(hours=3),
)
