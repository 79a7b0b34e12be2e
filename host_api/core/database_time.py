"""The clock that all processes on one database share: what leases and due times are compared with."""

from datetime import datetime

from sqlalchemy import DateTime, func, select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession


async def database_now(session: AnySession) -> datetime:
    """The present instant by the database server's clock; an embedded database has this machine's."""
    if session.get_bind().dialect.name == "sqlite":
        return utc_now()
    now: datetime | None = await session.scalar(select(func.clock_timestamp(type_=DateTime(timezone=True))))
    if now is None:
        raise RuntimeError("the database told no time")
    return now
