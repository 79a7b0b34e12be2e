"""Which members something is still under way for."""

from sqlalchemy import func, or_, select

from host_api.core.database import AnySession
from host_api.core.ledger.requests import LedgerRequest
from host_api.core.ledger.states import OPEN_STATES, RequestState

_NOT_OVER = [state.value for state in (*OPEN_STATES, RequestState.DOUBTFUL)]


async def open_requests(session: AnySession, member_id: int) -> int:
    """How many requests that concern a member are open or doubtful."""
    statement = select(func.count(LedgerRequest.id)).where(
        or_(LedgerRequest.member_id == member_id, LedgerRequest.other_member_id == member_id),
        LedgerRequest.state.in_(_NOT_OVER),
    )
    return await session.scalar(statement) or 0
