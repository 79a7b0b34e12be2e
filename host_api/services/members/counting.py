"""How many members joined."""

from datetime import datetime

from sqlalchemy import func, select

from host_api.core.database import AnySession
from host_api.services.members.models import Member


async def count_joined(session: AnySession, begin: datetime, end: datetime) -> int:
    """Members that joined from `begin` on, before `end`."""
    joined = select(func.count()).select_from(Member)
    return await session.scalar(joined.where(Member.created_at >= begin, Member.created_at < end)) or 0
