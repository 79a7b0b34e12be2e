"""Who is in which group, and what of it stands in the members' records.

Every change of memberships locks the members first, so that of two at once the second sees the first's.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from host_api.core.database import AnySession, WriteSession
from host_api.core.default_rows import insert_missing
from host_api.services.groups.models import Group, GroupMember
from host_api.services.groups.schemas import GroupEffect
from host_api.services.members import selection
from host_api.services.members.selection import MemberBrief
from host_api.services.members.standing import Standing, set_standings

# Of memberships put into one statement: databases bound its parameters.
_ROWS_AT_ONCE = 5000

Membership = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to change of some members: memberships by group and member, and their records."""

    added: frozenset[Membership]
    removed: frozenset[Membership]
    standings: Mapping[int, Standing]

    @property
    def member_ids(self) -> list[int]:
        """Everybody for whom something changes."""
        return sorted({member_id for _, member_id in self.added | self.removed} | set(self.standings))


async def all_groups(session: AnySession) -> list[Group]:
    """All groups of the programme; there are some hundreds at most."""
    return list(await session.scalars(select(Group).order_by(Group.priority, Group.id)))


async def plan(
    session: AnySession,
    members: Sequence[MemberBrief],
    groups: Sequence[Group],
    wanted: Mapping[int, Collection[int]],
) -> Plan:
    """What has to change so that groups have the members wanted.

    Parameters:
        groups: all of them, as `all_groups` gives them.
        wanted: of groups by id, which of `members` should be in; other groups stay as they are.
    """
    ids = [member.id for member in members]
    rows = await session.execute(
        select(GroupMember.group_id, GroupMember.member_id).where(GroupMember.member_id.in_(ids))
    )
    present = {(group_id, member_id) for group_id, member_id in rows}
    target = {row for row in present if row[0] not in wanted}
    target |= {(group_id, member_id) for group_id, found in wanted.items() for member_id in found}
    by_member: dict[int, set[int]] = {}
    for group_id, member_id in target:
        by_member.setdefault(member_id, set()).add(group_id)
    standings = {member.id: _standing(member, groups, by_member.get(member.id, set())) for member in members}
    return Plan(
        frozenset(target - present),
        frozenset(present - target),
        {member_id: standing for member_id, standing in standings.items() if standing},
    )


async def carry_out(session: WriteSession, wanted: Plan, now: datetime) -> None:
    """Write a plan that was made with its members locked."""
    added = [
        {"group_id": group_id, "member_id": member_id, "since": now}
        for group_id, member_id in sorted(wanted.added)
    ]
    for first in range(0, len(added), _ROWS_AT_ONCE):
        await insert_missing(session, GroupMember, added[first : first + _ROWS_AT_ONCE])
    by_group: dict[int, list[int]] = {}
    for group_id, member_id in wanted.removed:
        by_group.setdefault(group_id, []).append(member_id)
    for group_id, member_ids in sorted(by_group.items()):
        await session.execute(
            delete(GroupMember)
            .where(GroupMember.group_id == group_id, GroupMember.member_id.in_(member_ids))
            .execution_options(synchronize_session=False)
        )
    await set_standings(session, wanted.standings)


async def change_by_hand(
    session: WriteSession, group: Group, member_ids: Iterable[int], *, is_in: bool, now: datetime
) -> tuple[int, list[int]]:
    """Put members into a group or take them out; how many that changes, and ids that nobody has."""
    wanted_ids = set(member_ids)
    members = await selection.lock(session, wanted_ids)
    known = {member.id for member in members}
    changes = await plan(session, members, await all_groups(session), {group.id: known if is_in else ()})
    await carry_out(session, changes, now)
    return len(changes.added) + len(changes.removed), sorted(wanted_ids - known)


def _standing(member: MemberBrief, groups: Sequence[Group], mine: Collection[int]) -> Standing:
    """What of a member's record differs from what the groups make of it."""
    standing: Standing = {}
    bits = {group.segment_bit: group.id in mine for group in groups if group.segment_bit is not None}
    segments = {bit for bit in member.segments if bit not in bits} | {bit for bit in bits if bits[bit]}
    if segments != member.segments:
        standing["segments"] = sorted(segments)
    codes = [group for group in groups if group.effect == GroupEffect.GROUP]
    # Groups come by priority. A group that was given elsewhere and is none of these is left alone.
    best = next((group.code for group in codes if group.id in mine), None)
    if best is None and member.group not in {group.code for group in codes}:
        best = member.group
    if best != member.group:
        standing["group"] = best
    return standing


async def present(session: AnySession, pairs: Sequence[tuple[str, int]]) -> dict[str, int]:
    """Of codes of groups and member ids those that are memberships, as ``code:id`` with the member's id."""
    rows = await session.execute(
        select(Group.code, GroupMember.member_id)
        .join(GroupMember, GroupMember.group_id == Group.id)
        .where(
            Group.code.in_({code for code, _ in pairs}),
            GroupMember.member_id.in_({member_id for _, member_id in pairs}),
        )
    )
    wanted = {f"{code}:{member_id}" for code, member_id in pairs}
    return {key: member_id for code, member_id in rows if (key := f"{code}:{member_id}") in wanted}
