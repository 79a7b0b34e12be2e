"""How far a programme's projection has come: one row, moved only from where the mover believes it to be."""

from sqlalchemy import BigInteger, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.database import AnySession, WriteSession
from host_api.core.programmes import KeyedByProgramme
from host_api.core.tables import Base


class FeedPosition(KeyedByProgramme, Base):
    """The programme's row; whoever makes a programme also makes the row."""

    __tablename__ = "feed_position"
    is_audited = False

    position: Mapped[int] = mapped_column(BigInteger)
    last_event_at_ms: Mapped[int | None] = mapped_column(BigInteger)


class PositionMoved(Exception):  # noqa: N818
    """Somebody else has moved the position: what was about to be applied has been, or must be read again."""


async def read_position(session: AnySession) -> FeedPosition:
    """The present position."""
    row: FeedPosition | None = await session.scalar(select(FeedPosition))
    if row is None:
        raise RuntimeError("the feed position row is missing")
    return row


async def move_position(
    session: WriteSession, *, expected: int, position: int, last_event_at_ms: int | None
) -> None:
    """Move from `expected` to `position`; as the first statement of a transaction it also locks out other
    projectors.

    Raises:
        PositionMoved: the position is not `expected`.
    """
    result = await session.execute(
        update(FeedPosition)
        .where(FeedPosition.position == expected)
        .values(position=position, last_event_at_ms=last_event_at_ms)
        .execution_options(synchronize_session=False)
    )
    if not isinstance(result, CursorResult) or result.rowcount != 1:
        raise PositionMoved


async def lock_position(session: WriteSession) -> int:
    """The present position, locked until the transaction ends."""
    position = await session.scalar(select(FeedPosition.position).with_for_update())
    if position is None:
        raise RuntimeError("the feed position row is missing")
    return position
