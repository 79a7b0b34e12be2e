"""Registration of terminals."""

from collections.abc import Sequence

from sqlalchemy import select

from host_api.core import outbox
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.errors import Problem
from host_api.core.events.emission import Subject, emit
from host_api.core.listing import Page, read_rows, read_rows_after
from host_api.core.outbox import SubjectKind, SwitchStanding
from host_api.services.merchants import logic as merchants
from host_api.services.terminals import repository
from host_api.services.terminals.events import TERMINAL_REGISTERED, TerminalRegistered
from host_api.services.terminals.listing import TerminalFilters, TerminalQuery
from host_api.services.terminals.models import Terminal
from host_api.services.terminals.schemas import TerminalCreate, TerminalRead, TerminalStatus
from protocol.dialect import FileName, Tag

_STATUS_ON_SWITCH = {TerminalStatus.ACTIVE: "A", TerminalStatus.BLOCKED: "B"}
_TERMINAL_ROLE = "T"


class TerminalNotFound(Problem):
    """No terminal has this id."""

    status = 404
    code = "terminal-not-found"
    title = "Terminal not found"
    title_fa = "پایانه پیدا نشد"
    detail = "There is no terminal with this terminal id."
    detail_fa = "پایانه‌ای با این شماره وجود ندارد."


class TerminalIdTaken(Problem):
    """Another terminal, or this host itself, has the id."""

    status = 409
    code = "terminal-id-taken"
    title = "Terminal id taken"
    title_fa = "شمارهٔ پایانه تکراری است"
    detail = "This terminal id is in use already."
    detail_fa = "این شمارهٔ پایانه پیش‌تر به کار رفته است."
    field = "terminal_id"


async def create(session: WriteSession, wanted: TerminalCreate, *, host_id: str) -> TerminalRead:
    """Store a new terminal and send its record to the switch.

    Parameters:
        host_id: the id of this host's own link, which no terminal may take over.

    Raises:
        merchants.BranchNotFound, TerminalIdTaken
    """
    branch = await merchants.read_branch(session, wanted.branch_id)
    if wanted.terminal_id == host_id or await repository.find(session, wanted.terminal_id) is not None:
        raise TerminalIdTaken
    terminal = Terminal(
        terminal_id=wanted.terminal_id,
        branch_id=branch.id,
        key_generation=wanted.key_generation,
        status=TerminalStatus.ACTIVE.value,
        created_at=utc_now(),
    )
    async with conflict_as(TerminalIdTaken()):
        await repository.add(session, terminal)
    outbox.enqueue(
        session,
        subject_kind=SubjectKind.TERMINAL,
        subject_id=terminal.id,
        file_name=FileName.TERMINAL,
        record={
            Tag.SUBJECT_TERMINAL_ID.value: terminal.terminal_id,
            Tag.RECORD_MERCHANT_ID.value: branch.merchant_id,
            Tag.BRANCH_NUMBER.value: f"{branch.branch_number:06d}",
            Tag.KEY_GENERATION.value: f"{terminal.key_generation:04d}",
            Tag.LINK_ROLE.value: _TERMINAL_ROLE,
            Tag.STATUS.value: _STATUS_ON_SWITCH[TerminalStatus(terminal.status)],
        },
    )
    emit(
        session,
        TERMINAL_REGISTERED,
        Subject("terminal", terminal.terminal_id),
        TerminalRegistered(id=terminal.id, terminal_id=terminal.terminal_id, branch_id=terminal.branch_id),
    )
    return _read(terminal, outbox.PENDING)


async def read(session: AnySession, terminal_id: str) -> TerminalRead:
    """One terminal.

    Raises:
        TerminalNotFound
    """
    terminal = await repository.find(session, terminal_id)
    if terminal is None:
        raise TerminalNotFound
    return _read(terminal, await outbox.standing(session, SubjectKind.TERMINAL, terminal.id))


async def read_page(session: ReadSession, query: TerminalQuery) -> Page[TerminalRead]:
    """A page of terminals."""
    terminals, next_cursor = await read_rows(session, select(Terminal), query)
    return Page(items=await _read_all(session, terminals), next_cursor=next_cursor)


async def read_after(
    session: AnySession, query: TerminalFilters, cursor: str | None, limit: int
) -> tuple[list[TerminalRead], str | None]:
    """Up to `limit` terminals after `cursor`, and the cursor of those behind them."""
    terminals, next_cursor = await read_rows_after(session, select(Terminal), query, cursor, limit)
    return await _read_all(session, terminals), next_cursor


async def _read_all(session: AnySession, terminals: Sequence[Terminal]) -> list[TerminalRead]:
    standings = await outbox.standings(session, SubjectKind.TERMINAL, [terminal.id for terminal in terminals])
    return [_read(terminal, standings.get(terminal.id, outbox.PENDING)) for terminal in terminals]


def _read(terminal: Terminal, standing: SwitchStanding) -> TerminalRead:
    return TerminalRead(
        id=terminal.id,
        terminal_id=terminal.terminal_id,
        branch_id=terminal.branch_id,
        key_generation=terminal.key_generation,
        status=TerminalStatus(terminal.status),
        created_at=terminal.created_at,
        switch_state=standing.state,
        switch_response_code=standing.response_code,
    )
