"""Queries of the members service."""

from sqlalchemy import select

from host_api.core.database import AnySession, WriteSession
from host_api.services.members.models import Member


async def add(session: WriteSession, member: Member) -> None:
    """Store a new member and give it its id."""
    session.add(member)
    await session.flush()


async def find(session: AnySession, member_id: int) -> Member | None:
    """The member with this id."""
    return await session.get(Member, member_id)


async def page(session: AnySession, *, mobile: str | None, after: int | None, limit: int) -> list[Member]:
    """Members in the order they joined."""
    statement = select(Member).order_by(Member.id).limit(limit)
    if mobile is not None:
        statement = statement.where(Member.mobile == mobile)
    if after is not None:
        statement = statement.where(Member.id > after)
    return list(await session.scalars(statement))
