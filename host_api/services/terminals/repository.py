"""Queries of the terminals service."""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from host_api.core.database import AnySession, WriteSession
from host_api.services.terminals.models import Terminal, TerminalParameters


async def add(session: WriteSession, row: Terminal | TerminalParameters) -> None:
    """Store a new row and give it its id."""
    session.add(row)
    await session.flush()


async def find(session: AnySession, terminal_id: str) -> Terminal | None:
    """The terminal with this terminal id."""
    return await session.scalar(select(Terminal).where(Terminal.terminal_id == terminal_id))


async def key_and_branch(session: AnySession, terminal_id: str) -> tuple[int, int] | None:
    """Id and branch of a terminal that is to be locked: what was loaded before can't be read anew then."""
    row = (
        await session.execute(
            select(Terminal.id, Terminal.branch_id).where(Terminal.terminal_id == terminal_id)
        )
    ).one_or_none()
    return None if row is None else (row.id, row.branch_id)


async def find_by_key(session: AnySession, key: int) -> Terminal | None:
    """The terminal with this id of ours."""
    return await session.get(Terminal, key)


async def lock(session: WriteSession, key: int) -> Terminal | None:
    """The terminal as it is now, kept from other writers until the transaction ends."""
    return await session.get(Terminal, key, with_for_update=True)


async def lock_of_branches(
    session: WriteSession, branch_ids: Collection[int], after: int, limit: int
) -> Sequence[Terminal]:
    """Up to `limit` terminals of branches by id, kept from other writers."""
    rows = await session.scalars(
        select(Terminal)
        .where(Terminal.branch_id.in_(list(branch_ids)), Terminal.id > after)
        .order_by(Terminal.id)
        .limit(limit)
        .with_for_update()
    )
    return rows.all()


async def parameters_of(
    session: AnySession, holders: Collection[tuple[str, int]], *, for_update: bool = False
) -> dict[str, TerminalParameters]:
    """What each of these holders, one of a level, gives its terminals."""
    found: dict[str, TerminalParameters] = {}
    for level, holder_id in holders:
        statement = select(TerminalParameters).where(
            TerminalParameters.level == level, TerminalParameters.holder_id == holder_id
        )
        row = await session.scalar(statement.with_for_update() if for_update else statement)
        if row is not None:
            found[level] = row
    return found
