"""Counts that never fall below their least: changed in one statement, however many change them at once."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import InstrumentedAttribute

from host_api.core.database import WriteSession


async def change_count(
    session: WriteSession,
    count: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
    row: Sequence[ColumnElement[bool]],
    change: int,
    *,
    least: int | None = 0,
) -> int | None:
    """Let a row's count rise or fall.

    Parameters:
        row: which row it is.
        least: what it may not fall below; None for no end. A rise is never refused.

    Returns:
        The count after it; None where it would have fallen too low, or there is no such row.
    """
    conditions = [*row]
    if least is not None and change < 0:
        conditions.append(count + change >= least)
    changed: int | None = await session.scalar(
        update(count.class_)
        .where(*conditions)
        .values({count: count + change})
        .returning(count)
        .execution_options(synchronize_session=False)
    )
    return changed
