"""Queries of the households service."""

from collections.abc import Iterable

from sqlalchemy import func, select

from host_api.core.database import AnySession, WriteSession
from host_api.services.households.models import Household, HouseholdMember
from host_api.services.households.schemas import HouseholdRelation


async def find(session: AnySession, household_id: int) -> Household | None:
    """The household with this id."""
    return await session.get(Household, household_id)


async def lock(session: WriteSession, household_id: int) -> Household | None:
    """The same, which nobody else changes until the transaction ends."""
    return await session.get(Household, household_id, with_for_update=True)


async def present(session: AnySession, household_ids: Iterable[int]) -> dict[int, list[HouseholdMember]]:
    """Who is in these households now, the head first, then as they joined."""
    rows = await session.scalars(
        select(HouseholdMember)
        .where(HouseholdMember.household_id.in_(list(household_ids)), HouseholdMember.left_at.is_(None))
        .order_by(HouseholdMember.id)
    )
    found: dict[int, list[HouseholdMember]] = {}
    for row in rows:
        found.setdefault(row.household_id, []).append(row)
    for rows_of_one in found.values():
        rows_of_one.sort(key=lambda row: (row.relation != HouseholdRelation.HEAD, row.id))
    return found


async def membership(session: AnySession, member_id: int) -> HouseholdMember | None:
    """Where a member is now."""
    found: HouseholdMember | None = await session.scalar(
        select(HouseholdMember).where(
            HouseholdMember.member_id == member_id, HouseholdMember.left_at.is_(None)
        )
    )
    return found


async def memberships(session: AnySession, member_id: int) -> list[HouseholdMember]:
    """Where a member is and was."""
    rows = await session.scalars(
        select(HouseholdMember).where(HouseholdMember.member_id == member_id).order_by(HouseholdMember.id)
    )
    return list(rows)


async def next_number(session: AnySession) -> int:
    """A number that no household has had."""
    return (await session.scalar(select(func.max(Household.number))) or 0) + 1
