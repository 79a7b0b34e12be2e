"""How many points acts wait."""

from sqlalchemy import func, select

from host_api.core.database import AnySession
from host_api.services.points.models import PointsAct
from host_api.services.points.schemas import PointsActState


async def count_asked(session: AnySession) -> int:
    """Acts that wait for a second person."""
    waiting = select(func.count()).select_from(PointsAct).where(PointsAct.state == PointsActState.ASKED.value)
    return await session.scalar(waiting) or 0
