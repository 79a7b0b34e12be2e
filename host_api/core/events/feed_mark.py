"""How far the journal feed has become events, so that a rebuilt projection tells nothing twice."""

from sqlalchemy import select

from host_api.core.database import AnySession, WriteSession
from host_api.core.events.models import FeedMark


async def advance_mark(session: WriteSession, position: int) -> int:
    """Move the mark up to `position`, never back; where it stood before.

    Only inside the projection's transaction, whose lock on the feed's position keeps others out.
    """
    mark: FeedMark | None = await session.scalar(select(FeedMark))
    if mark is None:
        session.add(FeedMark(position=position))
        return 0
    before = mark.position
    mark.position = max(before, position)
    return before


async def told_up_to(session: AnySession) -> int:
    """The journal position up to which the feed has been told; inside the projection's transaction."""
    mark: FeedMark | None = await session.scalar(select(FeedMark))
    return 0 if mark is None else mark.position
