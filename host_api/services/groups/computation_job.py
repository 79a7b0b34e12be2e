"""The job that asks the queries of groups again, and takes groups away that are to be deleted.

One pass over all members serves all groups that are due, so that a member's record is sent once.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from sqlalchemy import delete, func, or_, select

from host_api.core.database import AnySession, WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import DailyAt, Every
from host_api.core.pace import Pace
from host_api.core.path_ids import LARGEST_ID
from host_api.services.groups.events import GROUP_COMPUTED, GROUP_DELETED, GroupComputed, GroupDeleted
from host_api.services.groups.membership import Plan, all_groups, carry_out, plan
from host_api.services.groups.models import Group, GroupComputation, GroupMember
from host_api.services.groups.query_compiler import compile_query
from host_api.services.groups.query_schema import Expression, Query
from host_api.services.groups.schemas import GroupKind, GroupSchedule, GroupState
from host_api.services.members import selection
from host_api.services.members.selection import MEMBERS_AT_ONCE, MemberBrief

COMPUTE_GROUPS: Final = "compute-groups"

# Records wait in one queue for the switch: a card that was just issued should not wait behind all members.
SENT_PER_MINUTE: Final = 3000

_QUERY: Final[TypeAdapter[Expression]] = TypeAdapter(Query)
_IDS: Final = TypeAdapter(list[int])
_NIGHTLY: Final = DailyAt(time(3, 40))
_HOURLY: Final = Every(timedelta(hours=1))


class ComputationArguments(BaseModel):
    """Which groups; left out, those that are due."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"group_ids": [3]}})

    group_ids: list[int] | None = Field(default=None, max_length=300)


def computation_job(sent_per_minute: int = SENT_PER_MINUTE) -> Job:
    """The job."""

    async def run(running: RunningJob) -> JsonObject:
        return await _compute(running, Pace(sent_per_minute))

    return Job(
        COMPUTE_GROUPS,
        "Computation of groups",
        "به‌روز کردن گروه‌ها",
        run,
        schedule=_HOURLY,
        is_on_demand=True,
        arguments=ComputationArguments,
        timeout=timedelta(hours=12),
    )


def next_due(schedule: GroupSchedule, now: datetime) -> datetime | None:
    """When a group's query is asked again."""
    match schedule:
        case GroupSchedule.HOURLY:
            return _HOURLY.next_due(now)
        case GroupSchedule.NIGHTLY:
            return _NIGHTLY.next_due(now)
        case _:
            return None


async def _compute(running: RunningJob, pace: Pace) -> JsonObject:
    checkpoint = running.checkpoint
    # The queries are asked of one instant, whenever a member's turn comes.
    now = datetime.fromisoformat(str(checkpoint.setdefault("at", running.now().isoformat())))
    if "groups" not in checkpoint:
        wanted = ComputationArguments.model_validate(running.arguments).group_ids
        async with running.reading() as session:
            groups = await _due(session, wanted, now)
        checkpoint["groups"] = [group.id for group in groups]
        # What is asked for while the pass is under way has to wait for the next, which is a whole one.
        checkpoint["ending"] = [group.id for group in groups if group.state == GroupState.ENDING]
        checkpoint["filling"] = [group.id for group in groups if group.query is not None]
    due, ending, filling = (
        _IDS.validate_python(checkpoint[name]) for name in ("groups", "ending", "filling")
    )
    if not due:
        return {"groups": 0, "members": 0}
    async with running.reading() as session:
        running.total = await selection.count(session)
    while True:
        after = int(str(checkpoint.get("after", 0)))
        async with running.reading() as session:
            members = await selection.briefs_after(session, after, MEMBERS_AT_ONCE)
            wanted_now = await _plan(session, members, due, now)
        if not members:
            break
        checkpoint["after"] = members[-1].id
        sent = 0
        if wanted_now.member_ids:
            async with running.step() as session:
                sent = await _settle(session, wanted_now.member_ids, due, now)
                checkpoint["sent"] = int(str(checkpoint.get("sent", 0))) + sent
                running.done += len(members)
        else:
            await running.report(running.done + len(members), running.total)
        await pace.take(sent)
    async with running.step() as session:
        await _conclude(session, due, ending, filling, now)
    return {"groups": len(due), "members": running.done, "sent": checkpoint.get("sent", 0)}


async def _due(session: AnySession, wanted: Sequence[int] | None, now: datetime) -> list[Group]:
    is_due = Group.id.in_(select(GroupComputation.group_id).where(GroupComputation.due_at <= now))
    chosen = (
        or_(is_due, Group.state == GroupState.ENDING.value)
        if wanted is None
        else Group.id.in_([group_id for group_id in wanted if 0 < group_id <= LARGEST_ID])
    )
    return list(await session.scalars(select(Group).where(chosen).order_by(Group.id)))


async def _settle(session: WriteSession, member_ids: Sequence[int], due: Sequence[int], now: datetime) -> int:
    """Look again with the members locked, and write; how many records go to the switch."""
    locked = await selection.lock(session, member_ids)
    changes = await _plan(session, locked, due, now)
    await carry_out(session, changes, now)
    return len(changes.standings)


async def _plan(
    session: AnySession, members: Sequence[MemberBrief], due: Sequence[int], now: datetime
) -> Plan:
    groups = await all_groups(session)
    ids = [member.id for member in members]
    wanted: dict[int, frozenset[int]] = {}
    for group in groups:
        if group.state == GroupState.ENDING:
            if group.id in due:
                wanted[group.id] = frozenset()
        elif group.id in due and group.query is not None:
            condition = compile_query(_QUERY.validate_python(group.query), now)
            found = await selection.ids_where(session, condition, among=ids)
            if group.kind == GroupKind.STATIC:  # is filled once: who is in stays in
                found |= frozenset(
                    await session.scalars(
                        select(GroupMember.member_id).where(
                            GroupMember.group_id == group.id, GroupMember.member_id.in_(ids)
                        )
                    )
                )
            wanted[group.id] = found
    return await plan(session, members, groups, wanted)


async def _conclude(
    session: WriteSession, due: Sequence[int], ending: Sequence[int], filling: Sequence[int], now: datetime
) -> None:
    """Count the members, set the next times, and delete the groups that were taken away."""
    rows = await session.execute(
        select(Group, GroupComputation)
        .join(GroupComputation, GroupComputation.group_id == Group.id)
        .where(Group.id.in_(due))
        .order_by(Group.id)
    )
    for group, computation in rows.all():
        if group.id in ending:
            await _delete(session, group)
            continue
        members = await session.scalar(select(func.count()).where(GroupMember.group_id == group.id)) or 0
        if computation.members != members:
            payload = GroupComputed(group_id=group.id, code=group.code, members=members)
            emit(session, GROUP_COMPUTED, Subject("group", group.id), payload)
        computation.members, computation.computed_at = members, now
        if computation.due_at is not None and computation.due_at <= now:
            computation.due_at = next_due(GroupSchedule(group.schedule), now)
        if group.kind == GroupKind.STATIC and group.id in filling:
            group.query = None


async def _delete(session: WriteSession, group: Group) -> None:
    for table in (GroupComputation, GroupMember):
        await session.execute(
            delete(table).where(table.group_id == group.id).execution_options(synchronize_session=False)
        )
    emit(
        session,
        GROUP_DELETED,
        Subject("group", group.id),
        GroupDeleted(group_id=group.id, code=group.code),
    )
    await session.delete(group)
