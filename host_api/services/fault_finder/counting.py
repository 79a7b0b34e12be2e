"""How many faults are open."""

from sqlalchemy import func, select, true

from host_api.core.database import AnySession
from host_api.services.fault_finder.models import Fault


async def count_open(session: AnySession) -> int:
    """Faults that nobody has acknowledged since they were last seen."""
    return await session.scalar(select(func.count()).select_from(Fault).where(Fault.is_open == true())) or 0
