"""Queries of the members service."""

from host_api.core.database import AnySession, WriteSession
from host_api.services.members.models import Member


async def add(session: WriteSession, member: Member) -> None:
    """Store a new member and give it its id."""
    session.add(member)
    await session.flush()


async def find(session: AnySession, member_id: int) -> Member | None:
    """The member with this id."""
    return await session.get(Member, member_id)
