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
