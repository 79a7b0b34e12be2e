"""Queries of the terminals service."""

from sqlalchemy import select

from host_api.core.database import AnySession, WriteSession
from host_api.services.terminals.models import Terminal


async def add(session: WriteSession, terminal: Terminal) -> None:
    """Store a new terminal and give it its id."""
    session.add(terminal)
    await session.flush()


async def find(session: AnySession, terminal_id: str) -> Terminal | None:
    """The terminal with this terminal id."""
    return await session.scalar(select(Terminal).where(Terminal.terminal_id == terminal_id))


async def page(
    session: AnySession, *, branch_id: int | None, after: int | None, limit: int
) -> list[Terminal]:
    """Terminals in the order of registration."""
    statement = select(Terminal).order_by(Terminal.id).limit(limit)
    if branch_id is not None:
        statement = statement.where(Terminal.branch_id == branch_id)
    if after is not None:
        statement = statement.where(Terminal.id > after)
    return list(await session.scalars(statement))
