"""Queries of the members service."""

from collections.abc import Sequence

from sqlalchemy import select

from host_api.core.database import AnySession, WriteSession
from host_api.core.isolation import programme_of
from host_api.services.members.models import Member


async def find(session: AnySession, member_id: int) -> Member | None:
    """The member with this id."""
    return await session.get(Member, (programme_of(session.sync_session), member_id))


async def find_many(session: AnySession, member_ids: Sequence[int]) -> list[Member]:
    """The members with these ids."""
    return list(await session.scalars(select(Member).where(Member.id.in_(member_ids))))


async def lock_many(session: WriteSession, member_ids: Sequence[int]) -> list[Member]:
    """The same, which nobody else changes until the transaction ends."""
    found = await session.scalars(
        select(Member).where(Member.id.in_(member_ids)).order_by(Member.id).with_for_update()
    )
    return list(found)


async def lock(session: WriteSession, member_id: int) -> Member | None:
    """One of them."""
    return next(iter(await lock_many(session, [member_id])), None)
