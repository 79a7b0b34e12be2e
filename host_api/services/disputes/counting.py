"""How many cases are not decided."""

from datetime import datetime

from sqlalchemy import Select, func, select

from host_api.core.database import AnySession
from host_api.services.disputes.models import Dispute
from host_api.services.disputes.schemas import DisputeState

_UNDECIDED = (DisputeState.OPEN.value, DisputeState.WAITING.value)


async def count_undecided(session: AnySession) -> int:
    """Cases that are not decided."""
    return await session.scalar(_undecided()) or 0


async def count_overdue(session: AnySession, now: datetime) -> int:
    """Those of them whose deadline is over."""
    return await session.scalar(_undecided().where(Dispute.deadline_at <= now)) or 0


def _undecided() -> Select[int]:
    return select(func.count()).select_from(Dispute).where(Dispute.state.in_(_UNDECIDED))
