"""How many voids and returns wait."""

from sqlalchemy import func, select

from host_api.core.database import AnySession
from host_api.services.transaction_requests.models import TransactionRequest
from host_api.services.transaction_requests.schemas import RequestState


async def count_asked(session: AnySession) -> int:
    """Voids and returns that wait for a second person."""
    waiting = select(func.count()).select_from(TransactionRequest)
    return await session.scalar(waiting.where(TransactionRequest.state == RequestState.ASKED.value)) or 0
