"""Groups: making, changing and deleting them, and who is in them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import exists, select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.errors import Problem
from host_api.core.jobs import run_store
from host_api.core.jobs.run_table import JobRun
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.services.groups.audience import stored_audience
from host_api.services.groups.computation_job import COMPUTE_GROUPS, next_due
from host_api.services.groups.listing import GroupMemberQuery, GroupQuery
from host_api.services.groups.membership import change_by_hand
from host_api.services.groups.models import Group, GroupComputation, GroupMember
from host_api.services.groups.query_schema import Expression
from host_api.services.groups.schemas import (
    GroupCreate,
    GroupEffect,
    GroupKind,
    GroupMemberRead,
    GroupRead,
    GroupSchedule,
    GroupState,
    GroupUpdate,
)
from host_api.services.members.selection import MembersChanged

_MOST_GROUPS: Final = 300
_BITS: Final = 256


class GroupNotFound(Problem):
    """No group has this id."""

    status = 404
    code = "group-not-found"
    title = "Group not found"
    title_fa = "گروه پیدا نشد"
    detail = "There is no group with this id."
    detail_fa = "گروهی با این شناسه وجود ندارد."


class GroupTaken(Problem):
    """Another group has the code or the bit."""

    status = 409
    code = "group-taken"
    title = "Code or segment taken"
    title_fa = "کد یا شمارهٔ بخش تکراری است"
    detail = "Another group has this code or this segment already."
    detail_fa = "گروه دیگری با همین کد یا شمارهٔ بخش هست."


class NoSegmentLeft(Problem):
    """All bits are allotted, or there are as many groups as there may be."""

    status = 409
    code = "no-segment-left"
    title = "No segment left"
    title_fa = "بخش آزادی نمانده است"
    detail = "All 256 segments belong to groups, or there are 300 groups already; delete one first."
    detail_fa = "همهٔ ۲۵۶ بخش در دست گروه‌هاست یا ۳۰۰ گروه هست؛ نخست یکی را حذف کنید."


class GroupEnding(Problem):
    """The group is being deleted."""

    status = 409
    code = "group-ending"
    title = "Group is being deleted"
    title_fa = "گروه در حال حذف است"
    detail = "This group is being taken away from its members and can't be changed any more."
    detail_fa = "این گروه از عضوهایش گرفته می‌شود و دیگر تغییر نمی‌کند."


class NotForThisKind(Problem):
    """A query is for a dynamic group; choosing members by hand is for a static one."""

    status = 409
    code = "group-kind"
    title = "Not for this kind of group"
    title_fa = "برای این گونه گروه نیست"
    detail = "Members are chosen by hand for a static group only, and a query changed of a dynamic one only."
    detail_fa = "انتخاب دستی تنها برای گروه ایستا و تغییر پرس‌وجو تنها برای گروه پویاست."


class FillingUnderWay(Problem):
    """A query is filling the group already."""

    status = 409
    code = "group-filling"
    title = "Already being filled"
    title_fa = "در حال پر شدن است"
    detail = "A query is filling this group already; wait until it has."
    detail_fa = "پرس‌وجویی همین حالا این گروه را پر می‌کند؛ تا پایان آن صبر کنید."


async def create(session: WriteSession, wanted: GroupCreate) -> Group:
    """Make a group; a dynamic one is computed soon.

    Raises:
        GroupTaken, NoSegmentLeft
    """
    now = utc_now()
    taken = set(await session.scalars(select(Group.segment_bit)))
    bit = wanted.segment_bit
    if wanted.effect is GroupEffect.SEGMENT and bit is None:
        bit = next((number for number in range(_BITS) if number not in taken), None)
    if len(list(await session.scalars(select(Group.id)))) >= _MOST_GROUPS or (
        wanted.effect is GroupEffect.SEGMENT and bit is None
    ):
        raise NoSegmentLeft
    if await session.scalar(select(exists().where(Group.code == wanted.code))) or (
        bit is not None and bit in taken
    ):
        raise GroupTaken
    group = Group(
        code=wanted.code,
        title=wanted.title,
        title_fa=wanted.title_fa,
        kind=wanted.kind.value,
        effect=wanted.effect.value,
        segment_bit=bit,
        priority=wanted.priority,
        query=stored_audience(wanted.query),
        schedule=wanted.schedule.value,
        state=GroupState.ACTIVE.value,
        created_at=now,
    )
    session.add(group)
    async with conflict_as(GroupTaken()):
        await session.flush()
    is_dynamic = wanted.kind is GroupKind.DYNAMIC
    session.add(
        GroupComputation(
            group_id=group.id,
            members=0,
            computed_at=None,
            due_at=now if is_dynamic and wanted.schedule is not GroupSchedule.BY_HAND else None,
        )
    )
    await session.flush()
    return group


async def find(session: AnySession, group_id: int) -> Group:
    """One group.

    Raises:
        GroupNotFound
    """
    group = await session.get(Group, group_id)
    if group is None:
        raise GroupNotFound
    return group


async def shown(session: AnySession, group: Group) -> GroupRead:
    """The group as it is shown."""
    return (await _shown(session, [group]))[0]


async def read_page(session: ReadSession, query: GroupQuery) -> Page[GroupRead]:
    """A page of groups."""
    groups, next_cursor = await read_rows(session, select(Group), query)
    return Page(items=await _shown(session, groups), next_cursor=next_cursor)


async def segments(session: AnySession) -> dict[str, int]:
    """Bits of segments by code, for the rules."""
    rows = await session.execute(
        select(Group.code, Group.segment_bit)
        .where(Group.segment_bit.is_not(None), Group.state == GroupState.ACTIVE.value)
        .order_by(Group.segment_bit)
    )
    return {code: bit for code, bit in rows if bit is not None}


async def change(session: WriteSession, group_id: int, if_match: str, wanted: GroupUpdate) -> Group:
    """Change what is given of a group; a query is asked at the next computation.

    Raises:
        GroupNotFound, ChangedMeanwhile, GroupEnding, NotForThisKind
    """
    group = await _lock(session, group_id)
    check_version(group, if_match)
    if wanted.query is not None:
        if group.kind != GroupKind.DYNAMIC:
            raise NotForThisKind
        group.query = stored_audience(wanted.query)
    for name, value in wanted.model_dump(mode="json", exclude={"query"}).items():
        if value is not None:
            setattr(group, name, value)
    if group.kind == GroupKind.DYNAMIC:
        computation = await session.scalar(
            select(GroupComputation).where(GroupComputation.group_id == group_id).with_for_update()
        )
        if computation is not None and wanted.schedule is not None:
            computation.due_at = next_due(wanted.schedule, utc_now())
    await session.flush()
    return group


async def delete(session: WriteSession, group_id: int, if_match: str, caller: Caller) -> JobRun:
    """Take a group away from its members and then delete it; its bit is nobody else's until then.

    Raises:
        GroupNotFound, ChangedMeanwhile, GroupEnding
    """
    group = await _lock(session, group_id)
    check_version(group, if_match)
    group.state = GroupState.ENDING.value
    return await _compute(session, group_id, caller)


async def compute(session: WriteSession, group_id: int, caller: Caller) -> JobRun:
    """Have a group computed soon rather than when it is due.

    Raises:
        GroupNotFound
    """
    await find(session, group_id)
    return await _compute(session, group_id, caller)


async def fill(session: WriteSession, group_id: int, query: Expression, caller: Caller) -> JobRun:
    """Have everybody whom a query finds put into a static group, once.

    Raises:
        GroupNotFound, GroupEnding, NotForThisKind, FillingUnderWay
    """
    group = await _static(session, group_id)
    if group.query is not None:
        raise FillingUnderWay
    group.query = stored_audience(query)
    return await _compute(session, group_id, caller)


async def add_members(session: WriteSession, group_id: int, member_ids: Sequence[int]) -> MembersChanged:
    """Put members into a static group.

    Raises:
        GroupNotFound, GroupEnding, NotForThisKind
    """
    return await _change_members(session, group_id, member_ids, is_in=True)


async def remove_members(session: WriteSession, group_id: int, member_ids: Sequence[int]) -> MembersChanged:
    """Take members out of a static group.

    Raises:
        GroupNotFound, GroupEnding, NotForThisKind
    """
    return await _change_members(session, group_id, member_ids, is_in=False)


async def read_members(session: ReadSession, group_id: int, query: GroupMemberQuery) -> Page[GroupMemberRead]:
    """A page of a group's members.

    Raises:
        GroupNotFound
    """
    await find(session, group_id)
    rows, next_cursor = await read_rows(
        session, select(GroupMember).where(GroupMember.group_id == group_id), query
    )
    return Page(
        items=[GroupMemberRead(member_id=row.member_id, since=row.since) for row in rows],
        next_cursor=next_cursor,
    )


async def static_by_code(session: WriteSession, codes: Sequence[str]) -> dict[str, Group]:
    """Static groups in force by code, which aren't deleted until the transaction ends."""
    rows = await session.scalars(
        select(Group)
        .where(
            Group.code.in_(codes),
            Group.kind == GroupKind.STATIC.value,
            Group.state == GroupState.ACTIVE.value,
        )
        .order_by(Group.id)
        .with_for_update(read=True)
    )
    return {group.code: group for group in rows}


async def _change_members(
    session: WriteSession, group_id: int, member_ids: Sequence[int], *, is_in: bool
) -> MembersChanged:
    group = await _static(session, group_id)
    changed, unknown = await change_by_hand(session, group, member_ids, is_in=is_in, now=utc_now())
    return MembersChanged(changed=changed, unknown=unknown)


async def _static(session: WriteSession, group_id: int) -> Group:
    group = await _lock(session, group_id)
    if group.kind != GroupKind.STATIC:
        raise NotForThisKind
    return group


async def _lock(session: WriteSession, group_id: int) -> Group:
    """A group in force, which nobody else changes or deletes until the transaction ends."""
    # Short of a key lock, which rows of members would have to wait for while they hold their members.
    group = await session.get(Group, group_id, with_for_update={"key_share": True})
    if group is None:
        raise GroupNotFound
    if group.state == GroupState.ENDING:
        raise GroupEnding
    return group


async def _compute(session: WriteSession, group_id: int, caller: Caller) -> JobRun:
    run = run_store.enqueue(session, COMPUTE_GROUPS, {"group_ids": [group_id]}, caller, now=utc_now())
    await session.flush()
    return run


async def _shown(session: AnySession, groups: Sequence[Group]) -> list[GroupRead]:
    rows = await session.scalars(
        select(GroupComputation).where(GroupComputation.group_id.in_([group.id for group in groups]))
    )
    computations = {row.group_id: row for row in rows}
    return [_read(group, computations.get(group.id)) for group in groups]


def _read(group: Group, computation: GroupComputation | None) -> GroupRead:
    computed_at: datetime | None = None if computation is None else computation.computed_at
    return GroupRead(
        id=group.id,
        code=group.code,
        title=group.title,
        title_fa=group.title_fa,
        kind=GroupKind(group.kind),
        effect=GroupEffect(group.effect),
        segment_bit=group.segment_bit,
        priority=group.priority,
        query=group.query,
        schedule=GroupSchedule(group.schedule),
        state=GroupState(group.state),
        due_at=None if computation is None else computation.due_at,
        members=None if computation is None or computed_at is None else computation.members,
        computed_at=computed_at,
        created_at=group.created_at,
    )
