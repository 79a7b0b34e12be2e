"""Queries of the members service."""

from collections.abc import Sequence

from sqlalchemy import func, select

from host_api.core.bulk.row_numbers import number_new_rows
from host_api.core.database import AnySession, WriteSession
from host_api.services.members.models import Member


async def add(session: WriteSession, *members: Member) -> None:
    """Store new members and give them their ids."""
    session.add_all(members)
    if len(members) > 1:
        await number_new_rows(session)
    await session.flush()


async def find(session: AnySession, member_id: int) -> Member | None:
    """The member with this id."""
    return await session.get(Member, member_id)


async def find_many(session: AnySession, member_ids: Sequence[int]) -> list[Member]:
    """The members with these ids."""
    return list(await session.scalars(select(Member).where(Member.id.in_(member_ids))))


async def ids_by_mobile(session: AnySession, mobiles: Sequence[str]) -> dict[str, int]:
    """The lowest id of the members with each of these mobile numbers."""
    rows = await session.execute(
        select(Member.mobile, func.min(Member.id)).where(Member.mobile.in_(mobiles)).group_by(Member.mobile)
    )
    return {mobile: member_id for mobile, member_id in rows if mobile is not None}
